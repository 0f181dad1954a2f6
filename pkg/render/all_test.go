package render_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/render"
)

// all returns the names of the objects of all environments, and the errors, in order.
func all(p *render.Project, ctx context.Context, env string, a render.Args) []string {
	var got []string
	for res, err := range p.RenderAll(ctx, env, a) {
		if err != nil {
			got = append(got, err.Error())
			continue
		}
		for _, o := range res.Objects {
			got = append(got, res.Environment.Name+": "+o.String())
		}
	}
	return got
}

func TestRenderAll(t *testing.T) {
	p := open(t, map[string]string{"clusters/main.jsonnet": inline, "plain/main.jsonnet": configMap("a", "{}")}, render.Config{})
	assert.Equal(t, []string{"eu: ConfigMap eu/eu", "eu-west: ConfigMap eu-west/eu-west", "clusters: broken (clusters/main.jsonnet:3:29)"}, all(p, t.Context(), "clusters", render.Args{}))
	assert.Equal(t, []string{"eu: ConfigMap eu/eu"}, all(p, t.Context(), "clusters", render.Args{Name: "eu"}))
	assert.Equal(t, []string{"plain: ConfigMap a"}, all(p, t.Context(), "plain", render.Args{}))
	for name, want := range map[string]error{"e": render.ErrNoEnvironment, "us": nil} {
		for res, err := range p.RenderAll(t.Context(), "clusters", render.Args{Name: name}) {
			assert.Nil(t, res)
			require.Error(t, err)
			if want != nil {
				assert.ErrorIs(t, err, want)
			}
		}
	}
	for _, err := range p.RenderAll(t.Context(), "nowhere", render.Args{}) {
		assert.ErrorIs(t, err, fs.ErrNotExist)
	}
	for res, err := range p.RenderAll(t.Context(), "clusters", render.Args{}) {
		require.NoError(t, err)
		assert.Equal(t, "[clusters/main.jsonnet:3:49 clusters/main.jsonnet:3:8]", fmt.Sprint(res.Origins(res.Objects[0], nil)))
		break
	}
}

// The environments are of the files at one moment: before the first result the work begins
// again, and after it the loop ends with an error.
func TestRenderAllOfOneMoment(t *testing.T) {
	const main = `[{
		apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: name }, spec: {},
		data: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: (import 'version.libsonnet') + text } },
	} for name in ['a', 'b', 'c'] for text in [{ a: importstr 'a', b: importstr 'b', c: importstr 'c' }[name]]]`
	for during, want := range map[string][]string{
		"env/a": {"a: ConfigMap default/v2a", "b: ConfigMap default/v2b", "c: ConfigMap default/v2c"},
		"env/b": {"a: ConfigMap default/v1a", "environment env: its files changed during the loop"},
		"":      {"a: ConfigMap default/v1a", "b: ConfigMap default/v1b", "c: ConfigMap default/v1c"},
	} {
		files := memory(map[string]string{"env/main.jsonnet": main, "env/a": "a", "env/b": "b", "env/c": "c", "lib/version.libsonnet": "'v1'"})
		changed := false
		p, err := render.OpenFS(watched{files, func(name string) {
			if name == during && !changed {
				changed = true
				files["lib/version.libsonnet"].Data = []byte("'v2'")
			}
		}}, render.Config{})
		require.NoError(t, err)
		assert.Equal(t, want, all(p, t.Context(), "env", render.Args{}), during)
	}
	files := memory(map[string]string{"env/main.jsonnet": main, "env/a": "a", "env/b": "b", "env/c": "c", "lib/version.libsonnet": "'v1'"})
	p, err := render.OpenFS(watched{files, func(name string) { files["lib/version.libsonnet"].Data = []byte("'v2'") }}, render.Config{})
	require.NoError(t, err)
	assert.Equal(t, []string{"a: ConfigMap default/v2a", "b: ConfigMap default/v2b", "c: ConfigMap default/v2c"}, all(p.Freeze(), t.Context(), "env", render.Args{}))
}

// watched is a file system that calls a function when a file is opened.
type watched struct {
	fs.FS
	opened func(name string)
}

func (w watched) Open(name string) (fs.File, error) {
	w.opened(name)
	return w.FS.Open(name)
}

func TestRenderAllEndsWithItsContext(t *testing.T) {
	p := open(t, map[string]string{"clusters/main.jsonnet": inline}, render.Config{})
	errGone := errors.New("the client is gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	n := 0
	for _, err := range p.RenderAll(ctx, "clusters", render.Args{}) {
		if n++; n == 1 {
			require.NoError(t, err)
			cancel(errGone)
			continue
		}
		assert.ErrorIs(t, err, errGone)
	}
	assert.Equal(t, 2, n)
}

func TestEval(t *testing.T) {
	p := open(t, map[string]string{
		"env/main.jsonnet":  "function(n=1) { a: [n, { b: import 'lib.libsonnet' }], hidden:: 7 }",
		"lib/lib.libsonnet": "'x'", "env/other.jsonnet": "self",
	}, render.Config{})
	args := render.Args{Args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"n": jsonnet.Value([]int{2})}}}
	for expr, want := range map[string]string{
		"":                              `{"a":[[2],{"b":"x"}]}`,
		"a[1].b":                        `"x"`,
		"hidden":                        `7`,
		"a { }":                         `error`,
		"function(x) std.length(x.a)":   `2`,
		"function (x)\n\tx { a: null }": `{"a":null}`,
	} {
		res, err := p.Eval(t.Context(), "env", expr, args)
		if want == "error" {
			assert.Error(t, err)
			continue
		}
		require.NoError(t, err, expr)
		got, err := res.JSON()
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
	res, err := p.Eval(t.Context(), "env", "a[1]", args)
	require.NoError(t, err)
	assert.Equal(t, "[lib/lib.libsonnet:1:1 env/main.jsonnet:1:29]", fmt.Sprint(res.Origins("b")))
	_, err = p.Eval(t.Context(), "nowhere", "", args)
	assert.ErrorIs(t, err, render.ErrNoEnvironment)
}

func TestEnvironments(t *testing.T) {
	p := open(t, map[string]string{
		"a/clusters/main.jsonnet": inline,
		"a/fails/main.jsonnet":    "error 'no'",
		"a/plain/main.jsonnet":    "error 'is not evaluated'",
		"a/plain/spec.json":       spec,
		"a/spec/main.jsonnet":     "{}",
		"a/spec/spec.json":        "{",
		"vendor/b/main.jsonnet":   "{}",
		".git/main.jsonnet":       "{}",
		"main.jsonnet":            "{}",
	}, render.Config{})
	list := func(dir string) []string {
		var got []string
		for env, err := range p.Environments(t.Context(), dir) {
			text := env.Name + " " + env.Entrypoint
			if err != nil {
				text += " " + err.Error()
			}
			got = append(got, text)
		}
		return got
	}
	want := []string{
		"eu a/clusters/main.jsonnet", "eu-west a/clusters/main.jsonnet", "us a/clusters/main.jsonnet",
		" a/fails/main.jsonnet a/fails: no (a/fails/main.jsonnet:1:1)",
		"a/plain a/plain/main.jsonnet",
		" a/spec/main.jsonnet a/spec/spec.json:1:2: unexpected end of file",
	}
	assert.Equal(t, want, list("a"))
	assert.Equal(t, append(want, ". main.jsonnet"), list("."))
	assert.Equal(t, []string{"  open nowhere: file does not exist"}, list("nowhere"))
	// Each can be rendered by its entrypoint and name.
	for env, err := range p.Environments(t.Context(), "a/clusters") {
		require.NoError(t, err)
		_, err := p.Render(t.Context(), env.Entrypoint, render.Args{Name: env.Name})
		assert.NotErrorIs(t, err, render.ErrNoEnvironment)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, err := range p.Environments(ctx, "a") {
		if err != nil {
			assert.ErrorIs(t, err, context.Canceled)
		}
		cancel()
	}
	for _, err := range new(render.Project).Environments(t.Context(), ".") {
		assert.Error(t, err)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a_test.jsonnet", "b/a_test.jsonnet", "b/a.jsonnet", "vendor/a_test.jsonnet", "jsonnetfile.json"} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o666))
	}
	p, err := render.Open(dir, render.Config{})
	require.NoError(t, err)
	names, err := p.Files(t.Context(), ".", "*_test.jsonnet")
	require.NoError(t, err)
	assert.Equal(t, []string{"a_test.jsonnet", "b/a_test.jsonnet"}, names)
	text, err := p.ReadFile(t.Context(), "b/a.jsonnet")
	require.NoError(t, err)
	assert.Equal(t, "{}", string(text))
	_, err = p.ReadFile(t.Context(), "c")
	assert.ErrorIs(t, err, fs.ErrNotExist)
	_, err = p.ReadFile(t.Context(), "../../etc/passwd")
	assert.ErrorIs(t, err, render.ErrOutside)
	osPath, ok := p.Path("b")
	assert.True(t, ok)
	assert.Equal(t, filepath.Join(dir, "b"), osPath)

	frozen := p.Freeze()
	_, err = frozen.ReadFile(t.Context(), "b/a.jsonnet")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b/a.jsonnet"), []byte("[]"), 0o666))
	text, _ = frozen.ReadFile(t.Context(), "b/a.jsonnet")
	assert.Equal(t, "{}", string(text))
	text, _ = p.ReadFile(t.Context(), "b/a.jsonnet")
	assert.Equal(t, "[]", string(text))
}
