package lint_test

import (
	"testing"

	"github.com/mop-platform/mop/internal/lint"
	"github.com/mop-platform/mop/internal/pace"
)

// FuzzFile checks that the linter has findings or no opinion on any text, and does not end
// the process.
func FuzzFile(f *testing.F) {
	f.Add("local a = 1, b = 2; a")
	f.Add("{ a: self.b, assert true : 'x', f(x, y=1):: x }.f(1, 2)")
	f.Add("[import 'main.jsonnet', importstr 'b', std.extVar('a')]")
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		p := tree(map[string]string{"main.jsonnet": text, "lib/a.libsonnet": "import '../main.jsonnet'"})
		_, _ = lint.New(p, lint.Options{}).File(t.Context(), "main.jsonnet")
	})
}
