package main

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// The measured project makes the same objects with the flat library and the committed one.
func TestFlatLibrary(t *testing.T) {
	b := bench{dir: t.TempDir(), library: t.TempDir()}
	require.NoError(t, writeLibrary(b.library))
	dir, environments, err := b.project("project", 1, 51, false)
	require.NoError(t, err)
	eval := func(paths ...string) string {
		t.Helper()
		result, err := jsonnet.NewCache(0).Eval(context.Background(), jsonnet.Input{
			File:     filepath.Join(environments[0], "main.jsonnet"),
			Importer: newImporter(append(paths, filepath.Join(dir, "lib"))),
		})
		require.NoError(t, err)
		text, err := result.JSON()
		require.NoError(t, err)
		return string(text)
	}
	assert.Equal(t, eval("../../vendor-jsonnet"), eval(filepath.Join(dir, "vendor")))
}
