package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/scaffold"
	"github.com/mop-platform/mop/internal/workspace"
)

type envAddOptions struct {
	spec   specFlags
	inline bool
}

func newEnvAddCommand(a *app) *cobra.Command {
	var o envAddOptions
	cmd := command("add PATH", "Create an environment", "env_add", onePath, func(cmd *cobra.Command, args []string) error {
		edit, err := o.spec.edits(cmd.Context(), a, cmd.Flags())
		if err != nil {
			return err
		}
		return runEnvAdd(cmd.Context(), a, args[0], edit, o.inline)
	})
	o.spec.add(cmd.Flags())
	cmd.Flags().BoolVarP(&o.inline, "inline", "i", false, "write the Environment into main.jsonnet, in the place of a spec.json")
	return cmd
}

func runEnvAdd(ctx context.Context, a *app, path string, edit func(*project.Spec), inline bool) error {
	s, dir, err := workspace.New(a.settings()).Around(path)
	if err != nil {
		return err
	}
	resource := project.NewResource()
	edit(&resource.Spec)
	if err := checkCluster(dir, resource.Spec); err != nil {
		return err
	}
	spec, code, err := scaffold.Environment(dir, resource, "{}\n", inline)
	if err != nil {
		return err
	}
	return s.LocatedErr(s.Project.Add(ctx, dir, spec, code))
}
