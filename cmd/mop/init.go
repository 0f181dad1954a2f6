package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/scaffold"
	"github.com/mop-platform/mop/internal/schema"
)

// initOptions are the flags of init.
type initOptions struct {
	force, inline bool
	k8s           string
}

func newInitCommand(a *app) *cobra.Command {
	var o initOptions
	cmd := command("init [DIR]", "Set up a project", "init", arguments(0, 1, "init: want one directory", ""),
		func(cmd *cobra.Command, args []string) error {
			return runInit(cmd.Context(), a, append(args, ".")[0], o)
		})
	cmd.Flags().BoolVarP(&o.force, "force", "f", false, "go on in a directory that holds files")
	cmd.Flags().BoolVarP(&o.inline, "inline", "i", false, "write the Environment into main.jsonnet, in the place of a spec.json")
	cmd.Flags().StringVar(&o.k8s, "k8s", release.Default.String(), "minor `VERSION` of Kubernetes that the library is for, or false for no library")
	return cmd
}

func runInit(ctx context.Context, a *app, dir string, o initOptions) error {
	var minor schema.Minor
	if o.k8s != "false" {
		var err error
		if minor, err = schema.MinorOf("--k8s", o.k8s); err != nil {
			return err
		}
	}
	made, err := scaffold.Project(ctx, scaffold.Options{Dir: a.abs(dir), Name: dir, Minor: minor, Inline: o.inline, Force: o.force})
	if full := (*scaffold.NotEmptyError)(nil); errors.As(err, &full) {
		return wrongCall(fmt.Sprintf("init: %v", full), "with --force init goes on and overwrites nothing")
	}
	if err != nil {
		return err
	}
	if made.Completed {
		a.note("completed what an interrupted call has begun in %s", dir)
	}
	root, _ := made.Project.Path(".")
	if made.Old {
		fmt.Fprintf(a.stderr, "mop: %s is a project; its %s stays as it is\n", cell(root), scaffold.First)
		return nil
	}
	environment, _ := made.Project.Path(scaffold.First)
	fmt.Fprintf(a.stderr, "mop: %s is a project; try \"mop show %s\"\n", cell(root), cell(a.displayPath(environment)))
	return nil
}
