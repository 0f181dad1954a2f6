package imports

import (
	"context"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/pool"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
)

// Graph holds the dependencies of several entrypoints. It is safe for concurrent use.
type Graph struct {
	project  *project.Project
	renderer *render.Renderer
	static   *eval.Graph
	entries  []project.Environment
	// broken marks the entries that are left out.
	broken []bool
	// dynamic holds the files that an evaluation reads, for entries that run programs, and
	// nil for the others.
	dynamic []*Entry
	// resolved maps the names of files to their names without symbolic links.
	resolved sync.Map
}

// Scan returns the graph of entries. It reads imports from the tokens of files and parses
// no file. So even a file with wrong syntax depends on the imports among its tokens, see
// [Graph.Check]. Like [Of], Scan evaluates entrypoints that mention helmTemplate or
// kustomizeBuild.
//
// If the imports of files cannot be read, the error is a [*diag.List] about these files, and
// the graph leaves out the entrypoints that read them. With any other error, such as the
// end of the budget of ctx, there is no graph.
func Scan(ctx context.Context, p *project.Project, r *render.Renderer, entries []project.Environment) (*Graph, error) {
	static, err := r.Graph(ctx, entries, runsPrograms)
	if err != nil {
		return nil, err
	}
	g := &Graph{project: p, renderer: r, static: static, entries: entries, dynamic: make([]*Entry, len(entries))}
	var found diag.List
	if found, g.broken, err = static.Broken(ctx); err != nil {
		return nil, err
	}
	marked, err := static.Marked(ctx)
	if err != nil {
		return nil, err
	}
	group, ctx := pool.NewGroup(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for k, runs := range marked {
		if !runs || g.broken[k] {
			continue
		}
		e := &Entry{Environment: entries[k]}
		g.dynamic[k] = e
		group.Go(func() error {
			err := e.evaluate(ctx, r)
			e.complete(p)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return g, found.Err()
}

// Entries returns the entrypoints of the graph, in the order of the scan.
func (g *Graph) Entries() []project.Environment {
	var out []project.Environment
	for k, entry := range g.entries {
		if !g.broken[k] {
			out = append(out, entry)
		}
	}
	return out
}

// Importers returns the entrypoints that depend on one of the named files, which
// may be deleted or new ones, in the order of the scan. The error is the end of the
// budget of ctx.
func (g *Graph) Importers(ctx context.Context, names []string) ([]project.Environment, error) {
	a := asked{names: map[string]bool{}, last: map[string]bool{}}
	for _, name := range names {
		a.names[name] = true
		a.last[path.Base(name)] = true
	}
	depends, err := g.static.Importers(ctx, eval.Question{
		File:    func(name string) bool { return a.means(name) || a.means(g.resolve(name)) },
		Missing: a.meansIn,
		Glob: func(pattern string) bool {
			return slices.ContainsFunc(names, func(name string) bool {
				ok, err := doublestar.Match(pattern, name)
				return ok && err == nil
			})
		},
	})
	if err != nil {
		return nil, err
	}
	var out []project.Environment
	for k, entry := range g.entries {
		if g.broken[k] {
			continue
		}
		if depends[k] || a.means(entry.SpecFile()) || entry.Resource != nil && a.means(g.resolve(entry.SpecFile())) ||
			g.dynamic[k] != nil && slices.ContainsFunc(names, g.dynamic[k].DependsOn) {
			out = append(out, entry)
		}
	}
	return out, nil
}

// Check parses the named files that entrypoints of the graph import as code, and returns
// their faults.
func (g *Graph) Check(ctx context.Context, names []string) diag.List {
	return g.static.Check(ctx, names)
}

// resolve is [project.Project.Resolved], once for each name.
func (g *Graph) resolve(name string) string {
	if known, ok := g.resolved.Load(name); ok {
		return known.(string)
	}
	resolved := g.project.Resolved(name)
	g.resolved.Store(name, resolved)
	return resolved
}

// asked holds names of files, and of links and submodules that are directories.
type asked struct {
	names map[string]bool
	// last has the last elements of the names.
	last map[string]bool
}

// means reports whether name is one of the asked names, or lies in one.
func (a asked) means(name string) bool {
	for {
		if a.last[path.Base(name)] && a.names[name] {
			return true
		}
		dir := path.Dir(name)
		if dir == name || dir == "." || path.Base(dir) == ".." {
			return false
		}
		name = dir
	}
}

// meansIn is means for a file below a directory.
func (a asked) meansIn(dir, file string) bool {
	if strings.HasPrefix(file, "../") {
		return a.means(path.Join(dir, file))
	}
	for element := range strings.SplitSeq(file, "/") {
		if a.last[element] {
			return a.means(path.Join(dir, file))
		}
	}
	return a.means(dir)
}
