package intake_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/intake"
)

// A part finds places by paths from itself.
func TestPart(t *testing.T) {
	const text = `kind: List
items:
- spec:
    a:
    - 1
    - 2
`
	for text, err := range intake.Texts(t.Context(), "a.yaml", strings.NewReader(text)) {
		require.NoError(t, err)
		d, ok, err := text.Located(t.Context())
		require.NoError(t, err)
		require.True(t, ok)
		item := d.Part([]any{"items", 0}, "value")
		assert.Equal(t, "value", item.Value)
		assert.Equal(t, d.At, item.At)
		assert.Equal(t, 6, d.Find([]any{"items", 0, "spec", "a", 1}).Line)
		assert.Equal(t, 6, item.Find([]any{"spec", "a", 1}).Line)
		assert.Equal(t, 6, item.Part([]any{"spec"}, nil).Find([]any{"a", 1}).Line)
	}
}
