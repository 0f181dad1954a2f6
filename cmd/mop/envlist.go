package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/summary"
)

type envListOptions struct {
	jsonnet     jsonnetFlags
	json, names bool
	selector    string
}

func newEnvListCommand(a *app) *cobra.Command {
	var o envListOptions
	cmd := command("list [PATH]", "List the environments below a directory", "env_list", arguments(0, 1, "env list: want one directory", ""), func(cmd *cobra.Command, args []string) error {
		return runEnvList(cmd.Context(), a, append(args, ".")[0], o)
	})
	cmd.Aliases = []string{"ls"}
	o.jsonnet.add(cmd.Flags())
	cmd.Flags().BoolVar(&o.json, "json", false, "print the Environment resources as a JSON array")
	cmd.Flags().BoolVar(&o.names, "names", false, "print only the names")
	cmd.Flags().StringVarP(&o.selector, "selector", "l", "", "list only environments whose labels match `SELECTOR`, as of kubectl: a=b,c!=d,e in (f,g)")
	return cmd
}

func runEnvList(ctx context.Context, a *app, path string, o envListOptions) error {
	if o.json && o.names {
		return wrongCall("--json and --names: want one of them", "")
	}
	selector, err := labels.Parse(o.selector)
	if err != nil {
		return wrongCall(fmt.Sprintf("--selector: %v", err), "")
	}
	w, err := a.workspace(&o.jsonnet, nil)
	if err != nil {
		return err
	}
	_, entries, found, err := w.Below(ctx, path)
	if err != nil {
		return err
	}
	show, done := a.atWork("environments")
	envs, more, err := batch.List(ctx, entries, show)
	done()
	if err != nil {
		return err
	}
	found = append(found, more...)
	envs = slices.DeleteFunc(envs, func(e render.Environment) bool {
		return !selector.Matches(labels.Set(e.Resource.Metadata.Labels))
	})
	to, text := a.stdout, summary.Table(envs)
	switch {
	case o.json:
		to, text = a.product, summary.JSON(envs)
	case o.names:
		text = summary.Names(envs)
	}
	if _, err := to.Write(text); err != nil {
		return err
	}
	if err := found.Err(); err != nil {
		return err
	}
	a.warn(found)
	return nil
}
