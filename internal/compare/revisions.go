package compare

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"maps"
	"runtime"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/git"
	"github.com/mop-platform/mop/internal/imports"
	"github.com/mop-platform/mop/internal/patch"
	"github.com/mop-platform/mop/internal/pool"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Revisions is a project in two revisions to compare.
type Revisions struct {
	// From and To are revisions of git; To is "" for the work tree. With MergeBase the
	// comparison begins at the merge base of From and To, or HEAD.
	From, To  string
	MergeBase bool
	// Name selects environments of a file: those with that name or, unless Below is set,
	// those whose name contains it. "" selects all.
	Name string
	// Below compares all environments below a directory instead of one.
	Below bool
	// AtWork is called before work on several environments, and end after it. show is told
	// how many of them are done.
	AtWork func() (show func(done, of int), end func())

	// now is the project in the work tree; from and to are it in the revisions.
	now, from, to *workspace.State
}

// Compare compares the environments that an argument names. For a directory it does not
// render those that the change does not touch. The error may be a [*diag.List] of faults in
// some environments; the others are compared.
func (c Revisions) Compare(ctx context.Context, w *workspace.Workspace, arg string) (Result, error) {
	var err error
	if c.now, err = w.State(arg); err != nil {
		return Result{}, err
	}
	repository, err := c.now.Repository(ctx)
	if err != nil {
		return Result{}, err
	}
	if c.MergeBase {
		if c.From, err = repository.MergeBase(ctx, c.From, cmp.Or(c.To, "HEAD")); err != nil {
			return Result{}, err
		}
	}
	if c.from, err = c.now.At(ctx, repository, c.From); err != nil {
		return Result{}, err
	}
	c.to = c.now
	if c.To != "" {
		if c.to, err = c.now.At(ctx, repository, c.To); err != nil {
			return Result{}, errors.Join(err, c.from.Close())
		}
	}
	found, err := c.run(ctx, repository, arg)
	if failed := errors.Join(c.from.Close(), c.to.Close()); failed != nil {
		return Result{}, failed
	}
	return found, err
}

// entryPair is an entrypoint in both revisions; nil if a revision lacks it.
type entryPair struct{ from, to *project.Environment }

// pairResult is the result of comparing an entryPair: err, or a result for each selected
// environment.
type pairResult struct {
	environments []Comparison
	errs         []error
	warnings     diag.List
	err          error
}

// found returns the results of all environments, and the faults of others.
func (r pairResult) found() (Result, error) {
	var found Result
	for i, c := range r.environments {
		if r.errs[i] == nil {
			found.add(c)
		}
	}
	return found, joined(append(slices.Clip(r.errs), r.err)...)
}

func (c Revisions) run(ctx context.Context, repository *git.Repository, arg string) (Result, error) {
	if !c.Below {
		pair, err := c.pair(ctx, arg)
		if err != nil {
			return Result{}, err
		}
		results := c.compare(ctx, []entryPair{pair})
		found, err := results[0].found()
		found.Warnings = results[0].warnings
		return found, err
	}
	pairs, err := c.pairs(ctx, arg)
	broken, ok := diag.From(err)
	if err != nil && !ok {
		return Result{}, err
	}
	changed, err := repository.Changed(ctx, c.From, c.To)
	if err != nil {
		return Result{}, err
	}
	touched, err := c.touched(ctx, pairs, c.now.Names(repository, changed))
	if err != nil {
		return Result{}, err
	}
	var found Result
	for _, res := range c.compare(ctx, touched) {
		more, err := res.found()
		l, ok := diag.From(err)
		if err != nil && !ok {
			return Result{}, err
		}
		broken = append(broken, l...)
		found.Warnings = append(found.Warnings, res.warnings...)
		found.Differing = append(found.Differing, more.Differing...)
		found.Rendered += more.Rendered
	}
	return found, broken.Err()
}

// pair returns the entrypoint that arg names in the later revision or, if there is none, in
// the earlier one.
func (c Revisions) pair(ctx context.Context, arg string) (entryPair, error) {
	entry, err := c.to.Environment(ctx, arg)
	if err == nil {
		from, err := c.from.Entrypoint(ctx, entry.Entrypoint)
		return entryPair{from, &entry}, err
	}
	gone, none := c.from.Environment(ctx, arg)
	if none != nil {
		return entryPair{}, err
	}
	// It may be broken, not gone.
	to, err := c.to.Entrypoint(ctx, gone.Entrypoint)
	return entryPair{&gone, to}, err
}

// pairs returns the entrypoints below a directory in either revision, sorted by
// name. The error may be a diag.List with the faults of some; the others are
// returned.
func (c Revisions) pairs(ctx context.Context, arg string) ([]entryPair, error) {
	dir := c.now.Name(arg)
	all := map[string]entryPair{}
	var broken diag.List
	missing, faults := 0, 0
	for _, rev := range []*workspace.State{c.from, c.to} {
		entries, err := rev.Project.Environments(ctx, dir)
		l, ok := diag.From(err)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			missing++
		case err != nil && !ok:
			return nil, err
		}
		faults += len(l)
		meant, _ := diag.From(rev.LocatedErr(batch.Selection{Name: c.Name, Whole: true}.Broken(l, c.Name).Err()))
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
		from, err := c.from.Entrypoint(ctx, entrypoint)
		if err == nil {
			var to *project.Environment
			if to, err = c.to.Entrypoint(ctx, entrypoint); err == nil {
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
func (c Revisions) touched(ctx context.Context, pairs []entryPair, names []string) ([]entryPair, error) {
	untouched := map[string]int{}
	for _, side := range []struct {
		*workspace.State
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
		_, end := c.AtWork()
		graph, err := imports.Scan(ctx, side.Project, side.Renderer, entries)
		end()
		// The rendering reports the faults of those that the graph lacks.
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
func (c Revisions) compare(ctx context.Context, pairs []entryPair) []pairResult {
	results := make([]pairResult, len(pairs))
	jobs := make([]pool.Job, len(pairs))
	for i, p := range pairs {
		jobs[i] = func() (int, func(bool) func(int)) { return c.open(ctx, p, &results[i]) }
	}
	show, end := c.AtWork()
	defer end()
	pool.Run(runtime.GOMAXPROCS(0), jobs, show)
	return results
}

// open finds the environments of an entrypoint. It returns the number of selected ones, and
// a function whose result compares one of them.
func (c Revisions) open(ctx context.Context, p entryPair, res *pairResult) (int, func(bool) func(int)) {
	before, errBefore := c.load(ctx, c.from, p.from)
	after, errAfter := c.load(ctx, c.to, p.to)
	res.warnings = after.Warnings
	if res.err = joined(errBefore, errAfter); res.err != nil {
		return 0, nil
	}
	names := c.selected(before.Environments, after.Environments)
	if len(names) == 0 && !c.Below {
		res.err = c.unknown(p, before.Environments, after.Environments)
		return 0, nil
	}
	res.environments, res.errs = make([]Comparison, len(names)), make([]error, len(names))
	return len(names), func(first bool) func(int) {
		before, after := before, after
		if !first {
			before, after = before.Again(ctx), after.Again(ctx)
		}
		return func(i int) {
			old, oldTitle, errBefore := objectsIn(ctx, c.from, before, names[i])
			now, nowTitle, errAfter := objectsIn(ctx, c.to, after, names[i])
			res.environments[i], res.errs[i] = Comparison{From: oldTitle, To: nowTitle, Report: patch.Compare(old, now)}, joined(errBefore, errAfter)
		}
	}
}

// load evaluates an entrypoint until its environments are known. Environments that may be
// selected are Chosen. A nil entry has no environments.
func (c Revisions) load(ctx context.Context, s *workspace.State, entry *project.Environment) (render.File, error) {
	if entry == nil {
		return render.File{}, nil
	}
	return s.Load(ctx, *entry, c.candidates())
}

// objectsIn returns the objects of the environment with a name in a file, and the user's
// name of it; both are empty if there is none. It frees the evaluation.
func objectsIn(ctx context.Context, s *workspace.State, file render.File, name string) (objects []manifest.Object, title string, err error) {
	i := slices.IndexFunc(file.Chosen, func(e render.Environment) bool { return e.Name() == name })
	if i < 0 {
		return nil, "", nil
	}
	env := file.Chosen[i]
	defer env.Release()
	objects, err = s.Objects(ctx, env)
	return objects, s.Title(env), err
}

// candidates returns a function that picks the environments that selected may select,
// whatever the other revision has. It returns nil if selected selects all.
func (c Revisions) candidates() func([]render.Environment) []render.Environment {
	if c.Name == "" {
		return nil
	}
	return func(all []render.Environment) []render.Environment {
		return slices.DeleteFunc(slices.Clone(all), func(e render.Environment) bool {
			return e.Name() != c.Name && (c.Below || !strings.Contains(e.Name(), c.Name))
		})
	}
}

// selected returns the names of environments in either list that c selects, sorted.
func (c Revisions) selected(before, after []render.Environment) []string {
	var names []string
	for _, e := range slices.Concat(before, after) {
		names = append(names, e.Name())
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if c.Name == "" {
		return names
	}
	whole := c.Below || slices.Contains(names, c.Name)
	return slices.DeleteFunc(names, func(name string) bool {
		return name != c.Name && (whole || !strings.Contains(name, c.Name))
	})
}

// unknown returns the error for a name that selects no environment.
func (c Revisions) unknown(p entryPair, before, after []render.Environment) error {
	if p.to == nil {
		_, err := render.One(before, p.from.Entrypoint, c.Name)
		return err
	}
	_, err := render.One(after, p.to.Entrypoint, c.Name)
	return err
}

// joined returns the diagnostics of all errs, or the first of errs without diagnostics, or
// nil.
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
