package source

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/lint"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// A failure of the linter on one file is no finding, and hides no findings.
func TestGathered(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "jsonnetfile.json"), []byte("{}"), 0o666))
	s, err := workspace.New(workspace.Settings{Dir: dir}).State(".")
	require.NoError(t, err)
	bad := diag.Diagnostic{At: diag.Position{File: "lib/b.libsonnet", Line: 1, Column: 2}, Problem: "bad"}

	none := opinion{state: s, file: "a.libsonnet", err: &lint.NoOpinionError{File: "lib/a.libsonnet", Reason: "Bug"}}
	finding := opinion{state: s, file: "b.libsonnet", found: diag.List{bad}}
	broken := opinion{state: s, file: "c.libsonnet", err: diag.List{bad}.Err()}
	unread := opinion{state: s, file: "d.libsonnet", err: os.ErrNotExist}
	got, err := gathered([]opinion{none, finding, broken, unread})
	require.NoError(t, err)
	assert.Equal(t, []None{{"a.libsonnet", "Bug"}}, got.None)
	assert.Equal(t, s.Located(diag.List{bad}), got.Found)
	assert.Equal(t, append(s.Located(diag.List{bad}), workspace.Unreadable("d.libsonnet", os.ErrNotExist)), got.Broken)

	_, err = gathered([]opinion{finding, {state: s, err: context.Canceled}})
	assert.ErrorIs(t, err, context.Canceled)
}
