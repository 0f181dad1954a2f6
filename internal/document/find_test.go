package document_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/document"
)

func TestFind(t *testing.T) {
	stream := "# none\n---\na: 1\n---\nb:\n  - c\n  - d: {e: 1,\n      f: 2}\n"
	alias := "a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n  e: |\n    text\n"
	tests := []struct {
		name, text string
		meaning    document.Meaning
		path       []any
		want       int
	}{
		{"comment before the first document", stream, document.Jsonnet, []any{1, "a"}, 3},
		{"second document", stream, document.Jsonnet, []any{2, "b", 1, "d", "f"}, 8},
		{"array", stream, document.Jsonnet, []any{2, "b"}, 5},
		{"second document of all", stream, document.Tanka, []any{1, "b", 0}, 6},
		{"only document", "a: 1\nb: 2\n", document.Jsonnet, []any{"b"}, 2},
		{"marked document", "---\na: 1\nb: 2\n", document.Jsonnet, []any{0, "b"}, 3},
		{"behind an alias", alias, document.Jsonnet, []any{"c", "b"}, 2},
		{"merged", alias, document.Jsonnet, []any{"d", "b"}, 0},
		{"text of several lines", alias, document.Jsonnet, []any{"d", "e"}, 6},
		{"value below its key", "a:\n  b\n", document.Jsonnet, []any{"a"}, 2},
		{"JSON with tabs", "{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}", document.Jsonnet, []any{"a", "b"}, 3},
		{"document that is not null", "---\n---\na: 1\n", document.Kubernetes, []any{0, "a"}, 3},
		{"missing", "a: 1\n", document.Jsonnet, []any{"b"}, 0},
		{"missing element", "[1]\n", document.Jsonnet, []any{1}, 0},
		{"missing document", "a: 1\n", document.Tanka, []any{1}, 0},
		{"broken", "a: [\n", document.Jsonnet, []any{"a"}, 0},
		{"nothing", "", document.Jsonnet, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			line, ok := document.Find(t.Context(), []byte(tt.text), tt.meaning, tt.path)
			assert.Equal(t, tt.want, line)
			assert.Equal(t, tt.want > 0, ok)
		})
	}
}

func TestPathAt(t *testing.T) {
	text := `{"a": {"b": "x", "c": [1, {"d": true}]}, "e": []}`
	for offset, want := range map[int]string{0: "[]", 6: "[a]", 12: "[a b]", 14: "[a b]", 23: "[a c 0]", 32: "[a c 1 d]", 46: "[e]"} {
		assert.Equal(t, want, fmt.Sprint(document.PathAt([]byte(text), offset)), offset)
	}
	assert.Empty(t, document.PathAt([]byte(`{"a`), 3))
}
