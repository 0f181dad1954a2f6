package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/imports"
	"github.com/mop-platform/mop/pkg/project"
)

func newToolImportsCommand(a *app) *cobra.Command {
	var jsonnet jsonnetFlags
	var commit string
	cmd := &cobra.Command{
		Use:   "imports PATH",
		Short: "List the files that an environment depends on",
		Long:  help("tool_imports"),
		Args:  onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runToolImports(cmd.Context(), a, args[0], commit, &jsonnet)
		},
	}
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
	s := entry.State
	e, err := imports.Of(ctx, s.Project, s.Renderer, entry.Environment)
	if err != nil {
		return s.LocatedErr(err)
	}
	if err := unresolved(e.Unresolved).Err(); err != nil {
		return s.LocatedErr(err)
	}
	if commit == "" {
		text, err := json.Marshal(e.Files)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.product, "%s\n", text)
		return err
	}
	repository, err := s.Repository(ctx)
	if err != nil {
		return err
	}
	names, err := repository.Changed(ctx, commit+"^", commit)
	if err != nil {
		return err
	}
	for _, name := range s.Names(repository, names) {
		if e.DependsOn(name) {
			fmt.Fprintf(a.stdout, "%s depends on %s, which %s changes\n", cell(entry.Dir), cell(name), cell(commit))
			return errFindings
		}
	}
	_, err = fmt.Fprintf(a.stdout, "%s depends on nothing that %s changes\n", cell(entry.Dir), cell(commit))
	return err
}

// unresolved returns what is wrong with imports that lead to no file, each once.
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

func newToolImportersCommand(a *app) *cobra.Command {
	var jsonnet jsonnetFlags
	var root string
	cmd := &cobra.Command{
		Use:   "importers FILE...",
		Short: "List the environments that depend on files",
		Long:  help("tool_importers"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{"importers: want at least one file", "for example: mop tool importers lib/web.libsonnet"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			s, graph, broken, err := a.graph(cmd.Context(), root, &jsonnet)
			if err != nil {
				return err
			}
			var names []string
			for _, arg := range args {
				names = append(names, dependencyNames(s, strings.TrimPrefix(arg, "deleted:"))...)
			}
			importers, err := graph.Importers(cmd.Context(), names)
			if err != nil {
				return err
			}
			for _, env := range importers {
				if _, err := fmt.Fprintln(a.stdout, cell(filepath.FromSlash(s.Path(env.Entrypoint)))); err != nil {
					return err
				}
			}
			return append(broken, s.Located(graph.Check(cmd.Context(), names))...).Err()
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
	cmd := &cobra.Command{
		Use:   "importers-count DIR",
		Short: "Count the environments that depend on each file",
		Long:  help("tool_importers-count"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{fmt.Sprintf("importers-count: want one directory, got %d arguments", len(args)), ""}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			match, err := regexp.Compile(pattern)
			if err != nil {
				return usageError{fmt.Sprintf("--filename-regex: %v", err), ""}
			}
			files, err := a.filesIn(cmd.Context(), args[0], recursive, match)
			if err != nil {
				return err
			}
			s, graph, broken, err := a.graph(cmd.Context(), root, &jsonnet)
			if err != nil {
				return err
			}
			for _, file := range files {
				names := dependencyNames(s, file)
				broken = append(broken, s.Located(graph.Check(cmd.Context(), names[:1]))...)
				importers, err := graph.Importers(cmd.Context(), names)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(a.stdout, "%s: %d\n", cell(file), len(importers)); err != nil {
					return err
				}
			}
			return broken.Err()
		},
	}
	jsonnet.add(cmd.Flags())
	cmd.Flags().StringVar(&root, "root", ".", "search the environments below `DIR`")
	cmd.Flags().BoolVar(&recursive, "recursive", false, "count files in directories below, too")
	cmd.Flags().StringVar(&pattern, "filename-regex", `\.(jsonnet|libsonnet)$`, "count only files whose path matches `REGEX`")
	return cmd
}

// filesIn returns the regular files in a directory whose path matches, sorted.
func (a *app) filesIn(ctx context.Context, dir string, recursive bool, match *regexp.Regexp) ([]string, error) {
	entries, err := os.ReadDir(a.abs(dir))
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
			below, err := a.filesIn(ctx, path, true, match)
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

// graph returns the dependencies of the environments below a directory, and what
// is wrong with those that are broken and left out.
func (a *app) graph(ctx context.Context, dir string, j *jsonnetFlags) (s *workspace.State, graph *imports.Graph, broken diag.List, err error) {
	w, err := a.workspace(j, nil)
	if err != nil {
		return nil, nil, nil, err
	}
	s, entries, broken, err := w.Below(ctx, dir)
	if err != nil {
		return nil, nil, nil, err
	}
	defer a.traces().hold()()
	environments := make([]project.Environment, len(entries))
	for i, entry := range entries {
		environments[i] = entry.Environment
	}
	graph, err = imports.Scan(ctx, s.Project, s.Renderer, environments)
	if l, ok := diag.From(err); ok {
		return s, graph, append(broken, s.Located(l)...), nil
	}
	return s, graph, broken, err
}

// dependencyNames returns the names under which the project knows the file at a
// path: its own, and that of the file that a link leads to.
func dependencyNames(s *workspace.State, path string) []string {
	name := s.Name(path)
	return []string{name, s.Project.Resolved(name)}
}
