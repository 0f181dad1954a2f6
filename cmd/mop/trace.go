package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/explain"
	"github.com/mop-platform/mop/internal/inputs"
)

func newTraceCommand(a *app) *cobra.Command {
	var o explainOptions
	cmd := command("trace FILE:LINE [PATH]", "Tell which lines of the Jsonnet made a line of rendered YAML", "trace", arguments(1, 2, "trace: want FILE:LINE and perhaps an environment", "for example: mop trace out/v1.Service-web.yaml:12"), func(cmd *cobra.Command, args []string) error {
		path := ""
		if len(args) == 2 {
			if path = args[1]; path == "" {
				return wrongCall(`want an environment, got ""`, "is a variable empty?")
			}
		}
		return runTrace(cmd.Context(), a, cmd.InOrStdin(), args[0], path, o)
	})
	o.add(cmd)
	return cmd
}

func runTrace(ctx context.Context, a *app, stdin io.Reader, place, path string, o explainOptions) error {
	if err := o.check("trace"); err != nil {
		return err
	}
	i := strings.LastIndexByte(place, ':')
	line, err := strconv.Atoi(place[i+1:])
	if i < 0 || err != nil || line < 1 {
		return wrongCall(fmt.Sprintf("trace: want FILE:LINE, got %q", place), "for example: out/v1.Service-web.yaml:12")
	}
	w, err := a.workspace(&o.jsonnet, nil)
	if err != nil {
		return err
	}
	search := explain.Search{
		Inputs: inputs.Inputs{Dir: a.dir, Stdin: stdin}, Workspace: w, Name: o.name,
		One: func(ctx context.Context, arg string) (batch.Environment, error) {
			return a.environmentIn(ctx, w, arg, &objectFlags{name: o.name})
		},
	}
	if path == "" {
		show, done := a.atWork("environments")
		defer done()
		search.Watch = show
	}
	e, changed, err := search.Line(ctx, cmp.Or(place[:i], "-"), line, path)
	if err != nil {
		return err
	}
	if changed {
		a.note("%s has another value there than %s has now", place, e.Environment)
	}
	return a.writeExplanation(ctx, e, o.output)
}
