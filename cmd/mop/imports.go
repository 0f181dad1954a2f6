package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/dependency"
	"github.com/mop-platform/mop/internal/workspace"
)

func newToolImportsCommand(a *app) *cobra.Command {
	var jsonnet jsonnetFlags
	var commit string
	cmd := command("imports PATH", "List the files that an environment depends on", "tool_imports", onePath, func(cmd *cobra.Command, args []string) error {
		return runToolImports(cmd.Context(), a, args[0], commit, &jsonnet)
	})
	jsonnet.add(cmd.Flags())
	cmd.Flags().StringVarP(&commit, "check", "c", "", "tell whether `COMMIT` changed one of the files")
	return cmd
}

func runToolImports(ctx context.Context, a *app, path, commit string, j *jsonnetFlags) error {
	w, err := a.workspace(j, nil)
	if err != nil {
		return err
	}
	entry, err := one(ctx, w, path)
	if err != nil {
		return err
	}
	e, err := dependency.Of(ctx, entry)
	if err != nil {
		return err
	}
	if commit == "" {
		return a.printJSON(e.Files)
	}
	names, err := dependency.Changed(ctx, entry.State, commit+"^.."+commit)
	if err != nil {
		return err
	}
	for _, name := range names {
		if e.DependsOn(name) {
			fmt.Fprintf(a.stdout, "%s depends on %s, which %s changes\n", cell(entry.Dir), cell(name), cell(commit))
			return errFindings
		}
	}
	_, err = fmt.Fprintf(a.stdout, "%s depends on nothing that %s changes\n", cell(entry.Dir), cell(commit))
	return err
}

func newToolImportersCommand(a *app) *cobra.Command {
	var jsonnet jsonnetFlags
	var root string
	cmd := &cobra.Command{
		Use:   "importers FILE...",
		Short: "List the environments that depend on files",
		Long:  help("tool_importers"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return wrongCall("importers: want at least one file", "for example: mop tool importers lib/web.libsonnet")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := a.workspace(&jsonnet, nil)
			if err != nil {
				return err
			}
			graph, err := a.graph(cmd.Context(), w, root)
			if err != nil {
				return err
			}
			var names []string
			for _, arg := range args {
				names = append(names, graph.Names(strings.TrimPrefix(arg, "deleted:"))...)
			}
			importers, err := graph.Importers(cmd.Context(), names)
			if err != nil {
				return err
			}
			for _, env := range importers {
				if _, err := fmt.Fprintln(a.stdout, cell(filepath.FromSlash(graph.State.Path(env.Entrypoint)))); err != nil {
					return err
				}
			}
			return append(graph.Broken, graph.Check(cmd.Context(), names)...).Err()
		},
	}
	jsonnet.add(cmd.Flags())
	cmd.Flags().StringVar(&root, "root", ".", "search the environments below `DIR`")
	return cmd
}

func newToolImportersCountCommand(a *app) *cobra.Command {
	var jsonnet jsonnetFlags
	var root, pattern string
	var recursive bool
	cmd := command("importers-count DIR", "Count the environments that depend on each file", "tool_importers-count", arguments(1, 1, "importers-count: want one directory", ""), func(cmd *cobra.Command, args []string) error {
		match, err := regexp.Compile(pattern)
		if err != nil {
			return wrongCall(fmt.Sprintf("--filename-regex: %v", err), "")
		}
		w, err := a.workspace(&jsonnet, nil)
		if err != nil {
			return err
		}
		files, err := dependency.Files(cmd.Context(), w, args[0], recursive, match)
		if err != nil {
			return err
		}
		graph, err := a.graph(cmd.Context(), w, root)
		if err != nil {
			return err
		}
		broken := graph.Broken
		for _, file := range files {
			n, wrong, err := graph.Count(cmd.Context(), file)
			if err != nil {
				return err
			}
			broken = append(broken, wrong...)
			if _, err := fmt.Fprintf(a.stdout, "%s: %d\n", cell(file), n); err != nil {
				return err
			}
		}
		return broken.Err()
	})
	jsonnet.add(cmd.Flags())
	cmd.Flags().StringVar(&root, "root", ".", "search the environments below `DIR`")
	cmd.Flags().BoolVar(&recursive, "recursive", false, "count files in directories below, too")
	cmd.Flags().StringVar(&pattern, "filename-regex", `\.(jsonnet|libsonnet)$`, "count only files whose path matches `REGEX`")
	return cmd
}

// graph returns the dependencies of the environments below a directory.
func (a *app) graph(ctx context.Context, w *workspace.Workspace, dir string) (dependency.Graph, error) {
	defer a.traces().Hold()()
	return dependency.Scan(ctx, w, dir)
}
