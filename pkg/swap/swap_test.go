package swap_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/swap"
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
