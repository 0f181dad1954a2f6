// Package memory renders an environment whose files are in memory, with a native function and
// a top-level argument.
package memory

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing/fstest"

	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/render"
)

var files = fstest.MapFS{
	"prod/main.jsonnet": {Data: []byte(`
		function(n) {
			[std.native('upper')('web%d' % i)]: {
				apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web-%d' % i },
			}
			for i in std.range(1, n)
		}`)},
	"prod/spec.json": {Data: []byte(`{"spec": {"namespace": "shop"}}`)},
}

// Print writes a line for each object: Kind.group namespace/name.
func Print(ctx context.Context, w io.Writer) error {
	upper := jsonnet.Native{
		Name:   "upper",
		Params: []string{"text"},
		Func: func(_ jsonnet.Call, args []any) (any, error) {
			text, ok := args[0].(string)
			if !ok {
				return nil, fmt.Errorf("text: want a string, got %T", args[0])
			}
			return strings.ToUpper(text), nil
		},
	}
	p, err := render.OpenFS(files, render.Config{Natives: []jsonnet.Native{upper}})
	if err != nil {
		return err
	}
	tlas := map[string]jsonnet.Var{"n": jsonnet.Value(3)}
	res, err := p.Render(ctx, "prod", render.Args{Args: jsonnet.Args{TLAs: tlas}})
	if err != nil {
		return err
	}
	for _, o := range res.Objects {
		fmt.Fprintln(w, o)
	}
	return nil
}
