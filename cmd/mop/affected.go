package main

import (
	"context"
	"fmt"

	"github.com/mop-platform/mop/internal/dependency"
	"github.com/spf13/cobra"
)

type affectedOptions struct {
	jsonnet jsonnetFlags
	json    bool
	deleted bool
}

func newAffectedCommand(a *app) *cobra.Command {
	var o affectedOptions
	want := arguments(1, 2, "affected: want a range and at most one path", "for example: mop affected origin/main...HEAD")
	cmd := command("affected RANGE [PATH]", "List the environments that a change in git touches", "affected", want,
		func(cmd *cobra.Command, args []string) error {
			return runAffected(cmd.Context(), a, args[0], append(args, ".")[1], o)
		})
	o.jsonnet.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print a JSON array")
	cmd.Flags().BoolVar(&o.deleted, "deleted", false, "print the entrypoints that the change deletes instead, as for --merge-deleted-envs")
	return cmd
}

func runAffected(ctx context.Context, a *app, revisions, dir string, o affectedOptions) error {
	w, err := a.workspace(&o.jsonnet, nil)
	if err != nil {
		return err
	}
	graph, err := a.graph(ctx, w, dir)
	if err != nil {
		return err
	}
	names, err := dependency.Changed(ctx, graph.State, revisions)
	if err != nil {
		return err
	}
	found, broken := []string{}, graph.Broken
	if o.deleted {
		found = append(found, dependency.Deleted(graph.State, names)...)
	} else {
		importers, err := graph.Importers(ctx, names)
		if err != nil {
			return err
		}
		for _, env := range importers {
			found = append(found, graph.State.Shown(env.Dir))
		}
		broken = append(broken, graph.Check(ctx, names)...)
	}
	if o.json {
		if err := a.printJSON(found); err != nil {
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
