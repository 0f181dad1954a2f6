package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The scripts tanka_* compare mop with Grafana Tanka 0.38: its rules (tanka_rule*), its
// faults that mop lacks (tanka_f*), and the rest by topic. If the PATH has tk, they also
// compare the output of both where it must be equal. TestMemoryDoesNotGrow in internal/export
// tests fault 16: memory does not grow with the number of environments.

// A file that may not be read is an error that says so.
func TestUnreadableFile(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"jsonnetfile.json": "{}", "secret.txt": "x", "main.jsonnet": "importstr 'secret.txt'"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	require.NoError(t, os.Chmod(filepath.Join(dir, "secret.txt"), 0))
	if _, err := os.ReadFile(filepath.Join(dir, "secret.txt")); err == nil {
		t.Skip("this user may read everything")
	}
	cmd := exec.CommandContext(t.Context(), "mop", "eval", "main.jsonnet")
	cmd.Dir = dir
	got, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	require.True(t, errors.As(err, &exit), "want a failure, got %v", err)
	assert.Equal(t, statusFailure, exit.ExitCode())
	assert.Equal(t, "main.jsonnet: import \"secret.txt\": permission denied\n    main.jsonnet:1:1\n", string(got))
}
