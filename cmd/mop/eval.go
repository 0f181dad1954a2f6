package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"
)

type evalOptions struct {
	jsonnet jsonnetFlags
	expr    string
}

func newEvalCommand(a *app) *cobra.Command {
	var o evalOptions
	cmd := command("eval PATH", "Evaluate an environment and print the result as JSON", "eval", onePath,
		func(cmd *cobra.Command, args []string) error { return runEval(cmd.Context(), a, args[0], o) })
	cmd.ValidArgsFunction = a.completeEnvironment
	o.jsonnet.add(cmd.Flags())
	cmd.Flags().StringVarP(&o.expr, "eval", "e", "", "print only `EXPR` of the result, such as a.b[0] or a { c: 1 }")
	return cmd
}

func runEval(ctx context.Context, a *app, path string, o evalOptions) error {
	w, err := a.workspace(&o.jsonnet, nil)
	if err != nil {
		return err
	}
	entry, err := one(ctx, w, path)
	if err != nil {
		return err
	}
	if entry.Name != "" {
		return wrongCall(fmt.Sprintf("eval: %s: eval knows no environments inside of a file", path), "select a part of the result with -e")
	}
	a.warn(entry.State.Located(entry.Warnings))
	res, err := entry.State.Eval(ctx, entry.Environment, o.expr)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	if err := enc.Encode(res.Value); err != nil {
		return err
	}
	_, err = a.product.Write(b.Bytes())
	return err
}
