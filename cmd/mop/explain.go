package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/explain"
	"github.com/mop-platform/mop/pkg/manifest"
)

type explainOptions struct {
	jsonnet jsonnetFlags
	name    string
	output  string
}

func newExplainCommand(a *app) *cobra.Command {
	var o explainOptions
	cmd := command("explain PATH KIND/NAME [FIELD]", "Tell which lines of the Jsonnet made an object or a field", "explain", arguments(2, 3, "explain: want an environment, an object and perhaps a field", "for example: mop explain environments/dev Service/web 'spec.ports[0]'"), func(cmd *cobra.Command, args []string) error {
		field := "."
		if len(args) == 3 {
			field = args[2]
		}
		return runExplain(cmd.Context(), a, args[0], args[1], field, o)
	})
	cmd.ValidArgsFunction = a.completeEnvironment
	o.add(cmd)
	return cmd
}

// add adds the flags. mop trace has the same.
func (o *explainOptions) add(cmd *cobra.Command) {
	o.jsonnet.add(cmd.Flags())
	cmd.Flags().StringVar(&o.name, "name", "", "of several inline environments, take the one called `NAME` or whose name holds it")
	cmd.Flags().StringVarP(&o.output, "output", "o", "text", "`FORMAT` of the output: text or json")
}

func runExplain(ctx context.Context, a *app, path, object, field string, o explainOptions) error {
	if err := o.check("explain"); err != nil {
		return err
	}
	at, err := manifest.ParsePath(field)
	if err != nil {
		return wrongCall(fmt.Sprintf("FIELD: %v", err), `a name with a dot or a slash is written as in 'metadata.labels["a.b/c"]'`)
	}
	name, err := explain.ParseName(object)
	if err != nil {
		return wrongCall(err.Error(), "for example: NetworkPolicy/tempo")
	}
	env, err := a.environment(ctx, path, &o.jsonnet, &objectFlags{name: o.name})
	if err != nil {
		return err
	}
	objects, err := env.Objects(ctx)
	if err != nil {
		return err
	}
	found, err := name.In(env.Name(), objects)
	if err != nil {
		return err
	}
	e, err := explain.Field(ctx, env, found, at)
	if err != nil {
		return err
	}
	return a.writeExplanation(ctx, e, o.output)
}

// check checks the flags of a command.
func (o *explainOptions) check(command string) error {
	if o.output != "text" && o.output != "json" {
		return wrongCall(fmt.Sprintf("--output: want text or json, got %q", o.output), "")
	}
	return o.jsonnet.needOrigins(command)
}

// writeExplanation writes e as text or json.
func (a *app) writeExplanation(ctx context.Context, e explain.Explanation, format string) error {
	if format == "json" {
		return e.WriteJSON(a.product)
	}
	return e.WriteText(ctx, a.stdout)
}
