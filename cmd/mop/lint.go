package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/lint"
	"github.com/mop-platform/mop/pkg/render"
)

const lintDoc = `Lint looks for probable mistakes in Jsonnet files: unused variables, calls with
wrong arguments, fields that do not exist, imports that lead nowhere.

Of a directory, which is . unless given, it takes all files called *.jsonnet and
*.libsonnet, at any depth, that are not excluded, nothing if it is excluded
itself; files that are named are always taken. Imports are found as in an
environment of the project.

Where the linter itself fails on a file, a note on standard error says so; that
is no finding.

Examples:
  mop lint
  mop lint environments/dev lib/web.libsonnet

Exit status: 0 no findings, 1 findings, 2 could not do it.`

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
		Long:  lintDoc,
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
	if _, err := a.openPaths(args, o.importDirs); err != nil {
		return err
	}
	files, err := a.sources(args, &o.sources)
	if err != nil {
		return err
	}
	l := lint.New(a.project, lint.Options{Builtins: render.Builtins()})
	opinions := make([]opinion, len(files))
	a.inParallel("files", o.parallelism, len(files), func(i int) {
		name, _ := a.project.Name(a.abs(files[i]))
		opinions[i].found, opinions[i].err = l.File(ctx, name)
	})
	return a.reportLint(files, opinions)
}

// opinion is what the linter has to say about one file.
type opinion struct {
	found diag.List
	err   error
}

// reportLint writes the opinions on files.
func (a *app) reportLint(files []string, opinions []opinion) error {
	var found, broken diag.List
	for i, o := range opinions {
		var none *lint.NoOpinionError
		switch {
		case o.err == nil:
			found = append(found, o.found...)
		case errors.As(o.err, &none):
			a.note("%s: no opinion: the linter failed: %s", files[i], none.Reason)
		case errors.Is(o.err, context.Canceled):
			return o.err
		default:
			broken = append(broken, unreadable(files[i], o.err))
		}
	}
	return a.writeFindings(found, broken)
}
