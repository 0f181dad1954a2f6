package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/source"
	"github.com/mop-platform/mop/internal/workspace"
)

type lintOptions struct {
	sources     sourceFlags
	importDirs  []string
	parallelism int
}

func newLintCommand(a *app) *cobra.Command {
	var o lintOptions
	cmd := command("lint [FILE|DIR]...", "Look for probable mistakes in Jsonnet files", "lint", nil,
		func(cmd *cobra.Command, args []string) error { return runLint(cmd.Context(), a, args, o) })
	o.sources.add(cmd.Flags())
	addImportDirs(cmd.Flags(), &o.importDirs)
	cmd.Flags().IntVarP(&o.parallelism, "parallelism", "n", 4, "lint `N` files at a time")
	return cmd
}

func runLint(ctx context.Context, a *app, args []string, o lintOptions) error {
	if o.parallelism < 1 {
		return wrongCall(fmt.Sprintf("--parallelism: want a positive number, got %d", o.parallelism), "")
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	p, err := o.sources.pick(false)
	if err != nil {
		return err
	}
	s := a.settings()
	s.ImportDirs = o.importDirs
	opinions, err := source.Lint(ctx, workspace.New(s), args, p, func(n int, f func(int)) { a.inParallel("files", o.parallelism, n, f) })
	if err != nil {
		return err
	}
	for _, none := range opinions.None {
		a.note("%s: no opinion: the linter failed: %s", none.File, none.Reason)
	}
	return a.writeFindings(opinions.Found, opinions.Broken)
}
