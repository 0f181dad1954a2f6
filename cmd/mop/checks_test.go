package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mop fmt does not touch a file that is formatted already, and replaces another by a new
// file.
func TestFmtLeavesFilesAlone(t *testing.T) {
	dir := t.TempDir()
	stat := func(name string) os.FileInfo {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		return info
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "right.jsonnet"), []byte("{ a: 1 }\n"), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "wrong.jsonnet"), []byte("{a:1}"), 0o666))
	right, wrong := stat("right.jsonnet"), stat("wrong.jsonnet")

	a := &app{dir: dir, lookupEnv: noVariables}
	var out strings.Builder
	a.stdout, a.stderr = &out, &out
	require.NoError(t, runFmt(t.Context(), a, nil, []string{"."}, fmtOptions{}))
	assert.Empty(t, out.String())
	assert.True(t, os.SameFile(right, stat("right.jsonnet")))
	assert.False(t, os.SameFile(wrong, stat("wrong.jsonnet")))
}
