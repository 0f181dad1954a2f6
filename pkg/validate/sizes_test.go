package validate_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/validate"
)

// These limits of the API server are too large for a golden file: the largest size is
// accepted, one more is refused.
func TestSizes(t *testing.T) {
	v, err := validate.New(validate.Config{})
	require.NoError(t, err)
	object := func(apiVersion, kind, field string, content any) map[string]any {
		return map[string]any{"apiVersion": apiVersion, "kind": kind, "metadata": map[string]any{"name": "x"}, field: content}
	}
	text := func(n int) map[string]any { return map[string]any{"k": strings.Repeat("x", n-1)} }
	value := func(n int) map[string]any { return map[string]any{"k": strings.Repeat("x", n)} }
	bytes := func(n int) map[string]any {
		return map[string]any{"k": strings.Repeat("AAAA", n/3) + [...]string{"", "AA==", "AAA="}[n%3]}
	}
	for name, c := range map[string]struct {
		most    int
		of      func(n int) map[string]any
		problem string
	}{
		"annotations": {256 << 10, func(n int) map[string]any {
			return map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "x", "annotations": text(n)}}
		}, "want annotations of at most 262144 bytes in all, got 262145"},
		"a config map's data": {1 << 20, func(n int) map[string]any {
			return object("v1", "ConfigMap", "data", value(n))
		}, "want values of at most 1048576 bytes in all, got 1048577"},
		"a config map's binaryData": {1 << 20, func(n int) map[string]any {
			return object("v1", "ConfigMap", "binaryData", bytes(n))
		}, "want values of at most 1048576 bytes in all, got 1048577"},
		"a secret's data": {1 << 20, func(n int) map[string]any {
			return object("v1", "Secret", "data", bytes(n))
		}, "want values of at most 1048576 bytes in all, got 1048577"},
		"a secret's stringData": {1 << 20, func(n int) map[string]any {
			return object("v1", "Secret", "stringData", value(n))
		}, "want values of at most 1048576 bytes in all, got 1048577"},
		"parameters": {256 << 10, func(n int) map[string]any {
			o := object("storage.k8s.io/v1", "StorageClass", "parameters", text(n))
			o["provisioner"] = "x"
			return o
		}, "want parameters of at most 262144 bytes in all, got 262145"},
	} {
		t.Run(name, func(t *testing.T) {
			most := allResults(t, v, []validate.Object{{Value: c.of(c.most)}})[0]
			assert.Empty(t, most.Findings)
			more := allResults(t, v, []validate.Object{{Value: c.of(c.most + 1)}})[0]
			require.Len(t, more.Findings, 1)
			assert.Equal(t, c.problem, more.Findings[0].Problem)
			assert.Equal(t, validate.Invalid, more.Status)
		})
	}
}
