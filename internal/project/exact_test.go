package project_test

import (
	"context"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/project"
)

// flat is a file system that has files, but no directories: it can neither describe nor list
// one.
type flat map[string]string

func (f flat) Open(name string) (fs.File, error) {
	text, ok := f[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return fstest.MapFS{"x": {Data: []byte(text)}}.Open("x")
}

func TestExact(t *testing.T) {
	files := flat{
		"main.jsonnet":            "{}",
		"env/prod/main.jsonnet":   "{}",
		"env/prod/spec.json":      `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {}, "spec": {"namespace": "shop"}}`,
		"env/prod/other.jsonnet":  "{}",
		"env/prod/lib.libsonnet":  "{}",
		"env/broken/main.jsonnet": "{}",
		"env/broken/spec.json":    "{",
	}
	p := project.New(files)
	for name, want := range map[string]struct{ dir, entrypoint, namespace string }{
		"env/prod":               {"env/prod", "env/prod/main.jsonnet", "shop"},
		"./env/prod/":            {"env/prod", "env/prod/main.jsonnet", "shop"},
		"env/prod/main.jsonnet":  {"env/prod", "env/prod/main.jsonnet", "shop"},
		"env/prod/other.jsonnet": {"env/prod", "env/prod/other.jsonnet", "shop"},
		"env/prod/lib.libsonnet": {"env/prod", "env/prod/lib.libsonnet", "shop"},
		".":                      {".", "main.jsonnet", ""},
	} {
		env, err := p.Exact(t.Context(), name, p.ReadFile)
		require.NoError(t, err, name)
		assert.Equal(t, want.dir, env.Dir, name)
		assert.Equal(t, want.entrypoint, env.Entrypoint, name)
		if want.namespace != "" {
			assert.Equal(t, want.namespace, env.Resource.Spec.Namespace, name)
		}
	}
	for name, want := range map[string]string{
		"":             "environment: want the name of an environment, got none",
		"prod":         `environment prod: no such environment: no file "prod/main.jsonnet"`,
		"env/prod/x":   `environment env/prod/x: no such environment: no file "env/prod/x/main.jsonnet"`,
		"none.jsonnet": `environment none.jsonnet: no such environment: no file "none.jsonnet"`,
		"../env/prod":  "environment ../env/prod: outside the project's root",
	} {
		_, err := p.Exact(t.Context(), name, p.ReadFile)
		assert.EqualError(t, err, want)
		assert.ErrorIs(t, err, project.ErrNoEnvironment, name)
	}
	_, err := p.Exact(t.Context(), "prod", p.ReadFile)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	_, err = p.Exact(t.Context(), "../env/prod", p.ReadFile)
	assert.ErrorIs(t, err, project.ErrOutside)
	_, err = p.Exact(t.Context(), "env/broken", p.ReadFile)
	assert.ErrorContains(t, err, "env/broken/spec.json:1")
	assert.NotErrorIs(t, err, project.ErrNoEnvironment)
}

// On disk, a file in place of a directory, or the other way round, is no environment.
func TestExactOnDisk(t *testing.T) {
	root := tree(t, map[string]string{"jsonnetfile.json": "{}", "file": "", "dir.jsonnet/x": "", "env/main.jsonnet": "{}"})
	p, err := project.Find(root, project.Options{})
	require.NoError(t, err)
	for _, name := range []string{"file", "file/x", "dir.jsonnet"} {
		_, err := p.Exact(t.Context(), name, p.ReadFile)
		assert.ErrorIs(t, err, project.ErrNoEnvironment, name)
		assert.ErrorIs(t, err, fs.ErrNotExist, name)
	}
	_, err = p.Exact(t.Context(), "env", p.ReadFile)
	assert.NoError(t, err)
}

// A miss reads one file, and lists no directory.
func TestExactReadsLittle(t *testing.T) {
	p := project.New(flat{})
	var read []string
	_, err := p.Exact(t.Context(), "env", func(_ context.Context, name string) ([]byte, error) {
		read = append(read, name)
		return nil, fs.ErrNotExist
	})
	assert.ErrorIs(t, err, project.ErrNoEnvironment)
	assert.Equal(t, []string{"env/main.jsonnet"}, read)
}

func TestExactEndsWithItsContext(t *testing.T) {
	errGone := errors.New("the client is gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errGone)
	p := project.New(flat{"env/main.jsonnet": ""})
	_, err := p.Exact(ctx, "env", p.ReadFile)
	assert.ErrorIs(t, err, errGone)
}

// The kinds of failures of the look-up for people are in the chain too.
func TestCausesOfLookUps(t *testing.T) {
	root := tree(t, map[string]string{
		"none/x": "", "p/jsonnetfile.json": "{}", "p/a/env/main.jsonnet": "{}", "p/b/env/main.jsonnet": "{}", "p/empty/x": "",
	})
	_, err := project.Find(root+"/none", project.Options{})
	assert.ErrorIs(t, err, project.ErrNoProject)
	p, err := project.Find(root+"/p", project.Options{})
	require.NoError(t, err)
	_, err = p.Environment(t.Context(), "env", ".")
	assert.ErrorIs(t, err, project.ErrAmbiguous)
	_, err = p.Environment(t.Context(), "nowhere", ".")
	assert.ErrorIs(t, err, project.ErrNoEnvironment)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	_, err = p.Environment(t.Context(), "empty", ".")
	assert.ErrorIs(t, err, project.ErrNoEnvironment)
	_, err = project.Find(root+"/p", project.Options{ImportDirs: []string{root + "/nowhere"}})
	assert.ErrorIs(t, err, fs.ErrNotExist)
}
