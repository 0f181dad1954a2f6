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

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/git"
	"github.com/mop-platform/mop/pkg/imports"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/render"
)

const importsDoc = `Imports prints the files that an environment depends on, as a JSON array of names
relative to the project's root: all imports of every kind, in every branch, the
files of charts, the spec.json. An import that leads to no file is an error, also
in a branch that is never taken: all of them are told, and nothing is printed.

With -c it tells instead whether a commit changed one of them, and exits with 1
if so.

Examples:
  mop tool imports environments/dev
  mop tool imports environments/dev -c HEAD`

func newToolImportsCommand(a *app) *cobra.Command {
	var jsonnet jsonnetFlags
	var commit string
	cmd := &cobra.Command{
		Use:   "imports PATH",
		Short: "List the files that an environment depends on",
		Long:  importsDoc,
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
	r, entry, _, err := a.renderer(ctx, path, j, render.Options{})
	if err != nil {
		return err
	}
	e, err := imports.Of(ctx, a.project, r, entry)
	if err != nil {
		return err
	}
	if err := unresolved(e.Unresolved).Err(); err != nil {
		return err
	}
	if commit == "" {
		text, err := json.Marshal(e.Files)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(a.product, "%s\n", text)
		return err
	}
	repository, err := a.repository(ctx)
	if err != nil {
		return err
	}
	names, err := repository.Changed(ctx, commit+"^", commit)
	if err != nil {
		return err
	}
	for _, name := range a.projectNames(repository, names) {
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

const importersDoc = `Importers prints the entrypoints of all environments that depend on one of the
files, directly or through others: an absolute path a line. A file that is gone
is given as deleted:FILE, or just so: what imports it still depends on it.

Imports are read without parsing the files. What keeps the imports of a file from
being told, as an open bracket does, and what is wrong with FILE hides nothing
else: it is reported on standard error, the others are printed, and the exit
status is 2.

Examples:
  mop tool importers lib/web.libsonnet
  mop tool importers deleted:lib/old.libsonnet charts/web/values.yaml`

func newToolImportersCommand(a *app) *cobra.Command {
	var jsonnet jsonnetFlags
	var root string
	cmd := &cobra.Command{
		Use:   "importers FILE...",
		Short: "List the environments that depend on files",
		Long:  importersDoc,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{"importers: want at least one file", "for example: mop tool importers lib/web.libsonnet"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			graph, broken, err := a.graph(cmd.Context(), root, &jsonnet)
			if err != nil {
				return err
			}
			var names []string
			for _, arg := range args {
				names = append(names, a.dependencyNames(strings.TrimPrefix(arg, "deleted:"))...)
			}
			importers, err := graph.Importers(cmd.Context(), names)
			if err != nil {
				return err
			}
			for _, env := range importers {
				path, _ := a.project.Path(env.Entrypoint)
				if _, err := fmt.Fprintln(a.stdout, cell(path)); err != nil {
					return err
				}
			}
			return append(broken, graph.Check(cmd.Context(), names)...).Err()
		},
	}
	jsonnet.add(cmd.Flags())
	cmd.Flags().StringVar(&root, "root", ".", "search the environments below `DIR`")
	return cmd
}

const importersCountDoc = `Importers-count prints, for each Jsonnet file in a directory, how many
environments depend on it; entrypoints called main.jsonnet do not count.`

func newToolImportersCountCommand(a *app) *cobra.Command {
	var jsonnet jsonnetFlags
	var root, pattern string
	var recursive bool
	cmd := &cobra.Command{
		Use:   "importers-count DIR",
		Short: "Count the environments that depend on each file",
		Long:  importersCountDoc,
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
			graph, broken, err := a.graph(cmd.Context(), root, &jsonnet)
			if err != nil {
				return err
			}
			for _, file := range files {
				names := a.dependencyNames(file)
				broken = append(broken, graph.Check(cmd.Context(), names[:1])...)
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
		return nil, unreadable(dir, err)
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
func (a *app) graph(ctx context.Context, dir string, j *jsonnetFlags) (graph *imports.Graph, broken diag.List, err error) {
	r, entries, broken, err := a.below(ctx, dir, j, render.Options{})
	if err != nil {
		return nil, nil, err
	}
	defer a.traces().hold()()
	graph, err = imports.Scan(ctx, a.project, r, entries)
	if l, ok := diag.From(err); ok {
		return graph, append(broken, l...), nil
	}
	return graph, broken, err
}

// dependencyNames returns the names under which the project knows the file at a
// path: its own, and that of the file that a link leads to.
func (a *app) dependencyNames(path string) []string {
	name, _ := a.project.Name(a.abs(path))
	return []string{name, a.project.Resolved(name)}
}

// repository opens the git repository that holds the project.
func (a *app) repository(ctx context.Context) (*git.Repository, error) {
	root, _ := a.project.Path(".")
	return git.Open(ctx, root, git.Options{Env: a.environ})
}

// projectNames returns the names in the project of the files that the
// repository knows under names. Those outside the project's root are in it: an
// import directory may be there.
func (a *app) projectNames(repository *git.Repository, names []string) []string {
	root, _ := a.project.Path(".")
	prefix, ok := repository.Name(root)
	if !ok {
		return nil
	}
	var out []string
	for _, name := range names {
		// Both are relative to the top, so that there always is a way.
		rel, _ := filepath.Rel(filepath.FromSlash(prefix), filepath.FromSlash(name))
		out = append(out, filepath.ToSlash(rel))
	}
	return out
}
