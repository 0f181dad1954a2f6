package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

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

// validateJob is an entrypoint whose environments are to be checked.
type validateJob struct {
	entry workspace.Entry
	// choice is among the environments of the entrypoint. Where it is exact, none
	// need be of it.
	choice choice

	// results and errs are of the environments, or one of the whole.
	results []checked
	errs    []error
}

func (j validateJob) same(other validateJob) bool {
	return j.entry.State == other.entry.State && j.entry.Entrypoint == other.entry.Entrypoint && j.choice.name == other.choice.name
}

// environments checks the environments that paths mean, and returns the project of the
// last, nil for none.
func (v *validateRun) environments(ctx context.Context, paths []string, o validateOptions) (*workspace.State, []report.Record, error) {
	s, jobs, records, err := v.jobs(ctx, paths, o)
	if err != nil {
		return nil, nil, err
	}
	var warnings collected
	work := make([]pool.Job, len(jobs))
	for i := range jobs {
		work[i] = func() (int, func(bool) func(int)) { return v.open(ctx, &jobs[i], &warnings) }
	}
	v.inParts("environments", work)
	var all []checked
	for _, job := range jobs {
		for i := range job.results {
			if job.errs[i] != nil {
				return nil, nil, job.errs[i]
			}
			all = append(all, job.results[i])
		}
	}
	if err := checkClusters(ctx, all); err != nil {
		return nil, nil, err
	}
	for _, c := range all {
		records = append(records, c.records()...)
	}
	v.warn(warnings.list)
	switch {
	case len(records) > 0 || len(paths) == 0:
	case v.selected.Load() > 0:
		if len(o.objects.targets) > 0 {
			v.note("no object matches --target")
		}
	case o.objects.name != "":
		return nil, nil, diag.Diagnostic{Subject: strings.Join(paths, " "), Problem: fmt.Sprintf("no environment is called %q", o.objects.name)}
	default:
		v.note("no environment is selected")
	}
	return s, records, nil
}

// jobs returns a job for each entrypoint that paths mean, and records of what is
// broken so that it is none. The project is that of the last path.
func (v *validateRun) jobs(ctx context.Context, paths []string, o validateOptions) (s *workspace.State, jobs []validateJob, broken []report.Record, err error) {
	for _, arg := range paths {
		var more []validateJob
		var found diag.List
		if s, more, found, err = v.jobsOf(ctx, arg, o); err != nil {
			return nil, nil, nil, err
		}
		if err := v.readDefinitions(ctx, s); err != nil {
			return nil, nil, nil, err
		}
		for _, d := range found {
			broken = append(broken, report.Unreadable(d.At, "", diag.List{d}))
		}
		for _, job := range more {
			if !slices.ContainsFunc(jobs, job.same) {
				jobs = append(jobs, job)
			}
		}
	}
	return s, jobs, broken, nil
}

// jobsOf returns the jobs for one path, and what is broken below it.
func (v *validateRun) jobsOf(ctx context.Context, arg string, o validateOptions) (s *workspace.State, jobs []validateJob, broken diag.List, err error) {
	if v.holdsEnvironments(arg) {
		s, entries, broken, err := v.workspace.Below(ctx, arg)
		if err != nil {
			return nil, nil, nil, err
		}
		c := choice{o.objects.name, true, v.selector}
		for _, entry := range entries {
			jobs = append(jobs, validateJob{entry: entry, choice: c})
		}
		if len(jobs)+len(broken) > 0 {
			return s, jobs, c.broken(broken, s.Shown(c.name)), nil
		}
		// It lies in an environment, or there is none.
	}
	entry, err := one(ctx, v.workspace, arg)
	if err != nil {
		return nil, nil, nil, err
	}
	name, err := o.objects.named(entry.Name)
	return entry.State, []validateJob{{entry: entry, choice: choice{name, false, v.selector}}}, nil, err
}

// holdsEnvironments reports whether arg is a directory that is no environment
// itself.
func (a *app) holdsEnvironments(arg string) bool {
	info, err := os.Stat(a.abs(arg))
	if arg == "" || err != nil || !info.IsDir() {
		return false
	}
	_, err = os.Stat(filepath.Join(a.abs(arg), project.Entrypoint))
	return errors.Is(err, fs.ErrNotExist)
}

// open finds the environments of a job and returns what checks them.
func (v *validateRun) open(ctx context.Context, job *validateJob, warnings *collected) (int, func(bool) func(int)) {
	whole := func(c checked, err error) (int, func(bool) func(int)) {
		job.results, job.errs = []checked{c}, []error{err}
		return 0, nil
	}
	file, err := job.entry.State.Load(ctx, job.entry.Environment, job.choice.loader())
	if l, ok := diag.From(err); ok {
		return whole(v.unread(job, job.entry.Dir, l), nil)
	}
	if err != nil {
		return whole(checked{}, fmt.Errorf("environment %s: %w", job.entry.Dir, err))
	}
	warnings.add(file.Warnings)
	if !job.choice.exact && len(render.Select(file.Environments, job.choice.name)) == 0 {
		_, err := render.One(file.Environments, job.entry.Shown(), job.choice.name)
		return whole(checked{}, err)
	}
	file.Chosen = job.choice.of(file.Chosen)
	n := len(file.Chosen)
	job.results, job.errs = make([]checked, n), make([]error, n)
	return n, func(first bool) func(int) {
		own := file
		if !first {
			own = file.Again(ctx)
		}
		return func(i int) { job.results[i], job.errs[i] = v.environment(ctx, job, own.Chosen[i]) }
	}
}

// source is what records say of where objects of a job are from.
func (v *validateRun) source(job *validateJob) diag.Position {
	return diag.Position{File: job.entry.Shown()}
}

// unread is what came of an environment that is at fault.
func (v *validateRun) unread(job *validateJob, environment string, l diag.List) checked {
	return checked{unread: []report.Record{report.Unreadable(v.source(job), environment, l)}}
}

// environment checks an environment of a job, and lets go of its evaluation.
func (v *validateRun) environment(ctx context.Context, job *validateJob, env render.Environment) (checked, error) {
	defer env.Release()
	v.selected.Add(1)
	minors, objects, err := v.objectsOf(job, env)
	if l, ok := diag.From(err); ok {
		return v.unread(job, env.Name(), l), nil
	}
	if err != nil {
		return checked{}, fmt.Errorf("environment %s: %w", env.Name(), err)
	}
	c, err := v.check(ctx, job.entry.State, minors, objects)
	if err != nil {
		return checked{}, err
	}
	c.environment, c.entrypoint, c.spec = env.Name(), v.source(job).File, env.Resource.Spec
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
func (v *validateRun) objectsOf(job *validateJob, env render.Environment) ([]schema.Minor, []validate.Object, error) {
	minors := v.minors
	if version := env.Resource.Spec.ExpectVersions.Kubernetes; len(minors) == 0 && version != "" {
		minor, err := kubernetesVersion("spec.expectVersions.kubernetes", version)
		if l, ok := diag.From(err); ok {
			l[0].Origins = render.Positions(env.SpecOrigins(manifest.Path{"spec", "expectVersions", "kubernetes"}))
			return nil, nil, l
		}
		minors = []schema.Minor{minor}
	}
	rendered, err := job.entry.State.Objects(env)
	if err != nil {
		return nil, nil, err
	}
	source := v.source(job)
	objects := make([]validate.Object, len(rendered))
	for i, o := range rendered {
		value, _ := o.Lookup()
		objects[i] = validate.Object{Source: source, Path: o.Path(), Value: value.(map[string]any), Origins: v.originsOf(job, env, o)}
	}
	return minors, objects, nil
}

// originsOf returns the function that tells the origins of an object's fields.
func (v *validateRun) originsOf(job *validateJob, env render.Environment, o manifest.Object) func(manifest.Path) []diag.Position {
	return func(field manifest.Path) []diag.Position {
		origins := render.Positions(env.ObjectOrigins(o, field))
		origins = origins[:min(render.MostOrigins, len(origins))]
		for i := range origins {
			origins[i].File = job.entry.State.Shown(origins[i].File)
		}
		return origins
	}
}
