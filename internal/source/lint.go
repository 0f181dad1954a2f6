package source

import (
	"context"
	"errors"

	"github.com/mop-platform/mop/internal/lint"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// Opinions are the results of the linter about files.
type Opinions struct {
	// Found are mistakes. Broken are the faults of files that could not be linted.
	Found, Broken diag.List
	// None are files on which the linter itself has failed, by the names in the arguments.
	None []None
}

// None is a file that the linter could not judge.
type None struct{ File, Reason string }

// opinion is the result of the linter about one file.
type opinion struct {
	linter *lint.Linter
	state  *workspace.State
	file   string
	found  diag.List
	err    error
}

// Lint lints the files that args name, each with the imports of its project. parallel calls
// f with 0 to n-1, several calls at a time.
func Lint(ctx context.Context, w *workspace.Workspace, args []string, p Pick, parallel func(n int, f func(i int))) (Opinions, error) {
	groups, err := w.Paths(args)
	if err != nil {
		return Opinions{}, err
	}
	var all []opinion
	seen := map[string]bool{}
	for _, g := range groups {
		files, err := Files(ctx, w, g.Args, p)
		if err != nil {
			return Opinions{}, err
		}
		l := lint.New(g.State.Project, lint.Options{Builtins: render.Builtins()})
		for _, file := range files {
			if !seen[w.Abs(file)] {
				seen[w.Abs(file)] = true
				all = append(all, opinion{linter: l, state: g.State, file: file})
			}
		}
	}
	parallel(len(all), func(i int) {
		o := &all[i]
		o.found, o.err = o.linter.File(ctx, o.state.Name(o.file))
	})
	return gathered(all)
}

// gathered joins opinions. The error is the one that ends the command.
func gathered(all []opinion) (out Opinions, err error) {
	for _, o := range all {
		var none *lint.NoOpinionError
		switch {
		case o.err == nil:
			out.Found = append(out.Found, o.state.Located(o.found)...)
		case errors.As(o.err, &none):
			out.None = append(out.None, None{o.file, none.Reason})
		case errors.Is(o.err, context.Canceled):
			return Opinions{}, o.err
		default:
			if l, ok := diag.From(o.err); ok {
				out.Broken = append(out.Broken, o.state.Located(l)...)
				continue
			}
			out.Broken = append(out.Broken, workspace.Unreadable(o.file, o.err))
		}
	}
	return out, nil
}
