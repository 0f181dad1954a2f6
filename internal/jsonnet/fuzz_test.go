package jsonnet_test

import (
	"testing"
	"time"

	gojsonnet "github.com/google/go-jsonnet"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/pace"
)

// within evaluates a program with a budget of 200 ms.
func within(t *testing.T, in jsonnet.Input) (string, error) {
	t.Helper()
	ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: 200 * time.Millisecond, Memory: budget.Held() + 256<<20})
	defer stop()
	r, err := jsonnet.NewCache(0).Eval(ctx, in)
	if err != nil {
		return "", err
	}
	b, err := r.JSON()
	return string(b), err
}

// FuzzEval checks that no program ends the process or exceeds its budget.
func FuzzEval(f *testing.F) {
	for _, code := range []string{
		"local f(x) = f(x + 1) tailstrict; f(1)", "std.foldl(function(s, i) s + s, std.range(1, 60), 'x')",
		"{ a: self.b, b:: $.a, assert true, ['c' + i]: i for i in [1] }", "local a = [a]; a == a", "std.manifestTomlEx({ a: [{}] }, ' ')",
		"'%(a)-5.3f %% %s' % { a: 1 }", "std.mergePatch({ a: null }, { a+: super.b })", "[x for x in std.range(1, 9) if x > 3][1:5:2]",
	} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		defer pace.Hold(t, len(code))()
		_, _ = within(t, jsonnet.Input{Snippet: code, SnippetName: "a.jsonnet", Importer: jsonnet.Theirs(&gojsonnet.MemoryImporter{})})
	})
}

// FuzzReaders passes a text to the functions of std that read one.
func FuzzReaders(f *testing.F) {
	for _, text := range []string{"", "1", `{"a": [1, null, "\u0041"]}`, "a: &a [1]\nb: *a\n", "%5.2f%s", "aGk=", "0x1f", "- - a", "[section]\na=b"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		for _, reader := range []string{"parseJson(x)", "parseYaml(x)", "parseInt(x)", "parseHex(x)", "parseOctal(x)", "base64Decode(x)", "base64DecodeBytes(x)", "decodeUTF8(std.encodeUTF8(x))", "format(x, [1, 'a', {}])", "escapeStringJson(x)"} {
			_, _ = within(t, jsonnet.Input{
				Snippet: "local x = std.extVar('x'); std." + reader, SnippetName: "a.jsonnet",
				ExtVars: map[string]jsonnet.Variable{"x": jsonnet.String(text)},
			})
		}
	})
}

// FuzzVariable checks the same for the code of variables.
func FuzzVariable(f *testing.F) {
	f.Add("{ a: 1 }")
	f.Add("function(x) x")
	f.Fuzz(func(t *testing.T, code string) {
		defer pace.Hold(t, len(code))()
		_, _ = within(t, jsonnet.Input{
			Snippet: "function(a, b='c') [a, b, std.extVar('d')]", SnippetName: "a.jsonnet",
			TLAs: map[string]jsonnet.Variable{"a": jsonnet.Code(code)}, ExtVars: map[string]jsonnet.Variable{"d": jsonnet.Code(code)},
		})
	})
}
