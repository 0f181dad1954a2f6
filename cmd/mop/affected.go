package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/pkg/project"
)

type affectedOptions struct {
	jsonnet jsonnetFlags
	json    bool
	deleted bool
}

func newAffectedCommand(a *app) *cobra.Command {
	var o affectedOptions
	cmd := &cobra.Command{
		Use:   "affected RANGE [PATH]",
		Short: "List the environments that a change in git touches",
		Long:  help("affected"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 && len(args) != 2 {
				return usageError{fmt.Sprintf("affected: want a range and at most one path, got %d arguments", len(args)), "for example: mop affected origin/main...HEAD"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 2 {
				dir = args[1]
			}
			return runAffected(cmd.Context(), a, args[0], dir, o)
		},
	}
	o.jsonnet.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print a JSON array")
	cmd.Flags().BoolVar(&o.deleted, "deleted", false, "print the entrypoints that the change deletes instead, as for --merge-deleted-envs")
	return cmd
}

func runAffected(ctx context.Context, a *app, revisions, dir string, o affectedOptions) error {
	s, graph, broken, err := a.graph(ctx, dir, &o.jsonnet)
	if err != nil {
		return err
	}
	repository, err := s.Repository(ctx)
	if err != nil {
		return err
	}
	from, to, parted := splitRange(revisions)
	if parted {
		if from, err = repository.MergeBase(ctx, from, to); err != nil {
			return err
		}
	}
	changed, err := repository.Changed(ctx, from, to)
	if err != nil {
		return err
	}
	names := s.Names(repository, changed)
	found := []string{}
	if o.deleted {
		for _, name := range names {
			if path.Base(name) != project.Entrypoint || !fs.ValidPath(name) {
				continue
			}
			if _, err := os.Stat(filepath.FromSlash(s.Path(name))); errors.Is(err, fs.ErrNotExist) {
				found = append(found, name)
			}
		}
	} else {
		importers, err := graph.Importers(ctx, names)
		if err != nil {
			return err
		}
		for _, env := range importers {
			found = append(found, s.Shown(env.Dir))
		}
		broken = append(broken, s.Located(graph.Check(ctx, names))...)
	}
	if o.json {
		text, err := json.Marshal(found)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(a.product, "%s\n", text); err != nil {
			return err
		}
		return broken.Err()
	}
	for _, name := range found {
		if _, err := fmt.Fprintln(a.stdout, cell(name)); err != nil {
			return err
		}
	}
	return broken.Err()
}

// splitRange splits FROM..TO and FROM...TO. A missing end is HEAD, as for git;
// one revision alone is held against the work tree, which is "".
func splitRange(revisions string) (from, to string, parted bool) {
	from, to, found := strings.Cut(revisions, "..")
	if !found {
		return revisions, "", false
	}
	to, parted = strings.CutPrefix(to, ".")
	if from == "" {
		from = "HEAD"
	}
	if to == "" {
		to = "HEAD"
	}
	return from, to, parted
}
