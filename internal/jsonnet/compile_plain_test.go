package jsonnet

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet/survey"
	"github.com/mop-platform/mop/internal/pace"
)

// comparePlain compares the code of a text that is read as JSON with the code of its syntax
// tree by go-jsonnet's parser.
func comparePlain(t *testing.T, text string) (plain bool) {
	t.Helper()
	got, ok, err := compilePlain(t.Context(), "a.json", text)
	require.NoError(t, err)
	if !ok {
		return false
	}
	tree, err := Parse(t.Context(), "a.json", text)
	require.NoError(t, err, "%q", text)
	want, err := compile(t.Context(), standardNatives(), "a.json", tree, nil)
	require.NoError(t, err)
	require.Equal(t, outline{}, outline{needs: outlineOf(tree).needs, base: outlineOf(tree).base})
	forget(want)
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("%q: other code", text)
	}
	return true
}

// forget removes what the code of JSON lacks: the lines of the file.
func forget(u *unit) {
	u.site.file.source = &ast.Source{DiagnosticFileName: u.site.file.source.DiagnosticFileName}
	switch n := u.body.(type) {
	case *arrayLiteral:
		for _, e := range n.elements {
			if e.code != nil {
				forget(e.code)
			}
		}
	case *objectLiteral:
		for i := range n.table.fields {
			forget(n.table.fields[i].code)
		}
	}
}

func TestPlain(t *testing.T) {
	for _, text := range []string{
		`[]`, `{}`, ` { } `, "[\n1,\t2\r\n]\n", `{"a": 1}`, `[[], {}, [{}]]`, `{"a": {"b": {"c": [{"d": {}}]}}}`,
		`[null, true, false, 0, 10, 0.5, 1e3, 1E+3, 1.25e-3, -1, -0, -0.5e2]`,
		`["", "a", "é", "\"\\\/\b\f\n\r\t\u0041\u00e9\u0000", "'", "//", "/*", "#", "|||"]`,
		`{"é": 1, "$": 2, "self": 3, "": 4, "a\nb": 5}`,
		`{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10}`,
		`[{"a": 1, "b": 2}, {"a": 3, "b": 4}, {"b": 1, "a": 2}, {"ab": 1}, {"a": "b"}]`,
		`[` + strings.Repeat(`[`, 1000) + strings.Repeat(`]`, 1000) + `]`,
		`{` + manyFields(200) + `}`,
		`[1,]`, `{"a":1,}`, `[[1,],]`, `{a:1}`, `{'a':'b"c\'d',_b9:["\'"]}`, `{importx: 1, true_: 2}`,
		"// one\n[1, // two\n# three\n/* four\nfive */ 2 /**/]//", "{/**/a/**/:/**/1/**/,/**/}", "/*\n\n*/ [\n'a']",
	} {
		assert.True(t, comparePlain(t, text), "%q", text)
	}
}

func manyFields(n int) string {
	fields := make([]string, n)
	for i := range fields {
		fields[i] = fmt.Sprintf("%q: {\"x\": %d}", fmt.Sprint("f", i), i)
	}
	return strings.Join(fields, ", ")
}

// The parser reads text that is no JSON, or that Jsonnet may read differently.
func TestNotPlain(t *testing.T) {
	for _, text := range []string{
		``, ` `, `1`, `"a"`, `null`, `[1,,]`, `{"a":1,,}`, `[,]`, `{,}`, `[,1]`, `[1 2]`, `{"a" 1}`, `{"a":}`, `{"a"::1}`, `{"a"+:1}`, `{a::1}`, `{if:1}`, `{1:1}`, `{a(x):1}`, `{local a=1}`, `{[a]:1}`, `{@'a':1}`,
		`# c`, `[1 / 2]`, `[1] /* c`, `[1] /*/`, `[1] /`, `[01]`, `[1.]`, `[.5]`, `[1e]`, `[+1]`, `[- 1]`, `[--1]`, `[1e999]`, `[1_000]`, `[0x10]`,
		`["\x"]`, `["\ud83d\ude00"]`, `["\ud800"]`, `["\u12"]`, `["\u12g4"]`, "[\"a\nb\"]", "[\"\t\"]", `["a`, `["\`, `["\u`,
		`[nullx]`, `[null_]`, `[True]`, `[self]`, `[std.x]`, `[1 + 1]`, `[1][0]`, `{"a":1}.a`, `{} {}`, `[]]`, `[`, `{`, `{"a":1`, `[1`, `[{]}`,
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{` + manyFields(10) + `, "f3": 1}`, `[{"a":1,"b":2},{"a":1,"a":2}]`,
		"[\"\xff\"]", "\ufeff[]", "[\v1]", "[\u00a01]", `[1 for x in []]`, `[if true then 1]`,
		strings.Repeat(`[`, survey.MostBrackets+2) + strings.Repeat(`]`, survey.MostBrackets+2),
		`{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"a":10}`,
	} {
		assert.False(t, comparePlain(t, text), "%.50q", text)
	}
}

var plainTexts = flag.Int("plain-texts", 1000, "number of random texts to read as JSON")

func TestPlainRandom(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	plain := 0
	for range *plainTexts {
		text := randomJSON(random)
		if comparePlain(t, text) {
			plain++
		}
		// Replace or delete one byte.
		i := random.IntN(len(text))
		comparePlain(t, text[:i]+string(`{}[]":,-.0e\ a`[random.IntN(14)])+text[i+1:])
		comparePlain(t, text[:i]+text[i+1:])
	}
	assert.Greater(t, plain, *plainTexts*5/6)
}

func randomJSON(random *rand.Rand) string {
	var value func(depth int) any
	value = func(depth int) any {
		n := random.IntN(4)
		switch k := random.IntN(8); {
		case k < 2 && depth > 0:
			array := []any{}
			for range n {
				array = append(array, value(depth-1))
			}
			return array
		case k < 5 && depth > 0:
			object := map[string]any{}
			for range 3 * n {
				object[string(rune('a'+random.IntN(12)))] = value(depth - 1)
			}
			return object
		case k == 5:
			return random.NormFloat64() * 1000
		case k == 6:
			return []any{nil, true, false, "é\n\"", "a/b", 0, -7}[random.IntN(7)]
		}
		return fmt.Sprint("text", n)
	}
	indent := strings.Repeat(" ", random.IntN(3))
	text, err := json.MarshalIndent([]any{value(5), value(3)}, "", indent)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// FuzzPlain checks that the code of a text is the same as that of the parser.
func FuzzPlain(f *testing.F) {
	for _, text := range []string{`{"a": [1, -2.5e3, "\u00e9\n", {"b": null}], "c": {"d": true}}`, "[\r\n\t{}]", `{"a":1,"a":2}`, `[1,]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		comparePlain(t, text)
	})
}

// A large file of JSON takes little time and memory.
func BenchmarkPlain(b *testing.B) {
	text := "[" + strings.Repeat(`{"name":"service","labels":{"app":"a","tier":"b"},"replicas":3},`, 10_000) + "{}]"
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, ok, err := compilePlain(b.Context(), "a.json", text)
			require.NoError(b, err)
			require.True(b, ok)
		}
	})
	b.Run("parser", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			tree, err := gojsonnet.SnippetToAST("a.json", text)
			require.NoError(b, err)
			_, err = compile(b.Context(), standardNatives(), "a.json", tree, nil)
			require.NoError(b, err)
		}
	})
}
