package bundler

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/pace"
)

// FuzzUnpack checks that no archive writes anything beside its directory.
func FuzzUnpack(f *testing.F) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range []tar.Header{{Name: "lib-1/", Typeflag: tar.TypeDir, Mode: 0o755}, {Name: "lib-1/a/b", Size: 1, Mode: 0o644}, {Name: "lib-1/l", Typeflag: tar.TypeSymlink, Linkname: "a/b"}} {
		require.NoError(f, w.WriteHeader(&h))
		if h.Size > 0 {
			_, err := w.Write([]byte("x"))
			require.NoError(f, err)
		}
	}
	require.NoError(f, w.Close())
	f.Add(b.Bytes(), false)
	f.Add(bytes.ReplaceAll(b.Bytes(), []byte("lib-1/a/b"), []byte("lib-1/../")), false)
	f.Add(bytes.ReplaceAll(b.Bytes(), []byte("lib-1/"), []byte("/etc//")), true)
	f.Fuzz(func(t *testing.T, archive []byte, alone bool) {
		defer pace.Hold(t, len(archive))()
		var compressed bytes.Buffer
		w := gzip.NewWriter(&compressed)
		_, err := w.Write(archive)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		dir := t.TempDir()
		_, _ = unpackArchive(t.Context(), &compressed, filepath.Join(dir, "package"), ".", alone, Limits{Files: 100, Bytes: 1 << 20})
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.LessOrEqual(t, len(entries), 1)
		for _, e := range entries {
			assert.Equal(t, "package", e.Name())
		}
	})
}
