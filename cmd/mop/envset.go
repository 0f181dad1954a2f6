package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/workspace"
)

func newEnvSetCommand(a *app) *cobra.Command {
	var o specFlags
	cmd := command("set PATH", "Change fields of an environment's spec.json", "env_set", onePath, func(cmd *cobra.Command, args []string) error {
		if cmd.Flags().NFlag() == 0 {
			return wrongCall("env set: nothing to set", fmt.Sprintf(`run "%s --help" for the fields`, cmd.CommandPath()))
		}
		edit, err := o.edits(cmd.Context(), a, cmd.Flags())
		if err != nil {
			return err
		}
		return runEnvSet(cmd.Context(), a, args[0], edit)
	})
	o.add(cmd.Flags())
	return cmd
}

func runEnvSet(ctx context.Context, a *app, path string, edit func(*project.Spec)) error {
	entry, err := one(ctx, workspace.New(a.settings()), path)
	if err != nil {
		return err
	}
	file := entry.SpecFile()
	changes, err := entry.EditSpec(ctx, func(spec *project.Spec) error {
		edit(spec)
		return checkCluster(file, *spec)
	})
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		a.note("%s says so already", file)
	}
	for _, c := range changes {
		fmt.Fprintf(a.stderr, "mop: %s: spec.%s: %s -> %s\n", cell(file), c.Name, cell(cmp.Or(c.From, "none")), cell(cmp.Or(c.To, "none")))
	}
	return nil
}
