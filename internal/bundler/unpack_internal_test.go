package bundler

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
)

// compressed returns the compressed archive that add writes.
func compressed(t *testing.T, add func(w *tar.Writer)) io.Reader {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	require.NoError(t, err)
	w := tar.NewWriter(z)
	add(w)
	require.NoError(t, w.Close())
	require.NoError(t, z.Close())
	return &b
}

// A small archive that is large once it is decompressed is read only as far as the budget
// reaches.
func TestUnpackEndsWithTheBudget(t *testing.T) {
	bomb := compressed(t, func(w *tar.Writer) {
		const size = 64 << 20
		require.NoError(t, w.WriteHeader(&tar.Header{Name: "x", Size: size, Mode: 0o644}))
		_, err := io.CopyN(w, zeros{}, size)
		require.NoError(t, err)
	})
	ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: time.Nanosecond})
	defer stop()
	<-ctx.Done()
	_, err := unpackArchive(ctx, bomb, filepath.Join(t.TempDir(), "x"), ".", true, Limits{})
	var exceeded *budget.Exceeded
	require.ErrorAs(t, err, &exceeded)

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x"), []byte("x"), 0o666))
	_, err = sumDir(ended, dir)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, copyDir(ended, dir, filepath.Join(t.TempDir(), "to")), context.Canceled)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Directories without files are limited like files.
func TestUnpackDirectories(t *testing.T) {
	many := compressed(t, func(w *tar.Writer) {
		for i := range 5 {
			require.NoError(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: fmt.Sprintf("d%d/", i), Mode: 0o755}))
		}
	})
	_, err := unpackArchive(t.Context(), many, filepath.Join(t.TempDir(), "x"), ".", true, Limits{Files: 4})
	assert.EqualError(t, err, "holds more than 4 directories")
}
