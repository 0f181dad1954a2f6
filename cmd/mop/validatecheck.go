package main

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/release"
	"github.com/mop-platform/mop/pkg/render"
	"github.com/mop-platform/mop/pkg/report"
	"github.com/mop-platform/mop/pkg/schema"
	"github.com/mop-platform/mop/pkg/validate"
)

// validateRun is one run of the command.
type validateRun struct {
	*app
	workspace *workspace.Workspace
	selector  labels.Selector
	// minors are the versions of Kubernetes that are asked for, none where the
	// environments say.
	minors   []schema.Minor
	external []string
	// strictReferences has all references to what is not there warned of.
	strictReferences bool
	// crds are those of --crd.
	crds []validate.Object

	// definitions are those of the projects, by root.
	definitions map[string][]validate.Object

	// selected counts the environments that were looked at.
	selected atomic.Int64

	// exact are the API servers that are asked, nil for none.
	exact *apiServers

	mu         sync.Mutex
	validators map[validatorKey]*validate.Validator
}

type validatorKey struct {
	root  string // of the project, "" for none
	minor schema.Minor
}

// rootOf returns the root of a project, "" for none.
func rootOf(s *workspace.State) string {
	if s == nil {
		return ""
	}
	return s.Root()
}

// validator returns the validator for objects of a project, nil for none.
func (v *validateRun) validator(s *workspace.State, minor schema.Minor) (*validate.Validator, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	key := validatorKey{rootOf(s), minor}
	if made, ok := v.validators[key]; ok {
		return made, nil
	}
	made, err := validate.New(validate.Options{
		Minor: minor, CRDs: append(slices.Clip(v.crds), v.definitions[key.root]...), External: v.external, StrictReferences: v.strictReferences,
	})
	if l, ok := diag.From(err); ok {
		// It is reported as any error, with files by their path.
		return nil, l.Renamed(func(file string) string { return filepath.ToSlash(v.abs(file)) })
	}
	if err != nil {
		return nil, err
	}
	v.validators[key] = made
	return made, nil
}

// readDefinitions reads the CustomResourceDefinitions in the folder crds of the
// root of a project, nil for none, if it has that.
func (v *validateRun) readDefinitions(ctx context.Context, s *workspace.State) error {
	root := rootOf(s)
	if _, ok := v.definitions[root]; ok || root == "" {
		return nil
	}
	v.definitions[root] = nil
	info, err := s.Project.Stat("crds")
	if errors.Is(err, project.ErrOutside) {
		return workspace.Unreadable(s.Shown("crds"), err)
	}
	if err != nil || !info.IsDir() {
		return nil
	}
	files, err := v.manifestFiles(ctx, filepath.Join(root, "crds"))
	if err != nil {
		return workspace.Unreadable(s.Shown("crds"), err)
	}
	var all []crdObject
	var found diag.List
	for _, file := range files {
		name := s.Name(file.path)
		data, err := s.Project.ReadFile(ctx, name)
		if err != nil {
			return workspace.Unreadable(s.Shown(name), err)
		}
		objects, l, err := v.parseCRDs(ctx, file.path, bytes.NewReader(data))
		if err != nil {
			return err
		}
		all, found = append(all, objects...), append(found, l...)
	}
	v.definitions[root] = v.asObjects(all)
	return found.Err()
}

// asObjects returns definitions as objects.
func (a *app) asObjects(crds []crdObject) []validate.Object {
	var objects []validate.Object
	for _, c := range crds {
		value, _ := c.Lookup()
		at := c.at
		at.File = a.displayPath(at.File)
		objects = append(objects, validate.Object{Source: at, Path: c.Path(), Value: value.(map[string]any)})
	}
	return objects
}

// checked is what came of an environment.
type checked struct {
	// unread are records of what cannot be read; the rest is not set then.
	unread []report.Record
	// environment is its name.
	environment string
	// entrypoint is its file, as the user calls it.
	entrypoint string
	spec       project.Spec
	// results are by the versions of Kubernetes.
	minors  []schema.Minor
	results [][]validate.Result
}

// orDefault returns versions of Kubernetes or, where there are none, the one by
// default.
func orDefault(minors []schema.Minor) []schema.Minor {
	if len(minors) == 0 {
		return []schema.Minor{release.Default}
	}
	return minors
}

// check checks the objects that belong together against versions of Kubernetes,
// by default one.
func (v *validateRun) check(ctx context.Context, s *workspace.State, minors []schema.Minor, objects []validate.Object) (c checked, err error) {
	c.minors = orDefault(minors)
	for _, minor := range c.minors {
		validator, err := v.validator(s, minor)
		if err != nil {
			return checked{}, err
		}
		results, err := validator.Check(ctx, objects)
		if err != nil {
			return checked{}, err
		}
		if v.exact != nil {
			if err := v.exact.judge(minor, results); err != nil {
				return checked{}, err
			}
		}
		c.results = append(c.results, results)
	}
	return c, nil
}

// withoutEvaluation makes of a checked object of an environment one that knows the
// origins of the whole only, which is what checkClusters needs, and keeps nothing
// of the evaluation that tells them.
func withoutEvaluation(env render.Environment, o validate.Object) validate.Object {
	if origins := o.Origins; origins != nil {
		o.Origins = func(manifest.Path) []diag.Position {
			defer env.Release()
			return origins(nil)
		}
	}
	return o
}

// records returns a record for each object and version, by object.
func (c checked) records() []report.Record {
	records := c.unread
	if len(c.results) == 0 {
		return records
	}
	for o := range c.results[0] {
		for i, minor := range c.minors {
			records = append(records, report.Record{Result: c.results[i][o], Environment: c.environment, Minor: minor})
		}
	}
	return records
}

// checkClusters holds environments against each other.
func checkClusters(ctx context.Context, all []checked) error {
	names := distinctNames(all)
	for version := 0; ; version++ {
		var environments []validate.Environment
		var at []int
		for i, c := range all {
			if version < len(c.results) {
				at = append(at, i)
				environments = append(environments, validate.Environment{
					Name: names[i], APIServer: c.spec.APIServer, ContextNames: c.spec.ContextNames, Results: c.results[version],
				})
			}
		}
		if len(environments) < 2 {
			return nil
		}
		held, err := validate.Clusters(ctx, environments)
		if err != nil {
			return err
		}
		for i, results := range held {
			all[at[i]].results[version] = results
		}
	}
}

// distinctNames returns what messages call environments: by their names, with the
// files of those that are called the same, as in two projects.
func distinctNames(all []checked) []string {
	entrypoint, several := map[string]string{}, map[string]bool{}
	for _, c := range all {
		if other, ok := entrypoint[c.environment]; ok && other != c.entrypoint {
			several[c.environment] = true
		}
		entrypoint[c.environment] = c.entrypoint
	}
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.environment
		if several[c.environment] {
			names[i] += " of " + c.entrypoint
		}
	}
	return names
}
