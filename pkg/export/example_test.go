package export_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"testing/fstest"
	"time"

	"github.com/mop-platform/mop/pkg/diff"
	"github.com/mop-platform/mop/pkg/export"
	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/render"
	"github.com/mop-platform/mop/pkg/vendoring"
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

// A program that says what a change does, exports into memory, and names the packages.
func Example_change() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	fsys := fstest.MapFS{
		"prod/main.jsonnet": {Data: []byte(`function(n) [
			{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas: n } },
			{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' }, stringData: { n: '%d' % n } },
		]`)},
		"jsonnetfile.lock.json": {Data: []byte(`{"version": 1, "dependencies": [
			{"source": {"git": {"remote": "https://github.com/grafana/jsonnet-libs.git", "subdir": "ksonnet-util"}}, "version": "38e888ec"}
		]}`)},
	}
	p, err := render.OpenFS(fsys, render.Config{})
	if err != nil {
		panic(err)
	}
	args := func(n int) render.Args {
		return render.Args{Args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"n": jsonnet.Value(n)}}}
	}
	a, err := p.Render(ctx, "prod", args(1))
	if err != nil {
		panic(err)
	}
	b, err := p.Render(ctx, "prod", args(2))
	if err != nil {
		panic(err)
	}
	for _, c := range diff.Compare(a.Objects, b.Objects) {
		fmt.Println(c, c.Fields())
	}

	namer, err := export.Format("{{.kind}}-{{.metadata.name}}.yaml")
	if err != nil {
		panic(err)
	}
	var buf bytes.Buffer
	for f, err := range export.Files(p.RenderAll(ctx, "prod", args(2)), namer) {
		if err != nil {
			panic(err)
		}
		if _, err := f.WriteTo(&buf); err != nil {
			panic(err)
		}
		fmt.Println(f.Name)
	}

	packages, err := vendoring.ReadLock(fsys)
	fmt.Println(packages, err)
	// Output:
	// changed Secret key [changed stringData.n]
	// changed Deployment.apps web [changed spec.replicas]
	// Secret-key.yaml
	// Deployment-web.yaml
	// [github.com/grafana/jsonnet-libs/ksonnet-util@38e888ec] <nil>
}

func ExampleDir() {
	dir, err := os.MkdirTemp("", "export")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	p, err := render.OpenFS(fstest.MapFS{"prod/main.jsonnet": {Data: []byte(`[
		{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name } } for name in ['a', 'b']
	]`)}}, render.Config{})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	written, err := export.Dir(ctx, dir, p.RenderAll(ctx, "prod", render.Args{}), export.Options{})
	fmt.Println(written.Files, err)
	// Output:
	// [v1.ConfigMap-a.yaml v1.ConfigMap-b.yaml] <nil>
}
