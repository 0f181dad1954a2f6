// Package imports tells which files the environments of a project depend on,
// and which environments a change touches.
//
// What an entrypoint depends on is what the importer sees: the files of its
// imports of every kind and in every branch, the patterns of glob imports, its
// spec.json, and the charts and kustomizations that native functions read. A file
// that does not exist counts too if its appearance would change what an import
// finds, and so do the target of a symbolic link and the directories that a file
// lies in: version control knows links to directories and submodules by these
// names alone.
//
// [Of] lists the dependencies of one entrypoint. [Scan] makes a [Graph] of many,
// which answers the other way round.
package imports

import (
	"context"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/render"
)

// Entry is one entrypoint and what it depends on. The names are sorted.
type Entry struct {
	Environment project.Environment
	// Files exist and are read, the entrypoint among them.
	Files []string
	// Missing do not exist, but would be read in the place of others.
	Missing []string
	// Globs are patterns; see [project.Project.Glob].
	Globs []string
	// Unresolved are the imports that lead to no file, in the order in which they
	// are met.
	Unresolved []eval.Unresolved
}

// Of returns what an entrypoint depends on.
//
// Files are found without evaluation, so the top-level arguments and external
// variables of r are not needed, but for the charts of helmTemplate and the
// directories of kustomizeBuild: an entrypoint that mentions these is evaluated,
// and where that fails, what was read until then counts.
//
// The error is a [diag.List] if a file cannot be parsed.
func Of(ctx context.Context, p *project.Project, r *render.Renderer, entry project.Environment) (Entry, error) {
	e := Entry{Environment: entry}
	static, err := r.Imports(ctx, entry)
	if err != nil {
		return e, err
	}
	e.add(static)
	e.Unresolved = static.Unresolved
	if slices.ContainsFunc(e.Files, func(name string) bool {
		text, err := p.ReadFile(ctx, name)
		return err == nil && runsPrograms(string(text))
	}) {
		if err := e.evaluate(ctx, r); err != nil {
			return e, err
		}
	}
	spec := entry.SpecFile()
	if entry.Resource != nil {
		e.Files = append(e.Files, spec)
	} else {
		e.Missing = append(e.Missing, spec)
	}
	e.complete(p)
	return e, nil
}

// runsPrograms reports whether a text speaks of a native function that reads more
// than its arguments.
func runsPrograms(text string) bool {
	return strings.Contains(text, "helmTemplate") || strings.Contains(text, "kustomizeBuild")
}

func (e *Entry) add(read eval.Result) {
	e.Files = append(e.Files, read.Files...)
	e.Missing = append(e.Missing, read.Missing...)
	e.Globs = append(e.Globs, read.Globs...)
}

// evaluate adds what an evaluation reads. What is wrong with the environment shows
// where it is rendered; the error is the context's.
func (e *Entry) evaluate(ctx context.Context, r *render.Renderer) error {
	dynamic, _ := r.Eval(ctx, e.Environment, "")
	e.add(dynamic)
	return budget.Of(ctx).Err()
}

// complete adds the files that links lead to, and sorts.
func (e *Entry) complete(p *project.Project) {
	for _, name := range e.Files {
		e.Files = append(e.Files, p.Resolved(name))
	}
	for _, list := range []*[]string{&e.Files, &e.Missing, &e.Globs} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
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
