package project

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/pace"
)

// FuzzWorkTree checks that the text of a directory's file .git never makes another
// directory the top.
func FuzzWorkTree(f *testing.F) {
	for _, text := range []string{"", "gitdir: ../real", "gitdir:/", "gitdir: .", "gitdir: \x00"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		defer pace.Hold(t, len(text))()
		dir, err := filepath.EvalSymlinks(t.TempDir())
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, ".git"), text, 0o666))
		if top, ok := WorkTree(dir); ok {
			assert.Equal(t, dir, top)
		}
	})
}

// FuzzLocalPackages checks that a jsonnetfile.json opens only directories that have one
// too.
func FuzzLocalPackages(f *testing.F) {
	for _, text := range []string{"", "{}", `{"version":1,"dependencies":[{"source":{"local":{"directory":"../package"}}}]}`, `{"version":1,"dependencies":[{"source":{"local":{"directory":"/"}}},{"source":{"local":{"directory":"../plain"}}}]}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		defer pace.Hold(t, len(text))()
		top, err := filepath.EvalSymlinks(t.TempDir())
		require.NoError(t, err)
		for _, dir := range []string{"root", "package", "plain"} {
			require.NoError(t, os.Mkdir(filepath.Join(top, dir), 0o777))
		}
		require.NoError(t, os.WriteFile(filepath.Join(top, "root", "jsonnetfile.json"), text, 0o666))
		require.NoError(t, os.WriteFile(filepath.Join(top, "package", "jsonnetfile.json"), []byte("{}"), 0o666))
		for _, dir := range localPackages(filepath.Join(top, "root")) {
			assert.FileExists(t, filepath.Join(dir, "jsonnetfile.json"))
		}
	})
}
