package native_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/native"
	"github.com/mop-platform/mop/internal/pace"
)

func TestParseYAML(t *testing.T) {
	tests := []struct {
		name, yaml string
		want       []any
	}{
		{"nothing", "", []any{}},
		{"only a comment", "# a\n", []any{}},
		{"one document is an array too", "a: 1", []any{map[string]any{"a": 1.0}}},
		{"documents", "a\n---\nb: [c]\n", []any{"a", map[string]any{"b": []any{"c"}}}},
		{"empty documents", "---\n---\na\n---\n", []any{nil, "a", nil}},
		{"numbers", "[1e3, 0o17, 017, 0x1F, -0, 1_000, .5, 18446744073709551615, '1']", []any{[]any{1000.0, 15.0, 15.0, 31.0, 0.0, 1000.0, 0.5, 18446744073709551615.0, "1"}}},
		{"words", "[yes, on, n, true, ~, null, '']", []any{[]any{"yes", "on", "n", true, nil, nil, ""}}},
		{"dates", "[2024-01-02, 2024-01-02T03:04:05.6+01:00, '2024-01-02']", []any{[]any{"2024-01-02T00:00:00Z", "2024-01-02T03:04:05.6+01:00", "2024-01-02"}}},
		{"tags", "[!!str 1, !!int '1', !!float 1, !Ref a, !!binary aGk=, !!binary //4=]", []any{[]any{"1", 1.0, 1.0, "a", "hi", "\uFFFD\uFFFD"}}},
		{"text", "a: |\n  x\n   y\nb: >-\n  x\n  y\n", []any{map[string]any{"a": "x\n y\n", "b": "x y"}}},
		{"alias", "a: &a [1]\nb: *a\n*c : 1\n", nil},
		{"aliases", "a: &a [&k x]\nb: *a\n*k : 1\n", []any{map[string]any{"a": []any{"x"}, "b": []any{"x"}, "x": 1.0}}},
		{"merge", "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\nd: {<<: *a}\n'<<': 4\n", []any{map[string]any{
			"a":  map[string]any{"x": 1.0, "y": 1.0},
			"b":  map[string]any{"y": 2.0, "z": 2.0},
			"c":  map[string]any{"x": 3.0, "y": 1.0, "z": 2.0},
			"d":  map[string]any{"x": 1.0, "y": 1.0},
			"<<": 4.0,
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pure(t, `native('parseYaml')(x)`, tt.yaml)
			if tt.want == nil {
				assert.Equal(t, "parseYaml: line 3: no anchor \"c\" before this", text(t, err))
				return
			}
			require.NoError(t, err)
			assert.Equal(t, any(tt.want), got)
		})
	}
}

func TestParseYAMLErrors(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"syntax", "a: b: c", "line 1: mapping values are not allowed in this context"},
		{"syntax further down", "a: 1\nb: [\n", "line 2: did not find expected node content"},
		{"integer key", "a:\n  8080: x", "line 2: key 8080: want a string, got a number; quote it"},
		{"boolean key", "true: x", "line 1: key true: want a string, got a boolean; quote it"},
		{"null key", "~: x", "line 1: key ~: want a string, got null; quote it"},
		{"date key", "2024-01-02: x", "line 1: key 2024-01-02: want a string, got a date; quote it"},
		{"array key", "[a]: x", "line 1: key: want a string, got an array"},
		{"key set twice", "a: 1\nb: 2\n\"a\": 3", `line 3: key "a" is set twice, first in line 1`},
		{"merge set twice", "<<: {}\n<<: {}", `line 2: key "<<" is set twice, first in line 1`},
		{"infinity", "- .inf", "line 1: .inf: JSON has no such number"},
		{"not a number", "- .NaN", "line 1: .NaN: JSON has no such number"},
		{"tag that does not fit", "- !!int a", "line 1: a: want a !!int"},
		{"bad base64", "- !!binary '*'", "line 1: !!binary value contains invalid base64 data"},
		{"anchor in itself", "a: &a [1, *a]", `line 1: anchor "a" contains itself`},
		{"merge of itself", "&a {<<: *a}", `line 1: anchor "a" contains itself`},
		{"merge of text", "<<: x", `line 1: key <<: want a mapping or a sequence of mappings, got a string`},
		{"second document", "a\n---\n- .inf", "line 3: .inf: JSON has no such number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := pure(t, `native('parseYaml')(x)`, tt.yaml)
			assert.Equal(t, "parseYaml: "+tt.want, text(t, err))
		})
	}
}

// bomb is YAML in which each of n lines holds the one before ten times.
func bomb(n int, first, begin, end string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "a0: &a0 %s\n", first)
	for i := range n {
		fmt.Fprintf(&b, "a%d: &a%d %s%s%s\n", i+1, i+1, begin, strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), end)
	}
	return b.String()
}

func TestParseYAMLIsBounded(t *testing.T) {
	merges := "a: &a {" + strings.Repeat("k", 10)
	for i := range 2000 {
		merges += fmt.Sprintf(", k%d: 1", i)
	}
	merges += "}\nb:\n" + strings.Repeat("- {<<: *a}\n", 5000)
	// Each anchor is a hundred deeper than the one before.
	deep := "- &a0 x\n"
	for i := range 150 {
		deep += fmt.Sprintf("- &a%d %s*a%d%s\n", i+1, strings.Repeat("[", 100), i, strings.Repeat("]", 100))
	}
	tests := []struct{ name, yaml, want string }{
		{"a billion laughs", bomb(9, "[lol]", "[", "]"), "aliases expand to more than"},
		{"numbers that overflow", bomb(40, "[lol]", "[", "]"), "aliases expand to more than"},
		{"one long text", "a: &a " + strings.Repeat("x", 1<<20) + "\nb: [" + strings.Repeat("*a, ", 1000) + "]", "aliases expand to more than"},
		{"many documents", strings.Repeat(bomb(5, "[lol]", "[", "]")+"---\n", 100), "aliases expand to more than"},
		{"merges", merges, "aliases expand to more than"},
		{"deep sequences", strings.Repeat("[", 100000), "exceeded max depth of 10000"},
		{"deep mappings", strings.Repeat("{a: ", 100000), "exceeded max depth of 10000"},
		{"deep blocks", strings.Repeat("- ", 100000), "exceeded max depth of 10000"},
		{"deep aliases", deep, "nested more than 10000 deep"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := function(t, "parseYaml").Func(eval.Call{}, []any{tt.yaml})
			runtime.ReadMemStats(&after)
			assert.ErrorContains(t, err, tt.want)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(512<<20), "bytes allocated on the way")
		})
	}
}

// Large input without aliases, and moderate use of them, are fine.
func TestParseYAMLLarge(t *testing.T) {
	var b strings.Builder
	b.WriteString("base: &base {a: 1, b: [x, y]}\n")
	for i := range 100000 {
		fmt.Fprintf(&b, "key%d: {<<: *base, c: %d}\n", i, i)
	}
	v, err := function(t, "parseYaml").Func(eval.Call{}, []any{b.String()})
	require.NoError(t, err)
	assert.Len(t, v.([]any)[0], 100001)

	// The interpreter holds the deepest possible value, and ends with an error if it cannot
	// write it.
	deep := strings.Repeat("[", 9999) + strings.Repeat("]", 9999)
	got, err := pure(t, `std.length(native('parseYaml')(x))`, deep)
	require.NoError(t, err)
	assert.Equal(t, 1.0, got)
	_, err = pure(t, `native('parseYaml')(x)`, deep)
	assert.Equal(t, "max stack frames exceeded.\n    <external variable x>\n    hint: --max-stack allows for more", text(t, err))
}

func function(t testing.TB, name string) eval.Native {
	for _, f := range native.Functions(native.Options{}) {
		if f.Name == name {
			return f
		}
	}
	require.Fail(t, "no such function", name)
	return eval.Native{}
}

// For any text, parseYaml ends with a JSON value or an error.
func FuzzParseYAML(f *testing.F) {
	for _, seed := range []string{"", "a: 1\n---\nb: [yes, .5, 2024-01-02]\n", "a: &a {x: 1}\nb: {<<: *a}\n", "? [a]\n: |\n  b\n", "!!binary aGk=", "- &a [*a]", "\ufeffa: 'b'\r\n", bomb(4, "[x]", "[", "]"), "{<<: [{a: 1}, {b: 2}]}"} {
		f.Add(seed)
	}
	parse := function(f, "parseYaml")
	write := function(f, "manifestYamlFromJson")
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		v, err := parse.Func(eval.Call{}, []any{text})
		if err != nil {
			return
		}
		// The written value reads back as it was.
		for _, doc := range v.([]any) {
			encoded := marshal(t, doc)
			again, err := write.Func(eval.Call{}, []any{encoded})
			require.NoError(t, err)
			back, err := parse.Func(eval.Call{}, []any{again})
			require.NoError(t, err, again)
			assert.Equal(t, encoded, marshal(t, back.([]any)[0]))
		}
		assert.LessOrEqual(t, len(marshal(t, v)), 8*(1<<20+10*len(text)))
	})
}
