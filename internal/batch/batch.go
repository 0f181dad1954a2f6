// Package batch evaluates the environments that arguments, names and labels ask for, many
// at a time.
package batch

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"

	"github.com/mop-platform/mop/internal/pool"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Asked is an entrypoint and a selection of its environments.
type Asked struct {
	workspace.Entry
	Selection Selection
}

// Environment is an environment of a project.
type Environment struct {
	render.Environment
	State *workspace.State
}

// Objects returns its objects. The error is that of [render.Renderer.Objects].
func (e Environment) Objects(ctx context.Context) ([]manifest.Object, error) {
	return e.State.Objects(ctx, e.Environment)
}

// One evaluates an entrypoint and returns its one selected environment, with warnings. The
// error is a [*diag.List] if the Jsonnet is wrong, or if no environment or several match.
func One(ctx context.Context, a Asked) (Environment, diag.List, error) {
	file, err := a.load(ctx)
	if err != nil {
		return Environment{}, nil, err
	}
	env, err := render.One(file.Environments, a.Entrypoint, a.Selection.Name)
	if l, ok := diag.From(err); ok && len(file.Environments) > 1 {
		one := slices.Concat(render.Select(file.Environments, a.Selection.Name), file.Environments)[0]
		l[0].Values["example"] = a.State.Shown(a.Dir) + ":" + one.Name()
	}
	return Environment{env, a.State}, file.Warnings, err
}

func (a Asked) load(ctx context.Context) (render.File, error) {
	return a.State.Load(ctx, a.Entry.Environment, a.Selection.chooser())
}

// open evaluates the entrypoint until its environments are known. The selected ones are
// Chosen. If their number is not the one that the selection wants, the error is a
// [*diag.List] and none is true.
func (a Asked) open(ctx context.Context) (file render.File, none bool, err error) {
	if file, err = a.load(ctx); err != nil {
		return file, false, err
	}
	if n := len(a.Selection.named(file.Environments)); n == 0 && a.Selection.Count == Some || n != 1 && a.Selection.Count == Single {
		_, err := render.One(file.Environments, a.Shown(), a.Selection.Name)
		return file, true, err
	}
	file.Chosen = a.Selection.Of(file.Chosen)
	return file, false, nil
}

// Outcome is the result of an entrypoint.
type Outcome[T any] struct {
	// Values are the results of the selected environments, in their order. Errs are their
	// errors.
	Values []T
	Errs   []error
	// Warnings are about the environments' specs.
	Warnings diag.List
	// Err says why there are no environments. It is a [*diag.List] if the Jsonnet is wrong,
	// or if the number of matching environments is not the one that the selection wants;
	// then None is true.
	Err  error
	None bool
}

// Each calls f with each selected environment, on all processors, and returns an Outcome
// for each of asked, in their order. After f it keeps only the environment's resource and
// the result of f, so that memory holds only the environments at work. It tells watch, if
// not nil, how many of them are done.
func Each[T any](ctx context.Context, asked []Asked, watch func(done, of int), f func(Asked, Environment) (T, error)) []Outcome[T] {
	outcomes := make([]Outcome[T], len(asked))
	jobs := make([]pool.Job, len(asked))
	for i, a := range asked {
		jobs[i] = func() (int, func(bool) func(int)) { return outcomes[i].begin(ctx, a, f) }
	}
	pool.Run(runtime.GOMAXPROCS(0), jobs, watch)
	return outcomes
}

// begin opens an entrypoint. It returns the number of its selected environments, and a
// function whose result calls f for one of them.
func (o *Outcome[T]) begin(ctx context.Context, a Asked, f func(Asked, Environment) (T, error)) (int, func(bool) func(int)) {
	file, none, err := a.open(ctx)
	if err != nil {
		o.Err, o.None = err, none
		return 0, nil
	}
	o.Warnings = file.Warnings
	n := len(file.Chosen)
	o.Values, o.Errs = make([]T, n), make([]error, n)
	return n, func(first bool) func(int) {
		own := file
		if !first {
			own = file.Again(ctx)
		}
		return func(i int) {
			env := own.Chosen[i]
			defer env.Release()
			o.Values[i], o.Errs[i] = f(a, Environment{env, a.State})
		}
	}
}

// List returns the environments of entrypoints without their objects, sorted by name. It
// also returns the faults of the others, and warnings.
func List(ctx context.Context, entries []workspace.Entry, watch func(done, of int)) ([]render.Environment, diag.List, error) {
	files := make([]render.File, len(entries))
	errs := make([]error, len(entries))
	pool.Each(runtime.GOMAXPROCS(0), len(entries), func(i int) {
		files[i], errs[i] = entries[i].State.List(ctx, entries[i].Environment)
	}, watch)
	var envs []render.Environment
	var found diag.List
	for i, file := range files {
		l, ok := diag.From(errs[i])
		if errs[i] != nil && !ok {
			return nil, nil, fmt.Errorf("environment %s: %w", entries[i].Dir, errs[i])
		}
		found = append(append(found, l...), file.Warnings...)
		if errs[i] == nil {
			envs = append(envs, file.Environments...)
		}
	}
	slices.SortFunc(envs, func(a, b render.Environment) int {
		return cmp.Or(cmp.Compare(a.Name(), b.Name()), cmp.Compare(a.Entry.Entrypoint, b.Entry.Entrypoint))
	})
	return envs, found, nil
}
