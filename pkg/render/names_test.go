package render_test

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/render"
)

// An absolute path stands for the name that is relative to the root, in all methods and
// through whichever links it leads to the root.
func TestAbsoluteNames(t *testing.T) {
	dir, commit := repository(t)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dir, link))
	commit(map[string]string{
		"jsonnetfile.json": "{}", "lib/a.libsonnet": "1",
		"envs/e/main.jsonnet": configMap("a", "{ a: '' + import 'a.libsonnet' }"),
		"envs/e/spec.json":    `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {}, "spec": {"injectLabels": true}}`,
	})
	opened := func(p *render.Project, err error) *render.Project {
		require.NoError(t, err)
		return p
	}
	revision := opened(render.OpenRevision(t.Context(), dir, "HEAD", render.Config{}))
	defer revision.Close()
	plain := opened(render.Open(dir, render.Config{}))
	want, err := plain.Render(t.Context(), "envs/e", render.Args{})
	require.NoError(t, err)
	for name, test := range map[string]struct {
		project *render.Project
		root    string
	}{
		"the root": {plain, dir}, "a link to the root": {plain, link}, "a revision": {revision, dir},
		"a root behind a link": {opened(render.Open(link, render.Config{})), dir},
		"all behind a link":    {opened(render.Open(link, render.Config{})), link},
	} {
		t.Run(name, func(t *testing.T) {
			p, abs := test.project, func(name string) string { return filepath.ToSlash(filepath.Join(test.root, name)) }
			got, err := p.Render(t.Context(), abs("envs/e"), render.Args{})
			require.NoError(t, err)
			assert.Equal(t, want.Environment, got.Environment)
			assert.Equal(t, want.Objects, got.Objects)
			assert.Equal(t, want.Origins(want.Objects[0], nil), got.Origins(got.Objects[0], nil))
			assert.True(t, got.DependsOn(abs("lib/a.libsonnet")))
			assert.True(t, got.DependsOn(abs("envs")))
			assert.True(t, got.DependsOn(abs(".")))
			assert.False(t, got.DependsOn(abs("other")))
			for got, err := range p.RenderAll(t.Context(), abs("envs/e/main.jsonnet"), render.Args{}) {
				require.NoError(t, err)
				assert.Equal(t, want.Environment, got.Environment)
			}
			result, err := p.Eval(t.Context(), abs("envs/e"), "kind", render.Args{})
			require.NoError(t, err)
			value, err := result.Value()
			require.NoError(t, err)
			assert.Equal(t, "ConfigMap", value)
			text, err := p.ReadFile(t.Context(), abs("lib/a.libsonnet"))
			require.NoError(t, err)
			assert.Equal(t, "1", string(text))
			files, err := p.Files(t.Context(), abs("envs"), "*.jsonnet")
			require.NoError(t, err)
			assert.Equal(t, []string{"envs/e/main.jsonnet"}, files)
			listed := 0
			for env, err := range p.Environments(t.Context(), abs("envs")) {
				require.NoError(t, err)
				assert.Equal(t, want.Environment, env)
				listed++
			}
			assert.Equal(t, 1, listed)
		})
	}
	inMemory := open(t, map[string]string{"envs/e/main.jsonnet": "{}"}, render.Config{})
	_, err = inMemory.Files(t.Context(), "/envs", "*")
	assert.EqualError(t, err, "readdir /envs: invalid argument")
	_, err = inMemory.Render(t.Context(), "/envs/e", render.Args{})
	assert.Error(t, err)
}

// The directories that hold the root hold its files.
func TestDependsOnRoot(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"p/jsonnetfile.json": "{}", "p/env/main.jsonnet": configMap("a", "{}")} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	p, err := render.Open(filepath.Join(dir, "p"), render.Config{})
	require.NoError(t, err)
	res, err := p.Render(t.Context(), "env", render.Args{})
	require.NoError(t, err)
	for name, want := range map[string]bool{".": true, "": true, "./": true, "env/..": true, "..": true, "../..": true, "../q": false, "../..x": false} {
		assert.Equal(t, want, res.DependsOn(name), name)
	}
	assert.True(t, res.DependsOn(filepath.ToSlash(dir)))
}

// A pattern that could never match is an error.
func TestPatterns(t *testing.T) {
	p := open(t, map[string]string{"env/main.jsonnet": "{}"}, render.Config{})
	for _, pattern := range []string{"**/*.jsonnet", "env/*", "/", "["} {
		files, err := p.Files(t.Context(), ".", pattern)
		assert.ErrorIs(t, err, path.ErrBadPattern, pattern)
		assert.Empty(t, files)
	}
	_, err := p.Files(t.Context(), ".", "env/*")
	assert.EqualError(t, err, `render: pattern "env/*": want one for the last element of a name, got a slash: syntax error in pattern`)
}

// A project is opened by a directory, and not by a file in it.
func TestOpenOfAFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "jsonnetfile.json")
	require.NoError(t, os.WriteFile(file, []byte("{}"), 0o666))
	want := "render: " + filepath.ToSlash(file) + ": want a directory, got a file"
	p, err := render.Open(file, render.Config{})
	assert.Nil(t, p)
	assert.EqualError(t, err, want)
	_, err = render.OpenRevision(t.Context(), file, "HEAD", render.Config{})
	assert.EqualError(t, err, want)
}

// The text that follows the value may begin with its dot.
func TestEvalOfAPart(t *testing.T) {
	p := open(t, map[string]string{"env/main.jsonnet": "{ a: { b: [1, 2] } }"}, render.Config{})
	for expr, want := range map[string]string{
		"a.b[1]": "2", ".a.b[1]": "2", " .a.b[1]": "2", `.["a"].b[1]`: "2", `["a"].b[1]`: "2", ".a { b+: [3] }.b[2]": "3",
		".": `{"a":{"b":[1,2]}}`, "": `{"a":{"b":[1,2]}}`,
	} {
		res, err := p.Eval(t.Context(), "env", expr, render.Args{})
		require.NoError(t, err, expr)
		value, err := res.Value()
		require.NoError(t, err)
		text, err := json.Marshal(value)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(text), expr)
		assert.NotEmpty(t, res.Origins(), expr)
	}
}
