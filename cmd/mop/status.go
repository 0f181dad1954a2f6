package main

import (
	"context"

	"github.com/mop-platform/mop/internal/summary"
	"github.com/spf13/cobra"
)

type statusOptions struct {
	jsonnet jsonnetFlags
	objects objectFlags
}

func newStatusCommand(a *app) *cobra.Command {
	var o statusOptions
	cmd := command("status PATH", "Print an environment's spec and the names of its objects", "status", onePath,
		func(cmd *cobra.Command, args []string) error { return runStatus(cmd.Context(), a, args[0], o) })
	o.jsonnet.add(cmd.Flags())
	o.objects.add(cmd.Flags())
	return cmd
}

func runStatus(ctx context.Context, a *app, path string, o statusOptions) error {
	env, err := a.environment(ctx, path, &o.jsonnet, &o.objects)
	if err != nil {
		return err
	}
	objects, err := env.Objects(ctx)
	if err != nil {
		return err
	}
	text, err := summary.Text(env.Environment, objects)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(text)
	return err
}
