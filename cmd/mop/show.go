package main

import (
	"bytes"
	"context"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/cmd/mop/internal/option"
	"github.com/mop-platform/mop/internal/explain"
)

type showOptions struct {
	jsonnet jsonnetFlags
	objects objectFlags
	output  string
	// provenance asks for comments that name origins.
	provenance bool
}

func newShowCommand(a *app) *cobra.Command {
	var o showOptions
	cmd := command("show PATH", "Print the Kubernetes objects of an environment", "show", onePath,
		func(cmd *cobra.Command, args []string) error { return runShow(cmd.Context(), a, args[0], o) })
	cmd.ValidArgsFunction = a.completeEnvironment
	o.jsonnet.add(cmd.Flags())
	o.objects.add(cmd.Flags())
	// Tanka requires this flag if the output is no terminal.
	cmd.Flags().Bool("dangerous-allow-redirect", false, "")
	cmd.Flags().Lookup("dangerous-allow-redirect").Hidden = true
	cmd.Flags().StringVarP(&o.output, "output", "o", "yaml", "`FORMAT` of the output: "+option.Formats())
	cmd.Flags().BoolVar(&o.provenance, "provenance", false, "name in comments the file and line of the Jsonnet that set each field")
	return cmd
}

func runShow(ctx context.Context, a *app, path string, o showOptions) error {
	write, err := option.Writer("--output", o.output, option.Compat(o.objects.render.LikeTanka))
	if err != nil {
		return err
	}
	if o.provenance {
		if o.output != "yaml" {
			return wrongCall("--provenance: comments need -o yaml", "mop explain has -o json")
		}
		if err := o.jsonnet.needOrigins("--provenance"); err != nil {
			return err
		}
	}
	env, err := a.environment(ctx, path, &o.jsonnet, &o.objects)
	if err != nil {
		return err
	}
	objects, err := env.Objects(ctx)
	if err != nil {
		return err
	}
	if len(objects) == 0 && len(o.objects.targets) > 0 {
		a.note("no object matches --target")
	}
	if o.provenance {
		write = explain.Commented(env, write)
	}
	var b bytes.Buffer
	if err := write(ctx, &b, objects); err != nil {
		return err
	}
	_, err = a.product.Write(b.Bytes())
	return err
}
