package project_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/project"
)

func TestCreate(t *testing.T) {
	root := tree(t, map[string]string{
		"kept/jsonnetfile.json": "mine",
		"tk/tkrc.yaml":          "",
		"file":                  "",
	})
	for _, dir := range []string{"new/deep", "kept", "kept/nested"} {
		p, err := project.Create(t.Context(), filepath.Join(root, dir), map[string][]byte{"jsonnetfile.json": []byte("{}\n")})
		require.NoError(t, err, dir)
		got, _ := p.Path(".")
		assert.Equal(t, filepath.Join(root, dir), got)
	}
	kept, err := os.ReadFile(filepath.Join(root, "kept/jsonnetfile.json"))
	require.NoError(t, err)
	assert.Equal(t, "mine", string(kept))

	_, err = project.Create(t.Context(), filepath.Join(root, "tk/sub"), map[string][]byte{"jsonnetfile.json": []byte("{}\n")})
	assert.Contains(t, render(t, err), "whose tkrc.yaml makes it the root of all below")
	assert.NoDirExists(t, filepath.Join(root, "tk/sub"))
	_, err = project.Create(t.Context(), filepath.Join(root, "file"), map[string][]byte{"jsonnetfile.json": []byte("{}\n")})
	assert.Error(t, err)
}

func TestAddAndRemove(t *testing.T) {
	root := tree(t, map[string]string{
		"p/tkrc.yaml":              "",
		"p/env/main.jsonnet":       "{}",
		"p/env/inner/main.jsonnet": "{}",
		"p/spec/spec.json":         "{}",
		"p/escape":                 "->../outside",
		"p/dangling/main.jsonnet":  "->nowhere",
		"p/linked":                 "->env",
		"outside/env/main.jsonnet": "{}",
	})
	p, err := project.Find(filepath.Join(root, "p"), project.Options{})
	require.NoError(t, err)

	r := project.NewResource()
	r.Spec.APIServer = "https://x?a=1&b=<2>"
	require.NoError(t, p.Add(t.Context(), "a/b", &r, "{}\n"))
	text, err := p.ReadFile(t.Context(), "a/b/spec.json")
	require.NoError(t, err)
	assert.Equal(t, `{
  "apiVersion": "tanka.dev/v1alpha1",
  "kind": "Environment",
  "metadata": {},
  "spec": {
    "apiServer": "https://x?a=1&b=<2>",
    "namespace": "default",
    "resourceDefaults": {},
    "expectVersions": {}
  }
}
`, string(text))
	require.NoError(t, p.Add(t.Context(), "a/inline", nil, "{}\n"))
	assert.NoFileExists(t, filepath.Join(root, "p/a/inline/spec.json"))

	refused := []struct{ name, dir, want string }{
		{"is one already", "a/b", "a/b/main.jsonnet: exists already\na/b/spec.json: exists already\n"},
		{"has a spec.json", "spec", "spec/spec.json: exists already\n"},
		{"dangling link", "dangling", "dangling/main.jsonnet: exists already\n"},
		{"link that leaves the root", "escape/new", "escape: path escapes from parent\n"},
		{"outside", "../new", "../new: outside the project's root\n"},
	}
	for _, tt := range refused {
		t.Run("add/"+tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, render(t, p.Add(t.Context(), tt.dir, nil, "{}")))
		})
	}
	assert.NoDirExists(t, filepath.Join(root, "outside/new"))

	never := func() error { t.Error("asked to confirm what is refused"); return nil }
	for _, tt := range []struct{ name, dir, want string }{
		{"root", ".", ".: is the project's root\n"},
		{"holds others", "env", "env: holds other environments: env/inner\n    hint: remove these first\n"},
		{"none itself", "a", "a: not an environment: no main.jsonnet here\n    hint: environments below it: a/b, a/inline\n"},
		{"no environment", "spec", "spec: not an environment: no main.jsonnet here\n"},
		{"link", "linked", "linked: want an environment's directory, got a file or a symbolic link\n"},
		{"link that leaves the root", "escape/env", "escape/env: path escapes from parent\n"},
		{"outside", "../outside/env", "../outside/env: outside the project's root\n"},
		{"missing", "none", "none: no such file or directory\n"},
	} {
		t.Run("remove/"+tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, render(t, p.Remove(t.Context(), tt.dir, never)))
		})
	}

	no := errors.New("no")
	assert.Equal(t, no, p.Remove(t.Context(), "a/b", func() error { return no }))
	assert.DirExists(t, filepath.Join(root, "p/a/b"))
	require.NoError(t, p.Remove(t.Context(), "a/b", func() error { return nil }))
	assert.NoDirExists(t, filepath.Join(root, "p/a/b"))
	assert.FileExists(t, filepath.Join(root, "outside/env/main.jsonnet"))

	// The next call removes what a killed process left, even if the call fails.
	left := filepath.Join(root, "p/.mop-work/old")
	require.NoError(t, os.MkdirAll(left, 0o777))
	require.Error(t, p.Remove(t.Context(), "a/b", never))
	assert.NoDirExists(t, filepath.Dir(left))

	inMemory := project.New(fstest.MapFS{})
	assert.ErrorIs(t, inMemory.Add(t.Context(), "x", nil, "{}"), fs.ErrInvalid)
	assert.ErrorIs(t, inMemory.Remove(t.Context(), "x", never), fs.ErrInvalid)
}
