package export_test

import (
	"bytes"
	"context"
	"fmt"
	"testing/fstest"
	"time"

	"github.com/mop-platform/mop/pkg/export"
	"github.com/mop-platform/mop/pkg/render"
)

func ExampleFiles() {
	p, err := render.OpenFS(fstest.MapFS{"prod/main.jsonnet": {Data: []byte(`[
		{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name } } for name in ['a', 'b']
	]`)}}, render.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	namer, err := export.Format("{{.kind}}-{{.metadata.name}}.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var buf bytes.Buffer
	for f, err := range export.Files(p.RenderAll(ctx, "prod", render.Args{}), namer) {
		if err != nil {
			fmt.Println(err)
			continue
		}
		if _, err := f.WriteTo(&buf); err != nil {
			fmt.Println(err)
		}
		fmt.Println(f.Name, f.Object)
	}
	// Output:
	// ConfigMap-a.yaml ConfigMap a
	// ConfigMap-b.yaml ConfigMap b
}
