package check

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/pool"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/render"
	"github.com/mop-platform/mop/pkg/report"
	"github.com/mop-platform/mop/pkg/schema"
	"github.com/mop-platform/mop/pkg/validate"
)

// job is an entrypoint whose environments are to be checked.
type job struct {
	entry workspace.Entry
	// choice is among the environments of the entrypoint. Where it is exact, none
	// need be of it.
	choice batch.Selection

	// results and errs are of the environments, or one of the whole.
	results []checked
	errs    []error
}

func (j job) same(other job) bool {
	return j.entry.State == other.entry.State && j.entry.Entrypoint == other.entry.Entrypoint && j.choice.Name == other.choice.Name
}

// Environments are what came of environments.
type Environments struct {
	// Project is that of the last argument, nil for none.
	Project *workspace.State
	Records []report.Record
	// Warnings are those of the evaluations.
	Warnings diag.List
	// Selected says that some environment was meant, be it without objects.
	Selected bool
}

// Environments checks the environments that paths mean. Evaluations are let go of as
// soon as their objects are checked. What is wrong with an environment is a record, and
// hides no other; the error tells why nothing could be checked.
func (r *Run) Environments(ctx context.Context, paths []string) (Environments, error) {
	s, jobs, records, err := r.jobs(ctx, paths)
	if err != nil {
		return Environments{}, err
	}
	work := make([]pool.Job, len(jobs))
	for i := range jobs {
		work[i] = func() (int, func(bool) func(int)) { return r.open(ctx, &jobs[i]) }
	}
	r.o.Parts("environments", work)
	var all []checked
	for _, j := range jobs {
		for i := range j.results {
			if j.errs[i] != nil {
				return Environments{}, j.errs[i]
			}
			all = append(all, j.results[i])
		}
	}
	if err := checkClusters(ctx, all); err != nil {
		return Environments{}, err
	}
	for _, c := range all {
		records = append(records, c.records()...)
	}
	return Environments{s, records, r.warnings, r.selected.Load() > 0}, nil
}

// jobs returns a job for each entrypoint that paths mean, and records of what is
// broken so that it is none. The project is that of the last path.
func (r *Run) jobs(ctx context.Context, paths []string) (s *workspace.State, jobs []job, broken []report.Record, err error) {
	for _, arg := range paths {
		var more []job
		var found diag.List
		if s, more, found, err = r.jobsOf(ctx, arg); err != nil {
			return nil, nil, nil, err
		}
		if err := r.readDefinitions(ctx, s); err != nil {
			return nil, nil, nil, err
		}
		for _, d := range found {
			broken = append(broken, report.Unreadable(d.At, "", diag.List{d}))
		}
		for _, j := range more {
			if !slices.ContainsFunc(jobs, j.same) {
				jobs = append(jobs, j)
			}
		}
	}
	return s, jobs, broken, nil
}

// jobsOf returns the jobs for one path, and what is broken below it.
func (r *Run) jobsOf(ctx context.Context, arg string) (s *workspace.State, jobs []job, broken diag.List, err error) {
	if r.holdsEnvironments(arg) {
		s, entries, broken, err := r.workspace.Below(ctx, arg)
		if err != nil {
			return nil, nil, nil, err
		}
		for _, entry := range entries {
			jobs = append(jobs, job{entry: entry, choice: r.o.Selection})
		}
		if len(jobs)+len(broken) > 0 {
			return s, jobs, r.o.Selection.Broken(broken, s.Shown(r.o.Selection.Name)), nil
		}
		// It lies in an environment, or there is none.
	}
	entry, err := r.o.One(ctx, arg)
	chosen := batch.Selection{Name: entry.Name, Selector: r.o.Selection.Selector}
	return entry.State, []job{{entry: entry, choice: chosen}}, nil, err
}

// holdsEnvironments reports whether arg is a directory that is no environment
// itself.
func (r *Run) holdsEnvironments(arg string) bool {
	info, err := os.Stat(r.o.Inputs.Abs(arg))
	if arg == "" || err != nil || !info.IsDir() {
		return false
	}
	_, err = os.Stat(filepath.Join(r.o.Inputs.Abs(arg), project.Entrypoint))
	return errors.Is(err, fs.ErrNotExist)
}

// open finds the environments of a job and returns what checks them.
func (r *Run) open(ctx context.Context, j *job) (int, func(bool) func(int)) {
	whole := func(c checked, err error) (int, func(bool) func(int)) {
		j.results, j.errs = []checked{c}, []error{err}
		return 0, nil
	}
	file, err := j.entry.State.Load(ctx, j.entry.Environment, j.choice.Loader())
	if l, ok := diag.From(err); ok {
		return whole(r.unread(j, j.entry.Dir, l), nil)
	}
	if err != nil {
		return whole(checked{}, fmt.Errorf("environment %s: %w", j.entry.Dir, err))
	}
	r.mu.Lock()
	r.warnings = append(r.warnings, file.Warnings...)
	r.mu.Unlock()
	if !j.choice.Exact && len(render.Select(file.Environments, j.choice.Name)) == 0 {
		_, err := render.One(file.Environments, j.entry.Shown(), j.choice.Name)
		return whole(checked{}, err)
	}
	file.Chosen = j.choice.Of(file.Chosen)
	n := len(file.Chosen)
	j.results, j.errs = make([]checked, n), make([]error, n)
	return n, func(first bool) func(int) {
		own := file
		if !first {
			own = file.Again(ctx)
		}
		return func(i int) { j.results[i], j.errs[i] = r.environment(ctx, j, own.Chosen[i]) }
	}
}

// source is what records say of where objects of a job are from.
func (r *Run) source(j *job) diag.Position {
	return diag.Position{File: j.entry.Shown()}
}

// unread is what came of an environment that is at fault.
func (r *Run) unread(j *job, environment string, l diag.List) checked {
	return checked{unread: []report.Record{report.Unreadable(r.source(j), environment, l)}}
}

// environment checks an environment of a job, and lets go of its evaluation.
func (r *Run) environment(ctx context.Context, j *job, env render.Environment) (checked, error) {
	defer env.Release()
	r.selected.Add(1)
	minors, objects, err := r.objectsOf(j, env)
	if l, ok := diag.From(err); ok {
		return r.unread(j, env.Name(), l), nil
	}
	if err != nil {
		return checked{}, fmt.Errorf("environment %s: %w", env.Name(), err)
	}
	c, err := r.check(ctx, j.entry.State, minors, objects)
	if err != nil {
		return checked{}, err
	}
	c.environment, c.entrypoint, c.spec = env.Name(), r.source(j).File, env.Resource.Spec
	for _, results := range c.results {
		for i := range results {
			results[i].Object = withoutEvaluation(env, results[i].Object)
		}
	}
	return c, nil
}

// objectsOf returns the objects of an environment and the versions of Kubernetes
// to hold them against. The error is a [diag.List] if the environment is at
// fault.
func (r *Run) objectsOf(j *job, env render.Environment) ([]schema.Minor, []validate.Object, error) {
	minors := r.o.Minors
	if version := env.Resource.Spec.ExpectVersions.Kubernetes; len(minors) == 0 && version != "" {
		minor, err := schema.MinorOf("spec.expectVersions.kubernetes", version)
		if l, ok := diag.From(err); ok {
			l[0].Origins = render.Positions(env.SpecOrigins(manifest.Path{"spec", "expectVersions", "kubernetes"}))
			return nil, nil, l
		}
		minors = []schema.Minor{minor}
	}
	rendered, err := j.entry.State.Objects(env)
	if err != nil {
		return nil, nil, err
	}
	source := r.source(j)
	objects := make([]validate.Object, len(rendered))
	for i, o := range rendered {
		value, _ := o.Lookup()
		objects[i] = validate.Object{Source: source, Path: o.Path(), Value: value.(map[string]any), Origins: r.originsOf(j, env, o)}
	}
	return minors, objects, nil
}

// originsOf returns the function that tells the origins of an object's fields.
func (r *Run) originsOf(j *job, env render.Environment, o manifest.Object) func(manifest.Path) []diag.Position {
	return func(field manifest.Path) []diag.Position {
		origins := render.Positions(env.ObjectOrigins(o, field))
		origins = origins[:min(render.MostOrigins, len(origins))]
		for i := range origins {
			origins[i].File = j.entry.State.Shown(origins[i].File)
		}
		return origins
	}
}
