package batch_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/export"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/manifest"
)

// peakOfFile exports one file with n environments of 300 kB each. It returns the most
// memory, in bytes, that was in use after any of them.
func peakOfFile(t *testing.T, n int) uint64 {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "jsonnetfile.json"), []byte("{}"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.jsonnet"), fmt.Appendf(nil, `
local shared = { data: { ['k%%d' %% i]: 'v' for i in std.range(1, 100) } };
local cm(i) = shared { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c%%d' %% i }, data+: { x: std.repeat('x%%d' %% i, 3000) } };
local environment(i, data) = { apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: 'e%%d' %% i }, spec: {}, data: data };
[environment(i, [cm(j) for j in std.range(1, 30)]) for i in std.range(1, %d)]`, n), 0o644))
	entry, err := workspace.New(workspace.Settings{Dir: dir}).One(t.Context(), "main.jsonnet")
	require.NoError(t, err)
	var peak uint64
	var plan batch.Plan
	plan.Add(entry, batch.Selection{Count: batch.Any})
	res, err := plan.Export(t.Context(), filepath.Join(t.TempDir(), "out"), export.Options{
		Format:   "{{env.metadata.name}}/{{.metadata.name}}",
		Parallel: 2,
		Write:    func(io.Writer, manifest.Object) error { return nil },
		Progress: func(int, int) {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		},
	}, func() {})
	require.NoError(t, err)
	require.Equal(t, n, res.Environments)
	return peak
}

// Memory holds only the environments of a file at work: 64 take no more memory than 8,
// except for the names of their files.
func TestMemoryOfOneFile(t *testing.T) {
	few, many := peakOfFile(t, 8), peakOfFile(t, 64)
	t.Logf("8 environments: %d kB, 64: %d kB", few>>10, many>>10)
	assert.Less(t, many, few+4<<20)
}
