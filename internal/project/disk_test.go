package project

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A path resolves as with filepath.EvalSymlinks, whatever was resolved before.
func TestRealPath(t *testing.T) {
	base, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(base, "a/b/c"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(base, "a/b/file"), nil, 0o666))
	for name, target := range map[string]string{
		"link": "a/b", "a/up": "..", "a/far": "../link/c", "a/b/c/file": "../file", "gone": "nowhere/x",
		"a/gone": "../gone", "loop": "loop2", "loop2": "loop", "absolute": filepath.Join(base, "a"),
	} {
		require.NoError(t, os.Symlink(target, filepath.Join(base, name)))
	}
	paths := []string{
		"", "a", "a/b/file", "a/b/c/file", "link", "link/file", "link/c/file", "a/far/file", "a/up/a/up/link/c", "absolute/b/file",
		"missing", "missing/x/y", "a/missing", "link/missing/x", "gone", "gone/x", "gone/x/y", "a/gone/x", "absolute/gone/x/y",
		"a/b/file/x", "a/b/file/x/y", "link/file/x", "loop", "loop/x", "loop/x/y",
	}
	reversed := slices.Clone(paths)
	slices.Reverse(reversed)
	for _, order := range [][]string{paths, reversed} {
		d := &disk{}
		for _, p := range order {
			p = filepath.Join(base, p)
			want, wrong := filepath.EvalSymlinks(p)
			if wrong != nil {
				want = reach(p, maxLinks)
			}
			got, err := d.realPath(p)
			assert.Equal(t, want, got, p)
			assert.Equal(t, wrong == nil, err == nil, "%s: %v, %v", p, wrong, err)
			if wrong != nil && err != nil {
				assert.Equal(t, cause(wrong), cause(err), p)
			}
		}
	}
}
