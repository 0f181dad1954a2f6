package check

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// Environments is the result of checking environments.
type Environments struct {
	// Project is the project of the last argument, nil for none.
	Project *workspace.State
	Records []report.Record
	// Warnings are the warnings of the evaluations.
	Warnings diag.List
	// Selected says that some environment was selected, even one without objects.
	Selected bool
}

// Environments checks the environments at paths. It frees an evaluation as soon as its
// objects are checked. A fault of an environment is a record and hides no other. The error
// says why nothing could be checked.
func (r *Run) Environments(ctx context.Context, paths []string) (Environments, error) {
	var plan batch.Plan
	var s *workspace.State
	for _, arg := range paths {
		var err error
		if s, err = r.add(ctx, &plan, arg); err != nil {
			return Environments{}, err
		}
		if err := r.readDefinitions(ctx, s); err != nil {
			return Environments{}, err
		}
	}
	var records []report.Record
	for _, d := range plan.Broken {
		records = append(records, report.Unreadable(d.At, "", diag.List{d}))
	}
	var all []checked
	var warnings diag.List
	for i, o := range batch.Each(ctx, plan.Asked, r.o.Watch, func(a batch.Asked, env batch.Environment) (checked, error) {
		return r.environment(ctx, a, env)
	}) {
		a := plan.Asked[i]
		l, wrong := diag.From(o.Err)
		switch {
		case o.None:
			return Environments{}, o.Err
		case wrong:
			all = append(all, unread(a, a.Dir, l))
		case o.Err != nil:
			return Environments{}, fmt.Errorf("environment %s: %w", a.Dir, o.Err)
		}
		for _, err := range o.Errs {
			if err != nil {
				return Environments{}, err
			}
		}
		all, warnings = append(all, o.Values...), append(warnings, o.Warnings...)
	}
	if err := checkClusters(ctx, all); err != nil {
		return Environments{}, err
	}
	for _, c := range all {
		records = append(records, c.records()...)
	}
	return Environments{s, records, warnings, r.selected.Load() > 0}, nil
}

// add adds the entrypoints of a path to a plan, and returns their project.
func (r *Run) add(ctx context.Context, plan *batch.Plan, arg string) (*workspace.State, error) {
	if r.holdsEnvironments(arg) {
		s, some, err := plan.Below(ctx, r.workspace, arg, r.o.Selection)
		if err != nil || some {
			return s, err
		}
		// The directory is in an environment, or there is no environment.
	}
	a, err := r.o.One(ctx, arg)
	if err != nil {
		return nil, err
	}
	plan.Add(a.Entry, batch.Selection{Name: a.Selection.Name, Count: batch.Some, Labels: r.o.Selection.Labels})
	return a.State, nil
}

// holdsEnvironments reports whether arg is a directory that is no environment itself.
func (r *Run) holdsEnvironments(arg string) bool {
	info, err := os.Stat(r.o.Inputs.Abs(arg))
	if arg == "" || err != nil || !info.IsDir() {
		return false
	}
	_, err = os.Stat(filepath.Join(r.o.Inputs.Abs(arg), project.Entrypoint))
	return errors.Is(err, fs.ErrNotExist)
}

// source returns the place for the objects of an entrypoint in records.
func source(a batch.Asked) diag.Position { return diag.Position{File: a.Shown()} }

// unread returns the result of a faulty environment.
func unread(a batch.Asked, environment string, l diag.List) checked {
	return checked{unread: []report.Record{report.Unreadable(source(a), environment, l)}}
}

// environment checks an environment of an entrypoint.
func (r *Run) environment(ctx context.Context, a batch.Asked, env batch.Environment) (checked, error) {
	r.selected.Add(1)
	minors, objects, err := r.objectsOf(ctx, a, env)
	if l, ok := diag.From(err); ok {
		return unread(a, env.Name(), l), nil
	}
	if err != nil {
		return checked{}, fmt.Errorf("environment %s: %w", env.Name(), err)
	}
	c, err := r.check(ctx, a.State, minors, objects)
	if err != nil {
		return checked{}, err
	}
	c.environment, c.entrypoint, c.spec = env.Name(), source(a).File, env.Resource.Spec
	for _, results := range c.results {
		for i := range results {
			results[i].Object = withoutEvaluation(env.Environment, results[i].Object)
		}
	}
	return c, nil
}

// objectsOf returns the objects of an environment and the versions of Kubernetes to check
// them against. The error is a [*diag.List] if the environment is wrong.
func (r *Run) objectsOf(ctx context.Context, a batch.Asked, env batch.Environment) ([]schema.Minor, []validate.Object, error) {
	minors := r.o.Minors
	if version := env.Resource.Spec.ExpectVersions.Kubernetes; len(minors) == 0 && version != "" {
		minor, err := schema.MinorOf("spec.expectVersions.kubernetes", version)
		if l, ok := diag.From(err); ok {
			l[0].Origins = eval.Positions(env.SpecOrigins(manifest.Path{"spec", "expectVersions", "kubernetes"}))
			return nil, nil, l.Err()
		}
		minors = []schema.Minor{minor}
	}
	rendered, err := env.Objects(ctx)
	if err != nil {
		return nil, nil, err
	}
	from := source(a)
	objects := make([]validate.Object, len(rendered))
	for i, o := range rendered {
		objects[i] = validate.Object{Source: from, Value: o, Origins: originsOf(env, o)}
	}
	return minors, objects, nil
}

// originsOf returns a function that returns the origins of an object's fields.
func originsOf(env batch.Environment, o manifest.Object) func(manifest.Path) []diag.Position {
	return func(field manifest.Path) []diag.Position {
		origins := eval.Positions(env.ObjectOrigins(o, field))
		origins = origins[:min(render.MostOrigins, len(origins))]
		for i := range origins {
			origins[i].File = env.State.Shown(origins[i].File)
		}
		return origins
	}
}
