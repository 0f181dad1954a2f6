package option_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/cmd/mop/internal/option"
	"github.com/mop-platform/mop/pkg/manifest"
)

// The bytes of Tanka have other numbers.
func TestTankaYAML(t *testing.T) {
	o, err := manifest.From(map[string]any{
		"apiVersion": "v1", "kind": "X", "metadata": map[string]any{"name": "x"},
		"n": []any{1e6, 123456789.0, 3.0, 0.5}, "b": "on", "a": nil,
	})
	require.NoError(t, err)
	write, err := option.Writer("--output", "yaml", true)
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, write(t.Context(), &b, []manifest.Object{o, o}))
	one := "a: null\napiVersion: v1\nb: \"on\"\nkind: X\nmetadata:\n  name: x\n\"n\":\n- 1e+06\n- 1.23456789e+08\n- 3\n- 0.5\n"
	assert.Equal(t, one+"---\n"+one, b.String())
}
