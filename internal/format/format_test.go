package format_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/format"
	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/pkg/diag"
)

var sources = []struct{ name, in, want string }{
	{"empty object", "{}", "{}\n"},
	{"style", "# a\n{\n    \"b\" : \"x\",c:[ 1 ]}\n\n\n\n", "// a\n{\n  b: 'x',\n  c: [1],\n}\n"},
	{"formatted already", "local a = 1;\na\n", "local a = 1;\na\n"},
	{"imports sorted", "local b = import 'b';\nlocal a = import 'a';\na + b\n", "local a = import 'a';\nlocal b = import 'b';\na + b\n"},
	{"carriage returns", "{\r\n  a: 1,\r\n}\r\n", "{\n  a: 1,\n}\n"},
	// The formatter alone would write { a: 1 for x in [1] }, which is no Jsonnet.
	{"name in a comprehension", "{ ['a']: 1 for x in [1] }", "{ ['a']: 1 for x in [1] }\n"},
}

func TestSource(t *testing.T) {
	for _, tt := range sources {
		t.Run(tt.name, func(t *testing.T) {
			got, err := format.Source(t.Context(), "a.jsonnet", tt.in)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestSourceFaults(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", "a.jsonnet:1:1: Unexpected end of file"},
		{"syntax", "{\n  a 1,\n}", `a.jsonnet:2:5: Expected token OPERATOR but got (NUMBER, "1")`},
		{"lexer", "{ a: 'x }", "a.jsonnet:1:6: Unterminated String"},
		{"nested", "\n" + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000), "a.jsonnet:2:2501: nested too deeply: more than 2500 brackets are open"},
		{"operators", strings.Repeat("!", 100_000) + "true", "a.jsonnet:1:3001: nested too deeply: too many operators, words and brackets in one another"},
		{"beyond the formatter", "{\n  |||\n    \n    \n  |||: null,\n}\n", "a.jsonnet: cannot be formatted: the result would be no Jsonnet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := format.Source(t.Context(), "a.jsonnet", tt.in)
			var d diag.Diagnostic
			require.ErrorAs(t, err, &d)
			assert.Equal(t, tt.want, d.Error())
		})
	}
}

// FuzzSource checks that Source never panics, and that its result is readable. If it
// refuses a text, the error is a diagnostic.
func FuzzSource(f *testing.F) {
	for _, tt := range sources {
		f.Add(tt.in)
	}
	f.Add("{ a: ")
	f.Add("|||\n  a\n|||")
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		once, err := format.Source(t.Context(), "f.jsonnet", text)
		if err != nil {
			var d diag.Diagnostic
			require.ErrorAs(t, err, &d)
			return
		}
		_, err = format.Source(t.Context(), "f.jsonnet", once)
		require.NoError(t, err, "from %q", text)
	})
}

func ExampleSource() {
	text, err := format.Source(context.Background(), "a.jsonnet", `{"replicas":3}`)
	if err != nil {
		panic(err)
	}
	fmt.Print(text)
	// Output: { replicas: 3 }
}

// Text beyond the budget is refused with its place, before and during formatting.
func TestBudget(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 32<<20})
	defer stop()
	_, err := format.Source(ctx, "a.jsonnet", "[\n"+strings.Repeat("1,\n", 500_000)+"]")
	require.Error(t, err)
	assert.Regexp(t, `^a.jsonnet:\d{4,}:1: memory limit exceeded: `, err.Error())
	// The formatter indents each line by the depth of the brackets.
	_, err = format.Source(ctx, "a.jsonnet", strings.Repeat("{a:", 2400)+"["+strings.Repeat("\n1,", 20_000)+"]"+strings.Repeat("}", 2400))
	require.Error(t, err)
	assert.Regexp(t, `^a.jsonnet:\d{3,}:1: memory limit exceeded: `, err.Error())

	spent, cancel := context.WithCancelCause(t.Context())
	cancel(&budget.Exceeded{What: "time", Limit: "1s"})
	_, err = format.Source(spent, "a.jsonnet", "[\n"+strings.Repeat("1,\n", 10_000)+"]")
	assert.EqualError(t, err, "a.jsonnet:1:1: time limit exceeded: 1s")
	cancelled, cancel := context.WithCancelCause(t.Context())
	cancel(context.Canceled)
	_, err = format.Source(cancelled, "a.jsonnet", "[\n"+strings.Repeat("1,\n", 10_000)+"]")
	assert.ErrorIs(t, err, context.Canceled)
}
