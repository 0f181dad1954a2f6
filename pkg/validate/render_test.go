package validate_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/render"
	"github.com/mop-platform/mop/pkg/validate"
)

// rendered renders an environment whose objects a library makes.
func rendered(t *testing.T, kubernetes string) *render.Result {
	t.Helper()
	spec := `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "prod"}, "spec": {"namespace": "web"`
	if kubernetes != "" {
		spec += `, "expectVersions": {"kubernetes": "` + kubernetes + `"}`
	}
	p, err := render.OpenFS(fstest.MapFS{
		"prod/main.jsonnet": {Data: []byte("(import 'flows.libsonnet') {\n  map: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: $.data },\n}\n")},
		"prod/spec.json":    {Data: []byte(spec + "}}")},
		"lib/flows.libsonnet": {Data: []byte(`{
  data:: { a: 1 },
  flow: {
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1beta3', kind: 'FlowSchema', metadata: { name: 'f' },
    spec: { priorityLevelConfiguration: { name: 'exempt' } },
  },
}
`)},
	}, render.Config{})
	require.NoError(t, err)
	r, err := p.Render(t.Context(), "prod", render.Args{})
	require.NoError(t, err)
	return r
}

// The findings about a rendered environment have the places of its Jsonnet, and those of
// the release that it expects, unless the Config says another one.
func TestCheckRender(t *testing.T) {
	const fault = "ConfigMap web/a data.a: want a string, got number 1 at lib/flows.libsonnet:2"
	for name, test := range map[string]struct {
		expected, release string
		want              string
	}{
		"no release":           {"", "", "is deprecated since 1.29"},
		"the expected release": {"1.33", "", "is gone since 1.32"},
		"that of the Config":   {"1.33", "1.31", "is deprecated since 1.29"},
		"that of a cluster":    {"v1.32.1-gke.7", "", "is gone since 1.32"},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := validate.New(validate.Config{Release: test.release})
			require.NoError(t, err)
			report, err := v.CheckRender(t.Context(), rendered(t, test.expected))
			require.NoError(t, err)
			all := told(report.Findings())
			assert.Contains(t, all, fault)
			assert.Contains(t, all, test.want)
			assert.Contains(t, all, "at lib/flows.libsonnet:4")
			for _, r := range report.Results {
				assert.Equal(t, diag.Position{File: "prod/main.jsonnet"}, r.Object.Source)
			}
		})
	}
}

func TestCheckRenderRefuses(t *testing.T) {
	var v validate.Validator
	_, err := v.CheckRender(t.Context(), nil)
	assert.ErrorContains(t, err, "want a Result, got nil")
	_, err = v.CheckRender(t.Context(), rendered(t, "2.0"))
	assert.ErrorContains(t, err, "spec.expectVersions.kubernetes: want one of 1.29, ")
	l, ok := diag.From(err)
	require.True(t, ok)
	assert.Equal(t, []diag.Position{{File: "prod/main.jsonnet"}}, l[0].Origins)
	report, err := v.CheckRender(t.Context(), &render.Result{})
	require.NoError(t, err)
	assert.True(t, report.OK())
}

// Render an environment, validate it, and write it and what is wrong with it.
func ExampleValidator_CheckRender() {
	ctx := context.Background()
	p, err := render.OpenFS(fstest.MapFS{
		"prod/main.jsonnet": {Data: []byte("{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: '1' }, imutable: true }")},
	}, render.Config{})
	if err != nil {
		panic(err)
	}
	res, err := p.Render(ctx, "prod", render.Args{})
	if err != nil {
		panic(err)
	}
	v, err := validate.New(validate.Config{})
	if err != nil {
		panic(err)
	}
	report, err := v.CheckRender(ctx, res)
	if err != nil {
		panic(err)
	}
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	for _, f := range report.Findings() {
		log.Warn(f.Problem, "object", f.Object, "path", f.Path, "origin", f.Origins[0])
	}
	if err := json.NewEncoder(os.Stdout).Encode(res.Objects); err != nil {
		panic(err)
	}
	// Output:
	// level=WARN msg="no such field" object="ConfigMap a" path=imutable origin=prod/main.jsonnet:1:93
	// [{"apiVersion":"v1","data":{"a":"1"},"imutable":true,"kind":"ConfigMap","metadata":{"name":"a"}}]
}
