package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/spf13/cobra"
)

func newToolCommand(a *app) *cobra.Command {
	return newGroup("tool", "Tools for working with Jsonnet", newToolJpathCommand(a),
		newToolImportsCommand(a), newToolImportersCommand(a), newToolImportersCountCommand(a))
}

func newToolJpathCommand(a *app) *cobra.Command {
	var debug bool
	cmd := command("jpath PATH", "Print an environment's import path as JSONNET_PATH", "tool_jpath", onePath,
		func(cmd *cobra.Command, args []string) error { return runToolJpath(cmd.Context(), a, args[0], debug) })
	cmd.Flags().BoolVarP(&debug, "debug", "d", false, "tell on standard error what was found, and which directories exist")
	return cmd
}

func runToolJpath(ctx context.Context, a *app, path string, debug bool) error {
	entry, err := one(ctx, workspace.New(a.settings()), path)
	if err != nil {
		return err
	}
	s := entry.State
	var dirs []string
	for _, name := range s.Project.SearchPath(entry.Dir) {
		dirs = append(dirs, filepath.FromSlash(s.Path(name)))
	}
	if debug {
		fmt.Fprintf(a.stderr, "root:       %s\nentrypoint: %s\n", cell(s.Root()), cell(filepath.FromSlash(s.Path(entry.Entrypoint))))
		for _, dir := range dirs {
			missing := ""
			if !isDir(dir) {
				missing = " (missing)"
			}
			fmt.Fprintf(a.stderr, "imports:    %s%s\n", cell(dir), missing)
		}
	}
	_, err = fmt.Fprintln(a.product, strings.Join(dirs, string(filepath.ListSeparator)))
	return err
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
