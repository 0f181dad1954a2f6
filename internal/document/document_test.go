package document_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/document"
)

var meanings = map[string]document.Meaning{"kubernetes": document.Kubernetes, "jsonnet": document.Jsonnet, "tanka": document.Tanka}

// All faults of a text are reported, in order of their lines.
func TestFaults(t *testing.T) {
	tests := []struct {
		name, text string
		want       document.Faults
	}{
		{"several documents", "a: 1\na: 2\n---\nb: {c: 1,\n c: 2}\n---\n[\n", document.Faults{
			{Line: 2, Problem: `key "a" is set twice`, First: 1},
			{Line: 5, Problem: `key "c" is set twice`, First: 4},
			{Line: 7, Problem: "did not find expected node content"},
		}},
		{"keys within and after each other", "a:\n  b: 1\n  b: 2\na: 3\na: 4\n", document.Faults{
			{Line: 3, Problem: `key "b" is set twice`, First: 2},
			{Line: 4, Problem: `key "a" is set twice`, First: 1},
			{Line: 5, Problem: `key "a" is set twice`, First: 1},
		}},
		{"keys before, within and after a merge", "a: &a {x: 1, z: 1}\nb:\n  x: 2\n  <<: *a\n  z: 2\n  x: 3\n  z: 4\n", document.Faults{
			{Line: 6, Problem: `key "x" is set twice`, First: 3},
			{Line: 7, Problem: `key "z" is set twice`, First: 5},
		}},
		{"keys by alias", "a: &k on\n*k : 1\ntrue: 2\n", document.Faults{{Line: 3, Problem: `key "true" is set twice`, First: 2}}},
		{"an anchor after its alias", "a: 1\nb: *x\nx: &x 1\n", document.Faults{{Line: 2, Problem: `no anchor "x" before this`}}},
		{"a byte that is not UTF-8", "a: 1\n# é\nb: \xc3\x28\n", document.Faults{{Line: 3, Problem: "not UTF-8"}}},
		{"a tag that does not fit", "a:\n- !!int x\n", document.Faults{{Line: 2, Problem: "x: want a !!int"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := document.YAML(t.Context(), []byte(tt.text), document.Options{})
			var faults document.Faults
			require.ErrorAs(t, err, &faults)
			assert.Equal(t, tt.want, faults)
		})
	}
}

func TestFaultsListTen(t *testing.T) {
	_, err := document.YAML(t.Context(), []byte(strings.Repeat("a: 1\n", 14)), document.Options{})
	require.Error(t, err)
	assert.True(t, strings.HasSuffix(err.Error(), `line 11: key "a" is set twice, first in line 1; and 3 more`), err.Error())
}

// Integers that a float64 changes are reported once each, with line and path.
func TestChanged(t *testing.T) {
	text := "# limits\n---\nspec:\n  a: &a [1, 9007199254740993]\n  b: *a\n  c: 0x7fffffffffffffff\n  9007199254740993: key\n---\n9_007_199_254_740_993\n"
	documents, err := document.YAML(t.Context(), []byte(text), document.Options{Doubles: true})
	require.NoError(t, err)
	require.Len(t, documents, 2)
	assert.Equal(t, []document.Integer{
		{Line: 4, Path: []any{"spec", "a", 1}, Text: "9007199254740993", Value: 1 << 53},
		{Line: 6, Path: []any{"spec", "c"}, Text: "0x7fffffffffffffff", Value: 1 << 63},
	}, documents[0].Changed)
	assert.Equal(t, []document.Integer{{Line: 9, Text: "9_007_199_254_740_993", Value: 1 << 53}}, documents[1].Changed)

	documents, err = document.YAML(t.Context(), []byte(text), document.Options{})
	require.NoError(t, err)
	assert.Empty(t, documents[0].Changed)
	assert.Equal(t, int64(9007199254740993), documents[1].Value)
}

func TestPlaces(t *testing.T) {
	p := document.PlacesOf(t.Context(), []byte("a:\n  b:\n  - c\n  - d: 1\n"))
	for _, tt := range []struct {
		path []any
		want int
	}{
		{nil, 0}, {[]any{"a"}, 1}, {[]any{"a", "b", 1}, 4}, {[]any{"a", "b", 1, "d"}, 4}, {[]any{"a", "b", 7}, 2}, {[]any{"x"}, 0},
	} {
		assert.Equal(t, tt.want, p.Line(tt.path...), "%v", tt.path)
	}
	assert.Equal(t, 2, document.PlacesOf(t.Context(), []byte("{\n\t\"a\": 1}")).Line("a"), "JSON with tabs")
	assert.Zero(t, document.PlacesOf(t.Context(), []byte("[")).Line("a"))
	assert.Zero(t, document.Places{}.Line("a"))
}

// laughs is YAML in which each of n lines holds the one before ten times.
func laughs(n int, begin, end string) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [lol]\n")
	for i := range n {
		fmt.Fprintf(&b, "a%d: &a%d %s%s%s\n", i+1, i+1, begin, strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), end)
	}
	return b.String()
}

// The length of the text limits time and memory, whatever the meaning.
func TestBounds(t *testing.T) {
	var wide, repeated, large strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&wide, "k%d: 1, ", i)
	}
	for range 2 {
		for i := range 50_000 {
			fmt.Fprintf(&repeated, "k%d: 1\n", i)
		}
	}
	for range 50_000 {
		large.WriteString("- 9007199254740993\n")
	}
	tests := []struct{ name, text, want string }{
		{"a billion laughs", laughs(9, "[", "]"), "aliases expand to more than"},
		{"sizes that overflow", laughs(40, "[", "]"), "aliases expand to more than"},
		{"one long text", "a: &a " + strings.Repeat("x", 1<<20) + "\nb: [" + strings.Repeat("*a, ", 1000) + "]", "aliases expand to more than"},
		{"merges", "a: &a {" + wide.String() + "}\nb:\n" + strings.Repeat("- {<<: *a}\n", 5000), "aliases expand to more than"},
		{"merges in one object", "a: &a {" + wide.String() + "}\nb: {<<: [" + strings.Repeat("*a, ", 5000) + "]}", "aliases expand to more than"},
		{"deep sequences", strings.Repeat("[", 100_000), "exceeded max depth of 10000"},
		{"deep blocks", strings.Repeat("- ", 100_000), "exceeded max depth of 10000"},
		{"many keys set twice", repeated.String(), "is set twice"},
		{"many large integers", large.String(), ""},
	}
	for meaning, m := range meanings {
		for _, tt := range tests {
			t.Run(meaning+"/"+tt.name, func(t *testing.T) {
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := document.YAML(t.Context(), []byte(tt.text), document.Options{Meaning: m, Doubles: true})
				runtime.ReadMemStats(&after)
				if tt.want == "" {
					require.NoError(t, err)
				} else {
					assert.ErrorContains(t, err, tt.want)
				}
				assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(512<<20), "bytes allocated on the way")
			})
		}
	}
}

// Places find each of many fields fast.
func TestManyPlaces(t *testing.T) {
	const n = 200_000
	var b strings.Builder
	b.WriteString("a:\n")
	for i := range n {
		fmt.Fprintf(&b, "  k%d: 1\n", i)
	}
	b.WriteString("  k5: 2\n")
	p := document.PlacesOf(t.Context(), []byte(b.String()))
	for i := range n {
		require.Equal(t, i+2, p.Line("a", fmt.Sprintf("k%d", i)))
	}
	assert.Equal(t, 1, p.Line("a", "none"))
}
