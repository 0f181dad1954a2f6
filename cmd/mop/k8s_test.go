package main

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The repository's own library is the one that the command generates. With -update the test
// generates it.
func TestCommittedLibrary(t *testing.T) {
	committed, err := filepath.Abs("../../vendor-jsonnet/github.com/jsonnet-libs/k8s-libsonnet/1.29")
	require.NoError(t, err)
	a := &app{dir: t.TempDir()}
	o := k8sGenerateOptions{version: "1.29", out: filepath.Join(t.TempDir(), "1.29")}
	require.NoError(t, runK8sGenerate(t.Context(), a, nil, o))
	want, got := contents(t, o.out), contents(t, committed)
	if *update && !maps.Equal(want, got) { // an equal one stays: tests of other packages may be reading it
		o.out = committed
		require.NoError(t, runK8sGenerate(t.Context(), a, nil, o))
		got = contents(t, committed)
	}
	require.NotEmpty(t, want)
	for name, text := range want {
		assert.Equal(t, text, got[name], name)
		delete(got, name)
	}
	assert.Empty(t, got, "not generated")
}

// A second run, and one that is interrupted, do not change the directory and leave nothing
// beside it.
func TestGenerateAgain(t *testing.T) {
	parent := t.TempDir()
	a := &app{dir: t.TempDir()}
	o := k8sGenerateOptions{version: "1.29", out: filepath.Join(parent, "k8s")}
	require.NoError(t, runK8sGenerate(t.Context(), a, nil, o))
	before := contents(t, parent)
	require.NoError(t, runK8sGenerate(t.Context(), a, nil, o))
	assert.Equal(t, before, contents(t, parent))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o.version = "1.37"
	require.ErrorIs(t, runK8sGenerate(ctx, a, nil, o), context.Canceled)
	assert.Equal(t, before, contents(t, parent))
	entries, err := os.ReadDir(parent)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

// contents returns the texts of the files below a directory by name.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	texts := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		texts[path[len(dir):]] = string(text)
		return err
	}))
	return texts
}
