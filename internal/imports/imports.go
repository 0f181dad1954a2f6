// Package imports finds the files that the environments of a project depend on, and the
// environments that a change affects.
//
// An entrypoint depends on all that the importer sees: the files of its imports of every
// kind and in every branch, the patterns of glob imports, its spec.json, and the charts and
// kustomizations that native functions read. It also depends on a file that does not exist,
// if the file would change what an import finds. It depends on the target of a symbolic
// link, and on the directories of a file, because version control lists links to
// directories and submodules by these names alone.
//
// [Of] lists the dependencies of one entrypoint. [Scan] makes a [Graph] of many
// entrypoints, which finds those that depend on a file.
package imports

import (
	"context"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
)

// Entry is one entrypoint with its dependencies. The names are sorted.
type Entry struct {
	Environment project.Environment
	// Files exist and are read. The entrypoint is one of them.
	Files []string
	// Missing do not exist, but would be read in place of others.
	Missing []string
	// Globs are patterns as of [project.Project.Glob].
	Globs []string
	// Unresolved are the imports that lead to no file, in the order of the search.
	Unresolved []eval.Unresolved
}

// Of returns the dependencies of an entrypoint.
//
// It finds files without evaluation, so it does not need the top-level arguments and
// external variables of r. The exception is an entrypoint that mentions helmTemplate or
// kustomizeBuild: Of evaluates it to find the charts and directories. If the evaluation
// fails, the files that it has read count.
//
// The error is a [*diag.List] if a file cannot be parsed.
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
	e.complete(p)
	return e, nil
}

// Read returns the dependencies of an entrypoint that an evaluation has read.
func Read(p *project.Project, entry project.Environment, read eval.Result) Entry {
	e := Entry{Environment: entry}
	e.add(read)
	e.complete(p)
	return e
}

// runsPrograms reports whether a text mentions a native function that reads more than its
// arguments.
func runsPrograms(text string) bool {
	return strings.Contains(text, "helmTemplate") || strings.Contains(text, "kustomizeBuild")
}

func (e *Entry) add(read eval.Result) {
	e.Files = append(e.Files, read.Files...)
	e.Missing = append(e.Missing, read.Missing...)
	e.Globs = append(e.Globs, read.Globs...)
}

// evaluate adds the files that an evaluation reads. It ignores faults of the environment,
// because rendering reports them. The error is that of the budget of ctx.
func (e *Entry) evaluate(ctx context.Context, r *render.Renderer) error {
	dynamic, _ := r.Eval(ctx, e.Environment, "")
	e.add(dynamic)
	return budget.Of(ctx).Err()
}

// complete adds the spec.json and the targets of links, and sorts the names.
func (e *Entry) complete(p *project.Project) {
	if spec := e.Environment.SpecFile(); e.Environment.Resource != nil {
		e.Files = append(e.Files, spec)
	} else {
		e.Missing = append(e.Missing, spec)
	}
	for _, name := range e.Files {
		e.Files = append(e.Files, p.Resolved(name))
	}
	for _, list := range []*[]string{&e.Files, &e.Missing, &e.Globs} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
}

// DependsOn reports whether a change of the named file may change the result of the
// entrypoint. The name may also be that of a directory that is a link or a submodule.
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
