// Package dependency finds the environments of a project that depend on files, and the files
// that a change in git touches.
package dependency

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/imports"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// Of returns the dependencies of an entrypoint. The error is a [*diag.List] if it is wrong,
// or if an import leads to no file.
func Of(ctx context.Context, e workspace.Entry) (imports.Entry, error) {
	found, err := imports.Of(ctx, e.State.Project, e.State.Renderer, e.Environment)
	if err == nil {
		err = unresolved(found.Unresolved).Err()
	}
	return found, e.State.LocatedErr(err)
}

// unresolved returns the faults of imports that lead to no file, each once.
func unresolved(imports []eval.Unresolved) diag.List {
	type fault struct {
		at      diag.Position
		problem string
	}
	var found diag.List
	seen := map[fault]bool{}
	for _, i := range imports {
		d := i.Diagnostic()
		if f := (fault{d.At, d.Problem}); !seen[f] {
			seen[f] = true
			found = append(found, d)
		}
	}
	return found.Sorted()
}

// Graph has the dependencies of the environments below a directory.
type Graph struct {
	// State is their project. Broken are the faults of environments that are left out.
	State  *workspace.State
	Broken diag.List
	graph  *imports.Graph
}

// Scan returns the Graph of the environments below a directory. The error is that of
// [workspace.Workspace.Below] or of the scan.
func Scan(ctx context.Context, w *workspace.Workspace, dir string) (Graph, error) {
	s, entries, broken, err := w.Below(ctx, dir)
	if err != nil {
		return Graph{}, err
	}
	environments := make([]project.Environment, len(entries))
	for i, entry := range entries {
		environments[i] = entry.Environment
	}
	graph, err := imports.Scan(ctx, s.Project, s.Renderer, environments)
	if l, ok := diag.From(err); ok {
		broken, err = append(broken, s.Located(l)...), nil
	}
	return Graph{s, broken, graph}, err
}

// Names returns the names of the file at a path in the project: its own, and that of the
// file to which a link leads.
func (g Graph) Names(path string) []string {
	name := g.State.Name(path)
	return []string{name, g.State.Project.Resolved(name)}
}

// Importers returns the environments that depend on one of the named files.
func (g Graph) Importers(ctx context.Context, names []string) ([]project.Environment, error) {
	return g.graph.Importers(ctx, names)
}

// Check returns the faults of the imports of the named files.
func (g Graph) Check(ctx context.Context, names []string) diag.List {
	return g.State.Located(g.graph.Check(ctx, names))
}

// Count returns how many environments depend on the file at a path, and the faults of its
// imports.
func (g Graph) Count(ctx context.Context, path string) (int, diag.List, error) {
	if err := budget.Of(ctx).Err(); err != nil {
		return 0, nil, err
	}
	names := g.Names(path)
	importers, err := g.Importers(ctx, names)
	return len(importers), g.Check(ctx, names[:1]), err
}

// Changed returns the names in the project of the files that a change touches. revisions is
// FROM..TO, FROM...TO or a single revision. FROM...TO begins at the merge base of both; a
// single revision is compared with the work tree. The error is one of package git.
func Changed(ctx context.Context, s *workspace.State, revisions string) ([]string, error) {
	repository, err := s.Repository(ctx)
	if err != nil {
		return nil, err
	}
	from, to, parted := splitRange(revisions)
	if parted {
		if from, err = repository.MergeBase(ctx, from, to); err != nil {
			return nil, err
		}
	}
	names, err := repository.Changed(ctx, from, to)
	return s.Names(repository, names), err
}

// splitRange splits FROM..TO and FROM...TO; for the latter parted is true. A missing end is
// HEAD, as for git. For one revision alone to is "", which means the work tree.
func splitRange(revisions string) (from, to string, parted bool) {
	from, to, found := strings.Cut(revisions, "..")
	if !found {
		return revisions, "", false
	}
	to, parted = strings.CutPrefix(to, ".")
	if from == "" {
		from = "HEAD"
	}
	if to == "" {
		to = "HEAD"
	}
	return from, to, parted
}

// Deleted returns those of the named files that are entrypoints and do not exist.
func Deleted(s *workspace.State, names []string) []string {
	var deleted []string
	for _, name := range names {
		if path.Base(name) != project.Entrypoint || !fs.ValidPath(name) {
			continue
		}
		if _, err := os.Stat(filepath.FromSlash(s.Path(name))); errors.Is(err, fs.ErrNotExist) {
			deleted = append(deleted, name)
		}
	}
	return deleted
}

// Files returns the regular files in a directory whose path matches, sorted. The error is
// that of [workspace.Unreadable].
func Files(ctx context.Context, w *workspace.Workspace, dir string, recursive bool, match *regexp.Regexp) ([]string, error) {
	entries, err := os.ReadDir(w.Abs(dir))
	if err != nil {
		return nil, workspace.Unreadable(dir, err)
	}
	var files []string
	for _, e := range entries {
		if err := budget.Of(ctx).Err(); err != nil {
			return nil, err
		}
		path := filepath.Join(dir, e.Name())
		switch {
		case e.IsDir() && recursive:
			below, err := Files(ctx, w, path, true, match)
			if err != nil {
				return nil, err
			}
			files = append(files, below...)
		case !e.IsDir() && e.Name() != project.Entrypoint && match.MatchString(path):
			files = append(files, path)
		}
	}
	slices.Sort(files)
	return files, nil
}
