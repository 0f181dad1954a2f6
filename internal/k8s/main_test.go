package k8s_test

import (
	"runtime/debug"
	"testing"
)

// TestMain has garbage collected less often: collections take a third of the time otherwise.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	m.Run()
}
