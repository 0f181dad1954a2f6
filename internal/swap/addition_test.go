package swap

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stage returns a function that writes files.
func stage(files map[string]string) func(*os.Root) error {
	return func(root *os.Root) error {
		var errs []error
		for name, text := range files {
			errs = append(errs, root.MkdirAll(filepath.Dir(name), 0o777), root.WriteFile(name, []byte(text), 0o666))
		}
		return errors.Join(errs...)
	}
}

var (
	there = map[string]string{"kept": "old", "dir/kept": "old", "file": "old"}
	added = map[string]string{"kept": "new", "dir/kept": "new", "dir/more": "new", "whole/a": "new", "whole/b/c": "new"}
	both  = map[string]string{"kept": "old", "dir/kept": "old", "file": "old", "dir/more": "new", "whole/a": "new", "whole/b/c": "new"}
)

func TestAdd(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, there)
	require.NoError(t, Add(t.Context(), dir, stage(added)))
	assert.Equal(t, both, tree(t, dir))

	var place *PlaceError
	require.ErrorAs(t, Add(t.Context(), dir, stage(map[string]string{"file/x": "", "half": ""})), &place)
	assert.Equal(t, "file: not a directory", place.Error())
	failure := errors.New("failure")
	require.ErrorIs(t, Add(t.Context(), dir, func(root *os.Root) error {
		return errors.Join(stage(map[string]string{"half": ""})(root), failure)
	}), failure)
	ctx, cancel := context.WithCancel(t.Context())
	require.ErrorIs(t, Add(ctx, dir, func(root *os.Root) error {
		cancel()
		return stage(map[string]string{"half": ""})(root)
	}), context.Canceled)
	assert.Equal(t, both, tree(t, dir))
}

// A process that is killed before it has written everything adds nothing. If it is killed
// later, the next one adds the rest.
func TestAddKilled(t *testing.T) {
	for _, moved := range []int{-1, 0, 1, 2, 3} {
		dir := t.TempDir()
		fill(t, dir, there)
		at := additionReady
		if moved < 0 {
			at = additionNew
		}
		fill(t, filepath.Join(dir, at), added)
		root, err := os.OpenRoot(dir)
		require.NoError(t, err)
		for _, name := range []string{"kept", "dir", "whole"}[:max(moved, 0)] {
			require.NoError(t, moveOne(root, name, name == "dir" || name == "whole"))
		}
		require.NoError(t, root.Close())
		done, err := Complete(t.Context(), dir)
		require.NoError(t, err)
		assert.Equal(t, moved >= 0, done)
		want := both
		if moved < 0 {
			want = there
		}
		assert.Equal(t, want, tree(t, dir))
		done, err = Complete(t.Context(), dir)
		require.NoError(t, err)
		assert.False(t, done)
	}
}

// A process can be killed when only the lock is left.
func TestCompleteTakesTheLockAway(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, map[string]string{additionLock: ""})
	done, err := Complete(t.Context(), dir)
	require.NoError(t, err)
	assert.False(t, done)
	assert.NoFileExists(t, filepath.Join(dir, additionLock))
}

func TestAddLeavesTheDirectoryByNoLink(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "out")))
	require.Error(t, Add(t.Context(), dir, stage(map[string]string{"out/x": ""})))
	assert.Empty(t, tree(t, outside))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, additionWork)))
	_, err := Complete(t.Context(), dir)
	require.NoError(t, err)
	assert.NoFileExists(t, filepath.Join(dir, additionWork))
}

func TestRemoveBelow(t *testing.T) {
	dir := t.TempDir()
	fill(t, dir, both)
	require.NoError(t, RemoveBelow(t.Context(), dir, "whole"))
	require.NoError(t, RemoveBelow(t.Context(), dir, "dir"))
	assert.Equal(t, map[string]string{"kept": "old", "file": "old"}, tree(t, dir))
	require.Error(t, RemoveBelow(t.Context(), dir, "none"))
	require.Error(t, RemoveBelow(t.Context(), dir, "../"+filepath.Base(dir)))
	assert.Equal(t, map[string]string{"kept": "old", "file": "old"}, tree(t, dir))
}
