package eval_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/pkg/diag"
)

// A file that would overflow Go's stack is an error, and does not end the process.
func TestNesting(t *testing.T) {
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	refused := map[string]string{
		"brackets": "// a comment\n" + deep,
		"mixed":    strings.Repeat("{a:[(", 2000) + "1" + strings.Repeat(")]}", 2000),
		"open":     strings.Repeat("(", 100_000),
	}
	for name, text := range refused {
		t.Run(name, func(t *testing.T) {
			files := eval.NewFiles(&source{files: map[string]string{"a.jsonnet": "{ x: import 'deep.jsonnet' }", "deep.jsonnet": text}}, 0)
			_, err := eval.Eval(t.Context(), files, eval.Input{File: "a.jsonnet"})
			l, ok := diag.From(err)
			require.True(t, ok)
			assert.Equal(t, "deep.jsonnet", l[0].At.File)
			assert.Positive(t, l[0].At.Line)
			assert.Positive(t, l[0].At.Column)
			assert.Equal(t, "nested too deeply: more than 2500 brackets are open", l[0].Problem)
			assert.Equal(t, []diag.Position{{File: "a.jsonnet", Line: 1, Column: 6}}, l[0].Origins)
		})
	}
	many := strings.Repeat("[", 100_000)
	accepted := map[string]string{
		"400 levels":       strings.Repeat("[", 400) + strings.Repeat("]", 400),
		"flat":             "[" + strings.Repeat("[],", 100_000) + "]",
		"string":           "'" + many + `\'` + many + "'",
		"double quotes":    `"` + many + `\\"`,
		"verbatim":         "@'" + many + "''" + many + "'",
		"text block":       "|||\n  " + many + "\n|||",
		"comment":          "1 // " + many,
		"hash":             "# " + many + "\n1",
		"comment of lines": "/* " + many + "\n" + many + " */ 1",
		"division":         "8 / 2 / 1",
	}
	for name, text := range accepted {
		t.Run(name, func(t *testing.T) {
			files := eval.NewFiles(&source{files: map[string]string{"a.jsonnet": text}}, 0)
			_, err := eval.Eval(t.Context(), files, eval.Input{File: "a.jsonnet"})
			assert.NoError(t, err)
		})
	}
	// As text, the file may be nested as it likes.
	files := eval.NewFiles(&source{files: map[string]string{"a.jsonnet": "std.length(importstr 'deep.txt')", "deep.txt": deep}}, 0)
	res, err := eval.Eval(t.Context(), files, eval.Input{File: "a.jsonnet"})
	require.NoError(t, err)
	assert.Equal(t, 200_000.0, res.Value)
}

// Code that is in no file is refused too, by both engines.
func TestNestingOfVariables(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	for name, in := range map[string]eval.Input{
		"external variable": {Snippet: "1", ExtVars: map[string]eval.Variable{"x": eval.Code(deep)}},
		"argument":          {Snippet: "1", TLAs: map[string]eval.Variable{"x": eval.Code(deep)}},
		"snippet":           {Snippet: deep},
	} {
		for _, engine := range []eval.Engine{eval.Compiled, eval.GoJsonnet} {
			in.Interpreter.Engine = engine
			_, err := eval.Eval(t.Context(), eval.NewFiles(&source{}, 0), in)
			assert.ErrorContains(t, err, "nested too deeply: more than 2500 brackets are open", name)
		}
	}
}
