package swap_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/swap"
)

// read returns the text of a file.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(text)
}

// names returns the entries of a directory.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	list := []string{}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.jsonnet")
	require.NoError(t, os.WriteFile(file, []byte("old"), 0o666))
	require.NoError(t, os.Chmod(file, 0o640))
	link := filepath.Join(dir, "link.jsonnet")
	require.NoError(t, os.Symlink("a.jsonnet", link))
	for _, path := range []string{file, link} {
		require.NoError(t, swap.Write(t.Context(), path, []byte("new through "+path)))
		assert.Equal(t, "new through "+path, read(t, file))
		info, err := os.Lstat(file)
		require.NoError(t, err)
		assert.Equal(t, fs.FileMode(0o640), info.Mode())
	}
	target, err := os.Readlink(link)
	require.NoError(t, err)
	assert.Equal(t, "a.jsonnet", target)

	require.NoError(t, os.Symlink("absent", filepath.Join(dir, "dangling")))
	require.NoError(t, swap.Write(t.Context(), filepath.Join(dir, "dangling"), []byte("made")))
	assert.Equal(t, "made", read(t, filepath.Join(dir, "absent")))
	assert.ErrorContains(t, swap.Write(t.Context(), dir, nil), "not a regular file")
	assert.ErrorContains(t, swap.Check(dir), "not a regular file")
	require.NoError(t, swap.Check(file))
	assert.ErrorIs(t, swap.Write(t.Context(), filepath.Join(dir, "none", "x"), nil), fs.ErrNotExist)
	assert.Equal(t, []string{"a.jsonnet", "absent", "dangling", "link.jsonnet"}, names(t, dir))
}

// The files that a killed process left block nobody, and are gone after the next write.
func TestDraftThatIsLeft(t *testing.T) {
	for _, next := range []struct {
		name string
		do   func(t *testing.T, file string) error
		want string
	}{
		{"written again", func(t *testing.T, file string) error { return swap.Write(t.Context(), file, []byte("new")) }, "new"},
		{"cleaned", func(_ *testing.T, file string) error { return swap.Clean(file) }, "old"},
		{"all cleaned", func(_ *testing.T, file string) error { return swap.CleanAll(filepath.Dir(file)) }, "old"},
	} {
		for _, left := range [][]string{{".f.mop-draft"}, {".f.mop-lock"}, {".f.mop-draft", ".f.mop-lock"}} {
			dir := t.TempDir()
			file := filepath.Join(dir, "f")
			require.NoError(t, os.WriteFile(file, []byte("old"), 0o666))
			for _, name := range left {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("ha"), 0o600))
			}
			require.NoError(t, next.do(t, file), next.name)
			assert.Equal(t, next.want, read(t, file))
			assert.Equal(t, []string{"f"}, names(t, dir))
		}
	}
}

// Nothing is written through links in the place of drafts and locks.
func TestPlantedLinks(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	file, victim := filepath.Join(dir, "f"), filepath.Join(outside, "victim")
	require.NoError(t, os.WriteFile(victim, []byte("mine"), 0o666))
	require.NoError(t, os.Symlink(victim, filepath.Join(dir, ".f.mop-draft")))
	require.NoError(t, swap.Write(t.Context(), file, []byte("new")))
	assert.Equal(t, "mine", read(t, victim))
	assert.Equal(t, []string{"f"}, names(t, dir))

	require.NoError(t, os.Symlink(filepath.Join(outside, "made"), filepath.Join(dir, ".f.mop-lock")))
	require.Error(t, swap.Write(t.Context(), file, []byte("newer")))
	assert.Equal(t, "new", read(t, file))
	assert.Equal(t, []string{"victim"}, names(t, outside))
}

// NewDraft waits for another draft, but not longer than its context.
func TestTwoDrafts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "f")
	first, err := swap.NewDraft(t.Context(), file)
	require.NoError(t, err)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, swap.Write(ended, file, []byte("third")), context.Canceled)
	require.NoError(t, swap.Clean(file))
	require.NoError(t, swap.Check(file))
	second := make(chan error)
	go func() { second <- swap.Write(context.Background(), file, []byte("second")) }()
	_, err = first.Write([]byte("first"))
	require.NoError(t, err)
	require.NoError(t, first.Commit())
	assert.Equal(t, "first", read(t, file))
	require.NoError(t, first.Close())
	require.NoError(t, <-second)
	assert.Equal(t, "second", read(t, file))
	assert.Equal(t, []string{"f"}, names(t, filepath.Dir(file)))
}

func TestResolve(t *testing.T) {
	dir := t.TempDir()
	dir, err := filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "a", "b"), 0o777))
	for name, target := range map[string]string{
		"link": "a/b", "dangling": "a/none/x", "a/b/up": "../new", "loop": "pool", "pool": "loop",
		"endless": "endless/x",
	} {
		require.NoError(t, os.Symlink(target, filepath.Join(dir, name)))
	}
	for name, want := range map[string]string{
		"a/b": "a/b", "link": "a/b", "link/x/y": "a/b/x/y", "none": "none", "dangling": "a/none/x",
		// A link is relative to its real place, not to the path through which it is reached.
		"link/up": "a/new",
	} {
		got, err := swap.Resolve(filepath.Join(dir, name))
		require.NoError(t, err, name)
		assert.Equal(t, filepath.Join(dir, want), got, name)
	}
	for _, name := range []string{"loop", "endless"} {
		_, err := swap.Resolve(filepath.Join(dir, name))
		require.Error(t, err, name)
	}
}
