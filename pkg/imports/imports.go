// Package imports tells which files the environments of a project depend on,
// and which environments a change touches.
//
// [Scan] looks at entrypoints and makes a [Graph]. What an entrypoint depends
// on is what the importer sees: the files of its imports of every kind and in
// every branch, the patterns of glob imports, its spec.json, and the charts and
// kustomizations that native functions read. A file that does not exist counts
// too if its appearance would change what an import finds, and so do the target
// of a symbolic link and the directories that a file lies in: version control
// knows links to directories and submodules by these names alone.
package imports

import (
	"bytes"
	"context"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"
	"golang.org/x/sync/errgroup"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/render"
)

// Graph is the dependencies of a number of entrypoints. It is immutable.
type Graph struct {
	entries []Entry
}

// Entry is one entrypoint and what it depends on. The names are sorted.
type Entry struct {
	Environment project.Environment
	// Files exist and are read, the entrypoint among them.
	Files []string
	// Missing do not exist, but would be read in the place of others.
	Missing []string
	// Globs are patterns; see [project.Project.Glob].
	Globs []string
}

// Scan returns the graph of entries, looking at several at the same time.
//
// Files are found without evaluation, so the top-level arguments and external
// variables of r are not needed, but for the charts of helmTemplate and the
// directories of kustomizeBuild: entrypoints that mention these are evaluated,
// and where that fails, what was read until then counts.
//
// The error is a [diag.List] with what is wrong with each entrypoint that
// cannot be parsed; the graph has the others.
func Scan(ctx context.Context, p *project.Project, r *render.Renderer, entries []project.Environment) (*Graph, error) {
	s := scanner{project: p, renderer: r}
	found := make([]Entry, len(entries))
	faults := make([]error, len(entries))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, entry := range entries {
		group.Go(func() error {
			found[i], faults[i] = s.scan(ctx, entry)
			if _, ok := diag.From(faults[i]); ok {
				return nil
			}
			return faults[i]
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	g := &Graph{}
	var broken diag.List
	for i := range entries {
		l, _ := diag.From(faults[i])
		broken = append(broken, l...)
		if faults[i] == nil {
			g.entries = append(g.entries, found[i])
		}
	}
	return g, broken.Err()
}

// scanner looks at the entrypoints of one project.
type scanner struct {
	project  *project.Project
	renderer *render.Renderer
	// files holds a func() file for each name: most are those of many entrypoints.
	files sync.Map
}

// file is what a scan needs to know of one file.
type file struct {
	// resolved is the name that it has without symbolic links.
	resolved string
	// runsPrograms is true if it speaks of a native function that reads more than
	// its arguments.
	runsPrograms bool
}

func (s *scanner) file(name string) file {
	look, _ := s.files.LoadOrStore(name, sync.OnceValue(func() file {
		text, err := s.project.ReadFile(name)
		return file{
			resolved:     s.project.Resolved(name),
			runsPrograms: err == nil && (bytes.Contains(text, []byte("helmTemplate")) || bytes.Contains(text, []byte("kustomizeBuild"))),
		}
	}))
	return look.(func() file)()
}

func (s *scanner) scan(ctx context.Context, entry project.Environment) (Entry, error) {
	e := Entry{Environment: entry}
	static, err := s.renderer.Imports(ctx, entry)
	if err != nil {
		return e, err
	}
	e.Files, e.Missing, e.Globs = static.Files, static.Missing, static.Globs
	if slices.ContainsFunc(e.Files, func(name string) bool { return s.file(name).runsPrograms }) {
		// The error is that of the environment, and shows where it is rendered.
		dynamic, err := s.renderer.Eval(ctx, entry, "")
		if ctx.Err() != nil {
			return e, err
		}
		e.Files = append(e.Files, dynamic.Files...)
		e.Missing = append(e.Missing, dynamic.Missing...)
		e.Globs = append(e.Globs, dynamic.Globs...)
	}
	spec := entry.SpecFile()
	if entry.Resource != nil {
		e.Files = append(e.Files, spec)
	} else {
		e.Missing = append(e.Missing, spec)
	}
	for _, name := range e.Files {
		e.Files = append(e.Files, s.file(name).resolved)
	}
	for _, list := range []*[]string{&e.Files, &e.Missing, &e.Globs} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return e, nil
}

// Entries returns the entrypoints of the graph, in the order of the scan. The
// caller must not change them.
func (g *Graph) Entries() []Entry { return g.entries }

// Importers returns the entrypoints that depend on one of the named files,
// which may be deleted or new ones, in the order of the scan.
func (g *Graph) Importers(names []string) []project.Environment {
	var out []project.Environment
	for _, e := range g.entries {
		if slices.ContainsFunc(names, e.DependsOn) {
			out = append(out, e.Environment)
		}
	}
	return out
}

// DependsOn reports whether a change of the named file, or of the link or
// submodule that is a directory of that name, may change what the entrypoint
// evaluates to.
func (e Entry) DependsOn(name string) bool {
	for _, list := range [][]string{e.Files, e.Missing} {
		if _, ok := slices.BinarySearch(list, name); ok {
			return true
		}
		if i, _ := slices.BinarySearch(list, name+"/"); i < len(list) && strings.HasPrefix(list[i], name+"/") {
			return true
		}
	}
	return slices.ContainsFunc(e.Globs, func(pattern string) bool {
		ok, err := doublestar.Match(pattern, name)
		return ok && err == nil
	})
}
