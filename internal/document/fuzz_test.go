package document_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/pace"
)

// FuzzJSON checks that a text that is read as JSON is JSON for encoding/json too.
func FuzzJSON(f *testing.F) {
	for _, text := range []string{"", "1", `{"a": [1, 2.5e3, null, true, "\ud800"]}`, `{"a":1,"a":2}`, "[[[[]]]]", "1 2", "9007199254740993", "1e999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		value, err := document.JSON(t.Context(), []byte(text), document.Options{})
		if err != nil {
			return
		}
		assert.True(t, json.Valid([]byte(text)), "%q", text)
		_, err = json.Marshal(value)
		require.NoError(t, err)
	})
}

// FuzzFind checks that a path of any text leads to a line of it, or nowhere.
func FuzzFind(f *testing.F) {
	f.Add("a:\n- b: 1\n", 8)
	f.Add(`{"a": [{"b": 1}]}`, 10)
	f.Fuzz(func(t *testing.T, text string, offset int) {
		defer pace.Hold(t, len(text))()
		if offset < 0 || offset > len(text) {
			return
		}
		path := document.PathAt([]byte(text), offset)
		if line, ok := document.Find(t.Context(), []byte(text), document.Kubernetes, path); ok {
			assert.Positive(t, line)
		}
	})
}
