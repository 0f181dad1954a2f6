package eval_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/diag"
)

// evalYAML imports sub/x.yaml with a scheme, by both engines.
func evalYAML(t *testing.T, scheme, text string) (any, diag.List) {
	t.Helper()
	files := eval.NewFiles(&source{files: map[string]string{
		"env/main.jsonnet": "{\n  x: import '" + scheme + ":sub/x.yaml' }", "env/sub/x.yaml": text,
	}}, 0)

	var value any
	var found diag.List
	for _, engine := range []eval.Engine{eval.Compiled, eval.GoJsonnet} {
		res, err := eval.Eval(t.Context(), files, eval.Input{File: "env/main.jsonnet", Interpreter: eval.Interpreter{Engine: engine}})
		l, _ := diag.From(err)
		require.Equal(t, err == nil, len(l) == 0, "%v", err)
		if engine == eval.GoJsonnet {
			assert.Equal(t, value, res.Value)
			assert.Equal(t, found, l)
		}
		value, found = res.Value, l
	}
	if object, ok := value.(map[string]any); ok {
		value = object["x"]
	}
	return value, found
}

// Jsonnet reads a file as kubectl does.
func TestYAML(t *testing.T) {
	tests := []struct {
		name, scheme, text string
		want               any
	}{
		{"words and dates", "yaml", "[yes, off, 2024-01-01, 0o17, 1_000, ~]", []any{true, false, "2024-01-01", 15.0, 1000.0, nil}},
		{"keys", "yaml", "{8080: a, on: b}", map[string]any{"8080": "a", "true": "b"}},
		{"a marker at the end", "yaml", "a: 1\n---\n", map[string]any{"a": 1.0}},
		{"a comment before a marker", "yaml", "# a\n---\na: 1\n", map[string]any{"a": 1.0}},
		{"null alone", "yaml", "null", nil},
		{"documents", "yaml-stream", "a: 1\n---\n---\n# b\n---\nc\n", []any{map[string]any{"a": 1.0}, "c"}},
		{"no document", "yaml-stream", "# a\n", []any{}},
		{"a byte order mark and CRLF", "yaml", "\ufeffa: |\r\n  b\r\nc: d\r\n", map[string]any{"a": "b\n", "c": "d"}},
		{"large integers that stay", "yaml", "[9007199254740992, 9007199254740994, '9007199254740993']", []any{9007199254740992.0, 9007199254740994.0, "9007199254740993"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			value, found := evalYAML(t, tt.scheme, tt.text)
			require.Empty(t, found)
			assert.Equal(t, tt.want, value)
		})
	}
}

// All faults of a YAML file are reported, with their places in the file.
func TestYAMLFaults(t *testing.T) {
	at := func(line int) diag.Position { return diag.Position{File: "env/sub/x.yaml", Line: line} }
	by := diag.Position{File: "env/main.jsonnet", Line: 2, Column: 6}
	tests := []struct {
		name, text string
		want       diag.List
	}{
		{"syntax", "a: 1\nb: {\n", diag.List{{At: at(2), Problem: "did not find expected node content", Origins: []diag.Position{by}}}},
		{"not UTF-8", "a: 1\nb: \xff\n", diag.List{{At: at(2), Problem: "not UTF-8", Origins: []diag.Position{by}}}},
		{"keys set twice", "a: 1\na: 2\non: 1\nyes: 2\n", diag.List{
			{At: at(2), Problem: `key "a" is set twice`, Origins: []diag.Position{at(1), by}},
			{At: at(4), Problem: `key "true" is set twice, by on and yes without quotes`, Origins: []diag.Position{at(3), by}},
		}},
		{"integers that Jsonnet cannot hold", "a: 1\nb: [1, 9007199254740993]\n", diag.List{
			{At: at(2), Subject: "b[1]", Problem: "Jsonnet has 9007199254740992 for the integer 9007199254740993", Origins: []diag.Position{by}, Code: failure.LargeInteger},
		}},
		{"no document", "# a\n", diag.List{{Subject: "env", Problem: `import "yaml:sub/x.yaml": want one YAML document, got 0; yaml-stream: gives them all`, Origins: []diag.Position{by}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, found := evalYAML(t, "yaml", tt.text)
			for i := range found {
				found[i].Err = nil
			}
			assert.Equal(t, tt.want, found)
		})
	}
}

// Functions that read text report which integers they change, and where they were called.
// The reference engine reports only the warnings of native functions.
func TestWarnings(t *testing.T) {
	odd := eval.Native{Name: "odd", Func: func(c eval.Call, _ []any) (any, error) {
		c.Warn("is odd", "odd")
		return 1.0, nil
	}}
	for engine, want := range map[eval.Engine]diag.List{
		eval.Compiled: {
			{Severity: diag.Warning, Subject: "env", Problem: "odd: is odd", Origins: []diag.Position{{File: "env/main.jsonnet", Line: 1, Column: 6}}, Code: "odd"},
			{Severity: diag.Warning, Subject: "env", Problem: "std.parseJson: line 2: Jsonnet has 9007199254740992 for the integer 9007199254740993", Origins: []diag.Position{{File: "env/main.jsonnet", Line: 3, Column: 4}}, Code: failure.LargeInteger},
			{Severity: diag.Warning, Subject: "env", Problem: "std.parseYaml: line 1: Jsonnet has 9007199254740992 for the integer 9007199254740993", Origins: []diag.Position{{File: "env/main.jsonnet", Line: 2, Column: 4}}, Code: failure.LargeInteger},
		},
		eval.GoJsonnet: {
			{Severity: diag.Warning, Subject: "env", Problem: "odd: is odd", Code: "odd"},
		},
	} {
		var got diag.List
		_, err := eval.Eval(t.Context(), eval.NewFiles(&source{files: map[string]string{
			"env/main.jsonnet": "{ a: std.native('odd')(),\nb: std.parseYaml('9007199254740993'),\nc: std.parseJson('[\\n9007199254740993]') }",
		}}, 0),

			eval.Input{
				File: "env/main.jsonnet", Natives: []eval.Native{odd}, Interpreter: eval.Interpreter{Engine: engine},
				Warn: func(d diag.Diagnostic) { got = append(got, d) },
			})
		require.NoError(t, err)
		assert.Equal(t, want, got.Sorted())
	}
}

// A key that kubectl takes for a boolean causes a warning: it is another key in files that
// are not for kubectl.
func TestYAMLWords(t *testing.T) {
	for _, engine := range []eval.Engine{eval.Compiled, eval.GoJsonnet} {
		var got diag.List
		res, err := eval.Eval(t.Context(), eval.NewFiles(&source{files: map[string]string{
			"env/main.jsonnet": "import 'yaml:x.yaml'", "env/x.yaml": "x: 1\ny: 2\n'n': 3\ntrue: no\n",
		}}, 0),

			eval.Input{File: "env/main.jsonnet", Interpreter: eval.Interpreter{Engine: engine}, Warn: func(d diag.Diagnostic) { got = append(got, d) }})
		require.Error(t, err, "y and true")
		assert.Nil(t, res.Value)
		assert.Empty(t, got)

		res, err = eval.Eval(t.Context(), eval.NewFiles(&source{files: map[string]string{
			"env/main.jsonnet": "import 'yaml:x.yaml'", "env/x.yaml": "x: 1\ny: 2\n'n': 3\nfalse: no\n",
		}}, 0),

			eval.Input{File: "env/main.jsonnet", Interpreter: eval.Interpreter{Engine: engine}, Warn: func(d diag.Diagnostic) { got = append(got, d) }})
		require.NoError(t, err)
		assert.Equal(t, map[string]any{"x": 1.0, "true": 2.0, "n": 3.0, "false": false}, res.Value)
		require.Len(t, got, 1)
		assert.Equal(t, diag.Warning, got[0].Severity)
		assert.Equal(t, `env/x.yaml:2: key y is "true", as to kubectl`, got[0].Problem)
		assert.Equal(t, []string{"quote it if it is not meant to be a boolean"}, got[0].Advice(nil))
	}
}
