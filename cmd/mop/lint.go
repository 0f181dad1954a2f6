package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/lint"
	"github.com/mop-platform/mop/pkg/render"
)

type lintOptions struct {
	sources     sourceFlags
	importDirs  []string
	parallelism int
}

func newLintCommand(a *app) *cobra.Command {
	var o lintOptions
	cmd := &cobra.Command{
		Use:   "lint [FILE|DIR]...",
		Short: "Look for probable mistakes in Jsonnet files",
		Long:  help("lint"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return runLint(cmd.Context(), a, args, o)
		},
	}
	o.sources.add(cmd.Flags())
	addImportDirs(cmd.Flags(), &o.importDirs)
	cmd.Flags().IntVarP(&o.parallelism, "parallelism", "n", 4, "lint `N` files at a time")
	return cmd
}

func runLint(ctx context.Context, a *app, args []string, o lintOptions) error {
	if o.parallelism < 1 {
		return usageError{fmt.Sprintf("--parallelism: want a positive number, got %d", o.parallelism), ""}
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	s := a.settings()
	s.ImportDirs = o.importDirs
	groups, err := workspace.New(s).Paths(args)
	if err != nil {
		return err
	}
	var opinions []opinion
	seen := map[string]bool{}
	for _, g := range groups {
		files, err := a.sources(ctx, g.Args, &o.sources)
		if err != nil {
			return err
		}
		l := lint.New(g.State.Project, lint.Options{Builtins: render.Builtins()})
		for _, file := range files {
			if !seen[a.abs(file)] {
				seen[a.abs(file)] = true
				opinions = append(opinions, opinion{linter: l, state: g.State, file: file})
			}
		}
	}
	a.inParallel("files", o.parallelism, len(opinions), func(i int) {
		op := &opinions[i]
		found, err := op.linter.File(ctx, op.state.Name(op.file))
		op.found, op.err = op.state.Located(found), op.state.LocatedErr(err)
	})
	return a.reportLint(opinions)
}

// opinion is what the linter has to say about one file.
type opinion struct {
	linter *lint.Linter
	state  *workspace.State
	file   string // as the user calls it
	found  diag.List
	err    error
}

// reportLint writes opinions.
func (a *app) reportLint(opinions []opinion) error {
	var found, broken diag.List
	for _, o := range opinions {
		var none *lint.NoOpinionError
		switch {
		case o.err == nil:
			found = append(found, o.found...)
		case errors.As(o.err, &none):
			a.note("%s: no opinion: the linter failed: %s", o.file, none.Reason)
		case errors.Is(o.err, context.Canceled):
			return o.err
		default:
			if l, ok := diag.From(o.err); ok {
				broken = append(broken, l...)
				continue
			}
			broken = append(broken, workspace.Unreadable(o.file, o.err))
		}
	}
	return a.writeFindings(found, broken)
}
