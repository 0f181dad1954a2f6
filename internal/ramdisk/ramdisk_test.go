package ramdisk_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/ramdisk"
)

func TestUse(t *testing.T) {
	before := os.TempDir()
	done := ramdisk.Use()
	during := os.TempDir()
	file, err := os.CreateTemp("", "")
	require.NoError(t, err)
	require.NoError(t, file.Close())
	done()
	assert.Equal(t, before, os.TempDir())
	if during == before {
		assert.NoError(t, os.Remove(file.Name()))
		return
	}
	assert.NoDirExists(t, during)
}
