package swap_test

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/swap"
)

func TestLock(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lock")
	first, ok, err := swap.Lock(name)
	require.NoError(t, err)
	require.True(t, ok)
	_, ok, err = swap.Lock(name)
	require.NoError(t, err)
	assert.False(t, ok, "two hold the lock")
	require.NoError(t, swap.Unlock(first))
	assert.NoFileExists(t, name)
	again, ok, err := swap.Lock(name)
	require.NoError(t, err)
	require.True(t, ok)
	require.NoError(t, swap.Unlock(again))
	_, _, err = swap.Lock(filepath.Join(name, "below", "nothing"))
	require.Error(t, err)
}

// If several make a directory at the same time, none fails, and each directory has one
// maker.
func TestMakeDirsTogether(t *testing.T) {
	for range 50 {
		top := t.TempDir()
		dir := filepath.Join(top, "a", "b", "c")
		const several = 8
		made, errs := make([][]string, several), make([]error, several)
		var all sync.WaitGroup
		for i := range several {
			all.Go(func() { made[i], errs[i] = swap.MakeDirs(dir) })
		}
		all.Wait()
		for _, err := range errs {
			require.NoError(t, err)
		}
		assert.ElementsMatch(t, []string{filepath.Join(top, "a"), filepath.Join(top, "a", "b"), dir}, slices.Concat(made...))
	}
}
