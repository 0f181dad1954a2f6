//go:build unix

package budget_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
)

// endless is a source without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestRead(t *testing.T) {
	text := strings.Repeat("text", 100_000)
	data, err := budget.Read(t.Context(), strings.NewReader(text))
	require.NoError(t, err)
	assert.True(t, bytes.Equal([]byte(text), data))

	_, err = budget.Read(t.Context(), io.MultiReader(strings.NewReader(text), failing{}))
	assert.ErrorIs(t, err, io.ErrNoProgress)

	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 32<<20})
	defer stop()
	_, err = budget.Read(ctx, endless{})
	var exceeded *budget.Exceeded
	require.ErrorAs(t, err, &exceeded)
	assert.Equal(t, "memory", exceeded.What)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrNoProgress }

// files makes a directory with a file of each kind.
func files(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "text"), []byte("text"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "empty"), nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "large"), nil, 0o600))
	require.NoError(t, os.Truncate(filepath.Join(dir, "large"), 1<<40))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "directory"), 0o700))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600))
	require.NoError(t, os.Symlink("/dev/zero", filepath.Join(dir, "device")))
	require.NoError(t, os.Symlink("pipe", filepath.Join(dir, "link")))
	return dir
}

func TestReadFile(t *testing.T) {
	dir := files(t)
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	readers := map[string]func(ctx context.Context, name string) ([]byte, error){
		"file": func(ctx context.Context, name string) ([]byte, error) {
			return budget.ReadFile(ctx, filepath.Join(dir, name))
		},
		"root": func(ctx context.Context, name string) ([]byte, error) { return budget.ReadIn(ctx, root, name) },
		"open": func(ctx context.Context, name string) ([]byte, error) {
			f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDONLY|syscall.O_NONBLOCK, 0)
			if err != nil {
				return nil, err
			}
			defer f.Close()
			return budget.ReadOpen(ctx, f, f.Name())
		},
		"file system": func(ctx context.Context, name string) ([]byte, error) {
			if name == "pipe" || name == "link" {
				// The system would wait for a process that writes to it.
				return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("not a regular file")}
			}
			return budget.ReadFS(ctx, os.DirFS(dir), name)
		},
		"at most": func(ctx context.Context, name string) ([]byte, error) {
			if err := budget.Of(ctx).Err(); err != nil {
				return nil, &fs.PathError{Op: "read", Path: name, Err: err}
			}
			return budget.ReadAtMost(filepath.Join(dir, name), 4)
		},
	}
	for kind, read := range readers {
		t.Run(kind, func(t *testing.T) {
			ctx, stop := budget.New(t.Context(), budget.Limits{Memory: 1 << 30})
			defer stop()
			for name, want := range map[string]string{"text": "text", "empty": ""} {
				data, err := read(ctx, name)
				require.NoError(t, err)
				assert.Equal(t, want, string(data))
			}
			for name, want := range map[string]string{
				"nothing": "no such file or directory", "directory": "is a directory", "pipe": "not a regular file", "link": "not a regular file",
				"device": "not a regular file", "large": "memory limit exceeded: 1 GiB",
			} {
				if kind == "root" && name == "device" {
					want = "path escapes from parent"
				}
				if kind == "at most" && name == "large" {
					want = "more than 4 bytes"
				}
				_, err := read(ctx, name)
				var known *fs.PathError
				require.ErrorAs(t, err, &known, name)
				assert.EqualError(t, known.Err, want, name)
				assert.Equal(t, name, filepath.Base(known.Path))
			}
			stop()
			_, err := read(ctx, "text")
			assert.ErrorIs(t, err, context.Canceled)
		})
	}
}

func TestWalk(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var seen []string
	err := fs.WalkDir(fstest.MapFS{"a": {}, "b": {}, "c": {}}, ".", budget.Walk(ctx, func(name string, _ fs.DirEntry, err error) error {
		if seen = append(seen, name); name == "a" {
			cancel()
		}
		return err
	}))
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, []string{".", "a"}, seen)
}

func TestAt(t *testing.T) {
	spent := &budget.Exceeded{What: "memory", Limit: "1 MiB"}
	assert.EqualError(t, budget.At("a.json", 3, &fs.PathError{Op: "read", Path: "/a.json", Err: spent}), "a.json:3: memory limit exceeded: 1 MiB")
	assert.Equal(t, fs.ErrNotExist, budget.At("a.json", 3, fs.ErrNotExist))
	assert.NoError(t, budget.At("a.json", 3, nil))

	assert.EqualError(t, budget.Named("a.json", &fs.PathError{Op: "read", Path: "/a.json", Err: spent}), "a.json:1: memory limit exceeded: 1 MiB")
	missing := budget.Named("a.json", &fs.PathError{Op: "open", Path: "/a.json", Err: fs.ErrNotExist})
	require.EqualError(t, missing, "a.json: file does not exist")
	assert.ErrorIs(t, missing, fs.ErrNotExist)
	assert.NoError(t, budget.Named("a.json", nil))
}
