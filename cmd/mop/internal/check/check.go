// Package check checks the objects of environments and of files as an API server would, and
// reports the findings.
package check

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/position"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

// Options say what is checked, and against what.
type Options struct {
	// Inputs reads files.
	Inputs inputs.Inputs
	// Selection selects among the environments of a directory, by whole names.
	Selection batch.Selection
	// One returns the entrypoint that an argument names, with a selection of its
	// environments.
	One func(ctx context.Context, arg string) (batch.Asked, error)
	// Targets select the objects of files. The workspace has selected the objects of
	// environments.
	Targets render.Targets
	// Minors are the requested versions of Kubernetes. Without any, the environments
	// decide.
	Minors []schema.Minor
	// Definitions are CustomResourceDefinitions beside those of the projects.
	Definitions []inputs.Definition
	// External and StrictReferences are as in [validate.Config].
	External         []string
	StrictReferences bool
	// Servers are the API servers to ask, nil for none.
	Servers *Servers
	// Watch, if not nil, is told how many environments are done.
	Watch func(done, of int)
	// Adapt is called after every few thousand objects, when most of them are garbage.
	Adapt func()
}

// Run is one run of checks.
type Run struct {
	o         Options
	workspace *workspace.Workspace
	// crds are the definitions in the options.
	crds []any
	// definitions are the definitions of the projects, by root.
	definitions map[string][]any
	// selected counts the environments that were selected.
	selected atomic.Int64

	mu         sync.Mutex
	validators map[validatorKey]*validate.Validator
}

// New returns a Run, which has read nothing yet.
func New(w *workspace.Workspace, o Options) *Run {
	r := &Run{o: o, workspace: w, definitions: map[string][]any{}, validators: map[validatorKey]*validate.Validator{}}
	r.crds = r.asObjects(o.Definitions)
	return r
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
func (r *Run) validator(s *workspace.State, minor schema.Minor) (*validate.Validator, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := validatorKey{rootOf(s), minor}
	if made, ok := r.validators[key]; ok {
		return made, nil
	}
	made, err := validate.New(validate.Config{
		Release: minor.String(), Definitions: append(slices.Clip(r.crds), r.definitions[key.root]...), External: r.o.External, StrictReferences: r.o.StrictReferences,
	})
	if l, ok := diag.From(err); ok {
		// The error is reported like others, with the absolute paths of files.
		return nil, position.Renamed(l, func(file string) string { return filepath.ToSlash(r.o.Inputs.Abs(file)) }).Err()
	}
	if err != nil {
		return nil, err
	}
	r.validators[key] = made
	return made, nil
}

// readDefinitions reads the CustomResourceDefinitions in the folder crds of a project's
// root, if there is one. s is nil for no project.
func (r *Run) readDefinitions(ctx context.Context, s *workspace.State) error {
	root := rootOf(s)
	if _, ok := r.definitions[root]; ok || root == "" {
		return nil
	}
	r.definitions[root] = nil
	info, err := s.Project.Stat(ctx, "crds")
	if errors.Is(err, project.ErrOutside) {
		return workspace.Unreadable(s.Shown("crds"), err)
	}
	if err != nil || !info.IsDir() {
		return nil
	}
	files, err := r.o.Inputs.Files(ctx, filepath.Join(root, "crds"))
	if err != nil {
		return workspace.Unreadable(s.Shown("crds"), err)
	}
	var all []inputs.Definition
	var found diag.List
	for _, file := range files {
		name := s.Name(file.Path)
		data, err := s.Project.ReadFile(ctx, name)
		if err != nil {
			return workspace.Unreadable(s.Shown(name), err)
		}
		objects, l, err := r.o.Inputs.ParseDefinitions(ctx, file.Path, bytes.NewReader(data))
		if err != nil {
			return err
		}
		all, found = append(all, objects...), append(found, l...)
	}
	r.definitions[root] = r.asObjects(all)
	return found.Err()
}

// asObjects returns definitions as objects for a check.
func (r *Run) asObjects(crds []inputs.Definition) []any {
	var objects []any
	for _, c := range crds {
		objects = append(objects, validate.Object{Source: r.o.Inputs.ShownAt(c.At), Value: c.Object})
	}
	return objects
}

// orDefault returns versions of Kubernetes or, if there are none, the default version.
func orDefault(minors []schema.Minor) []schema.Minor {
	if len(minors) == 0 {
		return []schema.Minor{release.Default}
	}
	return minors
}

// check checks objects together against versions of Kubernetes, or against the default
// version if there are none.
func (r *Run) check(ctx context.Context, s *workspace.State, minors []schema.Minor, objects []validate.Object) (c checked, err error) {
	c.minors = orDefault(minors)
	for _, minor := range c.minors {
		validator, err := r.validator(s, minor)
		if err != nil {
			return checked{}, err
		}
		result, err := validator.Check(ctx, objects)
		if err != nil {
			return checked{}, err
		}
		if r.o.Servers != nil {
			if err := r.o.Servers.judge(minor, result.Results); err != nil {
				return checked{}, err
			}
		}
		c.results = append(c.results, result.Results)
	}
	return c, nil
}

// Versions returns the versions of Kubernetes of a run. records are those of its
// environments; files says whether it also checks files.
func (r *Run) Versions(records []report.Record, files bool) []schema.Minor {
	seen := map[schema.Minor]bool{}
	for _, r := range records {
		if r.Minor != 0 {
			seen[r.Minor] = true
		}
	}
	if files {
		for _, minor := range orDefault(r.o.Minors) {
			seen[minor] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
