package imports_test

import (
	"testing"

	"github.com/mop-platform/mop/internal/ramdisk"
)

// TestMain keeps the temporary files of the tests in memory.
func TestMain(m *testing.M) {
	defer ramdisk.Use()()
	m.Run()
}
