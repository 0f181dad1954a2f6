package render_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
)

// text renders diagnostics.
func text(t *testing.T, l diag.List) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, diag.Write(&b, l, diag.Options{}))
	return b.String()
}

func faults(t *testing.T, err error) string {
	t.Helper()
	l, ok := diag.From(err)
	require.True(t, ok, "want diagnostics, got %v", err)
	return text(t, l)
}

func entry(t *testing.T, p *project.Project, name string) project.Environment {
	t.Helper()
	m, err := p.Environment(t.Context(), name, ".")
	require.NoError(t, err)
	return m.Environment
}

const inlineEnvironment = `
local env(name, data, spec={}, labels={}) = {
  apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: name, labels: labels }, spec: spec, data: data,
};
local cm(name) = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name } };
`

func TestLoad(t *testing.T) {
	tests := []struct {
		name, main, spec string
		want             []string
		warnings, fails  string
	}{
		{name: "no environment", main: `{ a: 1 }`, want: []string{"x, inline false"}},
		{name: "static", main: `{}`, spec: `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "other"}, "spec": {}}`, want: []string{"x, inline false"}},
		{name: "inline", main: `env('one', {})`, want: []string{"one, inline true"}},
		{name: "several, nested", main: `{ b: [env('two', {}), { c: env('one', {}) }], a: env('three', error 'x' ) { data:: {} } }`, want: []string{"one, inline true", "three, inline true", "two, inline true"}},
		{name: "Environment of another group", main: `{ apiVersion: 'crossplane.io/v1', kind: 'Environment', metadata: { name: 'e' } }`, want: []string{"x, inline false"}},
		{name: "objects outside", main: `{ env: env('one', {}), lost: [cm('a')] }`, want: []string{"one, inline true"}, warnings: `
lost[0]: warning: belongs to no environment and is left out
    x/main.jsonnet:6:31
    hint: move it into the data of an Environment
`},
		{name: "misspelt field", main: `{ e: env('one', {}, { injectLables: true }) }`, want: []string{"one, inline true"}, warnings: `
e.spec.injectLables: warning: unknown field
    x/main.jsonnet:6:37
    hint: did you mean "injectLabels"?
`},
		{name: "wrong type", main: `[env('one', {}, { namespace: 1 })]`, fails: `
[0].spec.namespace: want a string, got a number
    x/main.jsonnet:6:30
`},
		{name: "no name", main: `env('', {})`, fails: `
metadata.name: want a non-empty string, got none
    x/main.jsonnet:6:5
    x/main.jsonnet:3:76
`},
		{name: "one name twice", main: `{ a: env('one', {}), b: env('one', {}) }`, fails: `
b: an environment called "one" stands at a already
    x/main.jsonnet:6:25
    hint: give one of them another metadata.name
`},
		{name: "static and inline", main: `env('one', {})`, spec: `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment"}`, fails: `
.: an Environment resource, but the environment has a spec.json
    x/main.jsonnet:6:1
    x/spec.json
    hint: remove spec.json to make the environment an inline one, or the resource to keep it static
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			texts := map[string]string{"x/main.jsonnet": inlineEnvironment + tt.main}
			if tt.spec != "" {
				texts["x/spec.json"] = tt.spec
			}
			p := files(texts)
			f, err := render.New(p, render.Options{}).Load(t.Context(), entry(t, p, "x"))
			if tt.fails != "" {
				assert.Equal(t, strings.TrimPrefix(tt.fails, "\n"), faults(t, err))
				return
			}
			require.NoError(t, err)
			var got []string
			for _, e := range f.Environments {
				got = append(got, fmt.Sprintf("%s, inline %t", e.Name(), e.Inline))
				assert.Equal(t, "x/main.jsonnet", e.Resource.Metadata.Namespace)
			}
			assert.Equal(t, tt.want, got)
			assert.Equal(t, strings.TrimPrefix(tt.warnings, "\n"), text(t, f.Warnings))
		})
	}
}

// A file is evaluated once for any number of environments.
func TestLoadEvaluatesOnce(t *testing.T) {
	p := files(map[string]string{"x/main.jsonnet": inlineEnvironment + `std.trace('evaluated', [env('e%d' % i, { cm: cm('a') }) for i in std.range(1, 20)])`})
	var trace bytes.Buffer
	r := render.New(p, render.Options{Trace: &trace})
	f, err := r.Load(t.Context(), entry(t, p, "x"))
	require.NoError(t, err)
	for _, e := range f.Environments {
		objects, err := r.Objects(t.Context(), e)
		require.NoError(t, err)
		assert.Len(t, objects, 1)
	}
	assert.Len(t, f.Environments, 20)
	assert.Equal(t, 1, strings.Count(trace.String(), "evaluated"))
}

// A list of environments does not evaluate their objects.
func TestList(t *testing.T) {
	p := files(map[string]string{
		"x/main.jsonnet":      inlineEnvironment + `function(cluster='c') { deep: [env('one', error 'data is not needed', { namespace: cluster })], cm: cm(error 'nor is this') }`,
		"static/main.jsonnet": `error 'not evaluated'`,
		"static/spec.json":    `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "spec": {"apiServer": "host"}}`,
	})
	r := render.New(p, render.Options{TLAs: map[string]eval.Variable{"cluster": eval.String("given")}})
	f, err := r.List(t.Context(), entry(t, p, "x"))
	require.NoError(t, err)
	require.Len(t, f.Environments, 1)
	assert.Equal(t, "one", f.Environments[0].Name())
	assert.Equal(t, "given", f.Environments[0].Resource.Spec.Namespace)
	assert.Equal(t, "deep[0]", f.Environments[0].Path.String())

	f, err = r.List(t.Context(), entry(t, p, "static"))
	require.NoError(t, err)
	require.Len(t, f.Environments, 1)
	assert.Equal(t, "static", f.Environments[0].Name())
	assert.Equal(t, "https://host", f.Environments[0].Resource.Spec.APIServer)
}

func TestSelect(t *testing.T) {
	p := files(map[string]string{"x/main.jsonnet": inlineEnvironment + `[env(n, {}) for n in ['prod', 'prod-eu', 'prod-us', 'dev']]`})
	f, err := render.New(p, render.Options{}).Load(t.Context(), entry(t, p, "x"))
	require.NoError(t, err)
	tests := []struct{ name, want, fails string }{
		{"dev", "dev", ""},
		{"prod", "prod", ""},
		{"-eu", "prod-eu", ""},
		{"prod-", "", "x: holds several environments called like \"prod-\"\n    hint: select one by its name: prod-eu, prod-us\n"},
		{"", "", "x: holds several environments\n    hint: select one by its name: dev, prod, prod-eu, prod-us\n"},
		{"prdo", "", "x: no environment is called \"prdo\"\n    hint: did you mean \"prod\"?\n"},
		{`"`, "", "x: no environment is called \"\\\"\"\n    hint: its environments are dev, prod, prod-eu, prod-us\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := render.One(f.Environments, "x", tt.name)
			if tt.fails != "" {
				assert.Equal(t, tt.fails, faults(t, err))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, e.Name())
		})
	}
}

// Static environments can read their own resource, with the defaults that Tanka fills in.
// In other environments that is an error that says why.
func TestEnvironmentVariable(t *testing.T) {
	p := files(map[string]string{
		"s/main.jsonnet": `{ tk: (import 'tk').env, var: std.extVar('tanka.dev/environment') }`,
		"s/spec.json":    `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "n", "labels": {"a": "b"}}, "spec": {"apiServer": "host:6443", "injectLabels": true}}`,
		"i/main.jsonnet": inlineEnvironment + `env('one', { x: (import 'tk').env })`,
	})
	r := render.New(p, render.Options{})
	res, err := r.Eval(t.Context(), entry(t, p, "s"), "")
	require.NoError(t, err)
	want := map[string]any{
		"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment",
		"metadata": map[string]any{"name": "s", "namespace": "s/main.jsonnet", "labels": map[string]any{"a": "b"}},
		"spec": map[string]any{
			"apiServer": "https://host:6443", "namespace": "default", "injectLabels": true,
			"resourceDefaults": map[string]any{}, "expectVersions": map[string]any{},
		},
	}
	assert.Equal(t, map[string]any{"tk": want, "var": want}, res.Value)

	_, err = r.Render(t.Context(), entry(t, p, "i"))
	assert.Contains(t, faults(t, err), "tk.env and std.extVar('tanka.dev/environment') are only set where there is a spec.json")
}
