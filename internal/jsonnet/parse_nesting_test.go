package jsonnet_test

import (
	"strings"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"

	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/pace"
)

// A text that would overflow Go's stack in the parser is an error, and does not end the
// process.
func TestCheckNesting(t *testing.T) {
	deep := func(s string) string { return strings.Repeat(s, 100_000) }
	refused := map[string]string{
		"brackets":              "// a comment\n" + deep("[") + deep("]"),
		"mixed":                 strings.Repeat("{a:[(", 2000) + "1" + strings.Repeat(")]}", 2000),
		"open":                  deep("("),
		"signs":                 strings.Repeat("!", 4000) + "true",
		"signs apart":           deep("- ") + "1",
		"sums":                  deep("1 + ") + "1",
		"locals":                deep("local a = 1; ") + "1",
		"locals of two":         deep("local a = 1, b = 2; ") + "1",
		"locals in values":      deep("local a = ") + "1",
		"conditions":            deep("if true then ") + "1",
		"else":                  deep("if true then 1 else ") + "1",
		"fields of fields":      "a" + deep(".a"),
		"elements of elements":  "a" + deep("[0]"),
		"objects added":         deep("{}"),
		"functions":             deep("function(x, y) ") + "1",
		"calls":                 "a" + deep("(1, 2)"),
		"errors":                deep("error ") + "1",
		"assertions":            deep("assert true; ") + "1",
		"conditions and locals": deep("if a then local x = 1, y = 2; ") + "1",
		"loops":                 "[x " + deep("for x in a ") + "]",
		"behind a text block":   "[|||\n  ||| '\n|||, " + deep("[") + "\n//'",
		"behind a string":       `['\'', ` + deep("["),
		"super":                 deep("a in super && ") + "1",
	}
	for name, code := range refused {
		t.Run(name, func(t *testing.T) {
			_, err := jsonnet.Parse(t.Context(), "a.jsonnet", code)
			assert.ErrorContains(t, err, " nested too deeply: ")
			got := ours(t, jsonnet.NewCache(0), jsonnet.Input{Snippet: code, SnippetName: "a.jsonnet"})
			assert.Contains(t, got.message, "nested too deeply")
			files := map[string]gojsonnet.Contents{"main.jsonnet": gojsonnet.MakeContents("import 'deep.txt'"), "deep.txt": gojsonnet.MakeContents(code)}
			cache := jsonnet.NewCache(0)
			for range 2 {
				got = ours(t, cache, jsonnet.Input{File: "main.jsonnet", Importer: jsonnet.Theirs(&gojsonnet.MemoryImporter{Data: files})})
				assert.Contains(t, got.message, " nested too deeply")
			}
		})
	}
	many := deep("[")
	accepted := map[string]string{
		"400 levels":         strings.Repeat("[", 400) + strings.Repeat("]", 400),
		"flat":               "[" + deep("[],") + "]",
		"elements":           "[" + deep("1 + 1, ") + "]",
		"fields":             "{ local a = 1, assert true, " + deep("['a' + 1]: local x = 1, y = 2; x + y, ")[:3_900] + "}",
		"string":             "'" + many + `\'` + many + "'",
		"double quotes":      `"` + many + `\\"`,
		"verbatim":           "@'" + many + "''" + many + "'",
		"text block":         "|||\n  " + many + "\n|||",
		"text in text block": "|||\n\n  a ||| '\n   " + many + "\n\n  b\n  |||\n ||| + '[]'",
		"comment":            "1 // " + many,
		"hash":               "# " + many + "\n1",
		"comment of lines":   "/* " + many + "\n" + many + " */ 1",
		"division":           "8 / 2 / 1",
		"a thousand locals":  strings.Repeat("local a = 1, b = [1, 2], c(x, y=1) = x; ", 1000) + "1",
		"a thousand sums":    strings.Repeat("'abc' + ", 1000) + "1",
		"closed too often":   ")]}",
	}
	for name, code := range accepted {
		t.Run(name, func(t *testing.T) { assert.NoError(t, jsonnet.CheckNesting("a.jsonnet", code)) })
	}
}

// FuzzCheckNesting checks that no text ends the process, neither in the check nor in the
// parser after it.
func FuzzCheckNesting(f *testing.F) {
	f.Add("{ a: [1, 'x', |||\n  y\n|||], // z\n}")
	f.Add("local a = 1, b = 2; if a == 1 then a.b[0](b) else error @'x''y'")
	f.Fuzz(func(t *testing.T, code string) {
		defer pace.Hold(t, len(code))()
		_, _ = jsonnet.Parse(t.Context(), "a.jsonnet", strings.Repeat(code, min(500, 1+20_000/(1+len(code)))))
	})
}
