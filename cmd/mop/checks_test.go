package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/lint"
)

// A file whose style is right stays the same file, one that is rewritten does
// not.
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

	a := &app{dir: dir}
	var out strings.Builder
	a.stdout, a.stderr = &out, &out
	require.NoError(t, runFmt(t.Context(), a, nil, []string{"."}, fmtOptions{}))
	assert.Empty(t, out.String())
	assert.True(t, os.SameFile(right, stat("right.jsonnet")))
	assert.False(t, os.SameFile(wrong, stat("wrong.jsonnet")))
}

// A failure of the linter on one file is no finding and hides none.
func TestLintNoOpinion(t *testing.T) {
	none := opinion{file: "a.libsonnet", err: &lint.NoOpinionError{File: "lib/a.libsonnet", Reason: "Bug"}}
	finding := opinion{file: "b.libsonnet", found: diag.List{{At: diag.Position{File: "lib/b.libsonnet", Line: 1, Column: 2}, Problem: "bad"}}}
	const note = "mop: note: a.libsonnet: no opinion: the linter failed: Bug\n"

	var out, errs strings.Builder
	a := &app{output: newOutput(&out, &errs)}
	require.NoError(t, a.reportLint([]opinion{none}))
	assert.Empty(t, out.String())
	assert.Equal(t, note, errs.String())

	errs.Reset()
	err := a.reportLint([]opinion{none, finding})
	require.ErrorIs(t, err, errFindings)
	assert.Equal(t, "lib/b.libsonnet:1:2: bad\n", out.String())
	assert.Equal(t, note, errs.String())
}
