package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/bundler"
)

// The repository's own lock file has pins that belong together, in the form that jb writes.
func TestCommittedLock(t *testing.T) {
	data, err := os.ReadFile("../../" + bundler.LockFile)
	require.NoError(t, err)
	lock, err := bundler.Parse(bundler.LockFile, data)
	require.NoError(t, err)
	got := map[string][2]string{}
	for _, name := range lock.Dependencies.Keys() {
		d, _ := lock.Dependencies.Get(name)
		got[name] = [2]string{d.Version, d.Sum}
	}
	assert.Equal(t, map[string][2]string{
		"github.com/jsonnet-libs/k8s-libsonnet/1.29":   {"291653b2c17d03e855e7e00ce0e4ec25502b2ce2", "rD6FKvLBJtT+gRJDOz6z8iUzvjf/BiH8vdkyIcZMsno="},
		"github.com/grafana/jsonnet-libs/ksonnet-util": {"38e888ec993543791c4c565cd700c9d47c0d84dd", "0y3AFX9LQSpfWTxWKSwoLgbt0Wc9nnCwhMH2szKzHv0="},
		"github.com/jsonnet-libs/docsonnet/doc-util":   {"6ac6c69685b8c29c54515448eaca583da2d88150", "BrAL/k23jq+xy9oA7TWIhUx07dsA/QLm3g7ktCwe//U="},
	}, got)
	written, err := json.MarshalIndent(lock, "", "  ")
	require.NoError(t, err)
	assert.Equal(t, string(written)+"\n", string(data))
}
