package document_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/document"
)

func TestIndent(t *testing.T) {
	for _, text := range []string{
		`{}`, `[]`, `[1, {"a": [], "b\"": "[,", "c": {"d": null}}]`, `"x"`, ` { "a" : 1 } `, `[`, `]`, "", `{"a`, strings.Repeat("[", 900) + strings.Repeat("]", 900),
		"[" + strings.Repeat(`{"a": "b"},`, 100_000) + "0]",
	} {
		var want bytes.Buffer
		wrong := json.Indent(&want, []byte(text), "", "   ")
		got, err := document.Indent(t.Context(), []byte(text), "   ")
		require.Equal(t, wrong, err)
		if wrong == nil {
			assert.Equal(t, want.String(), string(got))
		}
	}
}

// Twenty kilobytes would become gigabytes.
func TestIndentKeepsToTheBudget(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 100<<20})
	defer stop()
	var exceeded *budget.Exceeded
	_, err := document.Indent(ctx, []byte(strings.Repeat("[", 9_999)+strings.Repeat("]", 9_999)), strings.Repeat(" ", 16))
	assert.ErrorAs(t, err, &exceeded)
}
