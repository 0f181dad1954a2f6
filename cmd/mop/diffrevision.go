package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/diff"
	"github.com/mop-platform/mop/pkg/git"
	"github.com/mop-platform/mop/pkg/imports"
	"github.com/mop-platform/mop/pkg/pool"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/render"
)

// diffRevisions compares a revision with another or with the work tree. The
// error may be a diag.List with what is wrong with some environments; the
// others are compared.
func (a *app) diffRevisions(ctx context.Context, arg string, o diffOptions) (comparisons, error) {
	name := o.objects.name
	if dir, rest, ok := a.cutName(arg); ok {
		if name != "" {
			return comparisons{}, usageError{fmt.Sprintf("--name %s: the argument names environment %s already", name, rest), ""}
		}
		arg, name = dir, rest
	}
	options, err := o.objects.options()
	if err != nil {
		return comparisons{}, err
	}
	r, err := a.projectRenderer(arg, &o.jsonnet, options)
	if err != nil {
		return comparisons{}, err
	}
	repository, err := a.repository(ctx)
	if err != nil {
		return comparisons{}, err
	}
	if o.mergeBase {
		to := o.to
		if to == "" {
			to = "HEAD"
		}
		if o.from, err = repository.MergeBase(ctx, o.from, to); err != nil {
			return comparisons{}, err
		}
	}
	from, err := a.revision(ctx, repository, o.from, r)
	if err != nil {
		return comparisons{}, err
	}
	defer from.close()
	to := &revision{project: a.project, renderer: r}
	if o.to != "" {
		if to, err = a.revision(ctx, repository, o.to, r); err != nil {
			return comparisons{}, err
		}
		defer to.close()
	}
	c := revisionDiff{app: a, from: from, to: to, name: name, exact: o.recursive}
	found, err := c.run(ctx, repository, arg, o)
	for _, rev := range []*revision{from, to} {
		if err := rev.failure(); err != nil {
			return comparisons{}, err
		}
	}
	return found, err
}

// revisionDiff compares environments of two revisions.
type revisionDiff struct {
	app      *app
	from, to *revision
	// name selects environments of a file: those that are called so or, unless
	// exact is set, whose name holds it. "" is all.
	name  string
	exact bool
}

// entryPair is an entrypoint in both revisions, nil where there is none.
type entryPair struct{ from, to *project.Environment }

// pairResult is what comparing an entryPair gives: err, or a result for each
// environment that is selected.
type pairResult struct {
	environments []comparison
	errs         []error
	warnings     diag.List
	err          error
}

// found returns what was found of all environments, and what is wrong with others.
func (r pairResult) found() (comparisons, error) {
	var found comparisons
	for i, c := range r.environments {
		if r.errs[i] == nil {
			found.add(c)
		}
	}
	return found, joined(append(slices.Clip(r.errs), r.err)...)
}

func (c revisionDiff) run(ctx context.Context, repository *git.Repository, arg string, o diffOptions) (comparisons, error) {
	if !o.recursive {
		pair, err := c.pair(ctx, arg)
		if err != nil {
			return comparisons{}, err
		}
		results := c.compare(ctx, []entryPair{pair})
		found, err := results[0].found()
		c.app.warn(results[0].warnings)
		return found, err
	}
	pairs, err := c.pairs(ctx, arg)
	broken, ok := diag.From(err)
	if err != nil && !ok {
		return comparisons{}, err
	}
	changed, err := repository.Changed(ctx, o.from, o.to)
	if err != nil {
		return comparisons{}, err
	}
	touched, err := c.touched(ctx, pairs, c.app.projectNames(repository, changed))
	if err != nil {
		return comparisons{}, err
	}
	var found comparisons
	var warnings diag.List
	for _, res := range c.compare(ctx, touched) {
		more, err := res.found()
		l, ok := diag.From(err)
		if err != nil && !ok {
			return comparisons{}, err
		}
		broken = append(broken, l...)
		warnings = append(warnings, res.warnings...)
		found.differing = append(found.differing, more.differing...)
		found.rendered += more.rendered
	}
	c.app.warn(warnings)
	return found, broken.Err()
}

// pair returns the entrypoint that arg means in the later revision or, if there
// is none, in the earlier one.
func (c revisionDiff) pair(ctx context.Context, arg string) (entryPair, error) {
	match, err := c.app.match(ctx, c.to.project, arg)
	if err == nil {
		from, err := c.from.entry(ctx, match.Entrypoint)
		return entryPair{from, &match.Environment}, err
	}
	gone, none := c.app.match(ctx, c.from.project, arg)
	if none != nil {
		return entryPair{}, c.to.placed(err)
	}
	// It may be broken rather than gone.
	to, err := c.to.entry(ctx, gone.Entrypoint)
	return entryPair{&gone.Environment, to}, err
}

// pairs returns the entrypoints below a directory in either revision, sorted by
// name. The error may be a diag.List with the faults of some; the others are
// returned.
func (c revisionDiff) pairs(ctx context.Context, arg string) ([]entryPair, error) {
	dir, _ := c.app.project.Name(c.app.abs(arg))
	all := map[string]entryPair{}
	var broken diag.List
	missing, faults := 0, 0
	for _, rev := range []*revision{c.from, c.to} {
		entries, err := rev.project.Environments(ctx, dir)
		l, ok := diag.From(err)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing++
		case err != nil && !ok:
			return nil, err
		}
		faults += len(l)
		meant, _ := diag.From(rev.placed(choice{name: c.name, exact: true}.broken(l).Err()))
		broken = append(broken, meant...)
		for _, entry := range entries {
			all[entry.Entrypoint] = entryPair{}
		}
	}
	if missing == 2 || len(all) == 0 && faults == 0 {
		return nil, diag.Diagnostic{Subject: arg, Problem: "no environments here, neither now nor before"}
	}
	var pairs []entryPair
	for _, entrypoint := range slices.Sorted(maps.Keys(all)) {
		from, err := c.from.entry(ctx, entrypoint)
		if err == nil {
			var to *project.Environment
			if to, err = c.to.entry(ctx, entrypoint); err == nil {
				pairs = append(pairs, entryPair{from, to})
				continue
			}
		}
		if _, ok := diag.From(err); !ok {
			return nil, err
		}
		// Its faults are among those found above.
	}
	return pairs, broken.Err()
}

// touched returns the pairs that depend on one of the named files in either
// revision; the others are equal.
func (c revisionDiff) touched(ctx context.Context, pairs []entryPair, names []string) ([]entryPair, error) {
	untouched := map[string]int{}
	for _, side := range []struct {
		*revision
		entry func(entryPair) *project.Environment
	}{
		{c.from, func(p entryPair) *project.Environment { return p.from }},
		{c.to, func(p entryPair) *project.Environment { return p.to }},
	} {
		var entries []project.Environment
		for _, p := range pairs {
			if e := side.entry(p); e != nil {
				entries = append(entries, *e)
			}
		}
		release := c.app.traces().hold()
		graph, err := imports.Scan(ctx, side.project, side.renderer, entries)
		release()
		// Rendering tells what is wrong with those that the graph lacks.
		if _, ok := diag.From(err); err != nil && !ok {
			return nil, err
		}
		depends := map[string]bool{}
		importers, err := graph.Importers(ctx, names)
		if err != nil {
			return nil, err
		}
		for _, entry := range importers {
			depends[entry.Entrypoint] = true
		}
		for _, entry := range graph.Entries() {
			if !depends[entry.Entrypoint] {
				untouched[entry.Entrypoint]++
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(pairs), func(p entryPair) bool {
		return p.from != nil && p.to != nil && untouched[p.to.Entrypoint] == 2
	}), nil
}

// compare renders the environments of entrypoints in both revisions.
func (c revisionDiff) compare(ctx context.Context, pairs []entryPair) []pairResult {
	results := make([]pairResult, len(pairs))
	jobs := make([]pool.Job, len(pairs))
	for i, p := range pairs {
		jobs[i] = func() (int, func(bool) func(int)) { return c.open(ctx, p, &results[i]) }
	}
	c.app.inParts("environments", jobs)
	return results
}

// open finds the environments of an entrypoint and returns what compares them.
func (c revisionDiff) open(ctx context.Context, p entryPair, res *pairResult) (int, func(bool) func(int)) {
	before, errBefore := c.from.load(ctx, c.app, p.from, c.candidates())
	after, errAfter := c.to.load(ctx, c.app, p.to, c.candidates())
	res.warnings = after.Warnings
	if res.err = joined(errBefore, errAfter); res.err != nil {
		return 0, nil
	}
	names := c.selected(before.Environments, after.Environments)
	if len(names) == 0 && !c.exact {
		res.err = c.unknown(p, before.Environments, after.Environments)
		return 0, nil
	}
	res.environments, res.errs = make([]comparison, len(names)), make([]error, len(names))
	return len(names), func(first bool) func(int) {
		before, after := before, after
		if !first {
			before, after = before.Again(ctx), after.Again(ctx)
		}
		return func(i int) {
			old, oldTitle, errBefore := c.from.objects(c.app, before, names[i])
			now, nowTitle, errAfter := c.to.objects(c.app, after, names[i])
			res.environments[i], res.errs[i] = comparison{from: oldTitle, to: nowTitle, report: diff.Compare(old, now)}, joined(errBefore, errAfter)
		}
	}
}

// candidates returns the function that picks the environments that selected may
// take, whatever there is in the other revision; nil where it takes all.
func (c revisionDiff) candidates() func([]render.Environment) []render.Environment {
	if c.name == "" {
		return nil
	}
	return func(all []render.Environment) []render.Environment {
		return slices.DeleteFunc(slices.Clone(all), func(e render.Environment) bool {
			return e.Name() != c.name && (c.exact || !strings.Contains(e.Name(), c.name))
		})
	}
}

// selected returns the names of environments in either list that c selects, sorted.
func (c revisionDiff) selected(before, after []render.Environment) []string {
	var names []string
	for _, e := range slices.Concat(before, after) {
		names = append(names, e.Name())
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if c.name == "" {
		return names
	}
	whole := c.exact || slices.Contains(names, c.name)
	return slices.DeleteFunc(names, func(name string) bool {
		return name != c.name && (whole || !strings.Contains(name, c.name))
	})
}

// unknown returns the error for a name that selects nothing.
func (c revisionDiff) unknown(p entryPair, before, after []render.Environment) error {
	if p.to == nil {
		_, err := render.One(before, p.from.Entrypoint, c.name)
		return err
	}
	_, err := render.One(after, p.to.Entrypoint, c.name)
	return err
}

// joined returns the diagnostics of all errs, or the first of errs that is
// something else, or nil.
func joined(errs ...error) error {
	var all diag.List
	for _, err := range errs {
		l, ok := diag.From(err)
		if err != nil && !ok {
			return err
		}
		all = append(all, l...)
	}
	return all.Err()
}

// title returns what the user calls an environment, which is an argument for
// other commands, too.
func (a *app) title(e render.Environment) string {
	name := a.displayPath(e.Entry.Dir)
	if path.Base(e.Entry.Entrypoint) != project.Entrypoint {
		name = a.displayPath(e.Entry.Entrypoint)
	}
	if e.Inline {
		name += ":" + e.Name()
	}
	return name
}
