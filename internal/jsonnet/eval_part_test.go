package jsonnet_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// boxes takes all fields of an object with a field box except its content, and makes the
// object apart. Of an object with a field closed it takes only that field.
func boxes(look func(string) any) (func(string) jsonnet.Extent, bool) {
	switch {
	case look("box") != nil:
		return func(name string) jsonnet.Extent {
			if name == "content" {
				return jsonnet.Omitted
			}
			return jsonnet.Whole
		}, true
	case look("closed") != nil:
		return func(name string) jsonnet.Extent {
			if name == "closed" {
				return jsonnet.Whole
			}
			return jsonnet.Omitted
		}, false
	}
	return func(string) jsonnet.Extent { return jsonnet.Outlined }, false
}

func openParts(t testing.TB, trace *bytes.Buffer, again bool, files map[string]string) *jsonnet.Result {
	t.Helper()
	contents := map[string]gojsonnet.Contents{}
	for name, text := range files {
		contents[name] = gojsonnet.MakeContents(text)
	}
	in := jsonnet.Input{File: "main.jsonnet", Importer: jsonnet.Theirs(&gojsonnet.MemoryImporter{Data: contents}), Parts: true, Again: again}
	if trace != nil {
		in.Trace = trace
	}
	r, err := jsonnet.NewCache(0).Eval(t.Context(), in)
	require.NoError(t, err)
	return r
}

func TestOutline(t *testing.T) {
	r := openParts(t, nil, false, map[string]string{"main.jsonnet": `{
	  a: [{ box: 1, content: error 'a' }, 1, null, 'x', function(x) x],
	  b: { closed: true, rest: error 'b' },
	  c: { box:: 1, content: { d: { box: { e: [2] }, content: error 'd' }, box:: 1 } },
	  hidden:: error 'hidden',
	}`})
	v, err := r.Outline(boxes)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{
		"a": []any{map[string]any{"box": 1.0}, 1.0, nil, "x", nil},
		"b": map[string]any{"closed": true},
		"c": map[string]any{"content": map[string]any{"d": map[string]any{"box": map[string]any{"e": []any{2.0}}}}},
	}, v)
}

func TestOutlineFails(t *testing.T) {
	for program, want := range map[string]string{
		`{ a: error 'x' }`:                             "x",
		`[{ box: [error 'x'] }]`:                       "x",
		`[{ assert false : 'x', box: 1, content: 2 }]`: "x",
	} {
		_, err := openParts(t, nil, false, map[string]string{"main.jsonnet": program}).Outline(boxes)
		var failed jsonnet.RuntimeError
		require.ErrorAs(t, err, &failed, program)
		assert.Equal(t, want, failed.Msg, program)
	}
}

// An error in a shared value is an error of each part that uses it, and hides no other
// part.
func TestPartsFailAlone(t *testing.T) {
	r := openParts(t, nil, false, map[string]string{"main.jsonnet": `
local shared = { assert self.n > 1 : 'want more', n: 1 };
local box(content) = { box: 1, content: content };
{ a: [box(shared)], b: box({ c: 1 }), d: box(shared.n), e: box(error 'e'), f: box(function(x) x), g: { box: 1, content:: 1 }, h: { box: 1 } }`})
	_, err := r.Outline(boxes)
	require.NoError(t, err)
	for range 2 {
		for _, tt := range []struct {
			path []any
			want any
		}{
			{[]any{"a", 0}, "want more"},
			{[]any{"b"}, map[string]any{"c": 1.0}},
			{[]any{"d"}, "want more"},
			{[]any{"e"}, "e"},
			{[]any{"f"}, "couldn't manifest function as JSON"},
			{[]any{"g"}, nil},
			{[]any{"h"}, nil},
			{[]any{"x"}, "Field does not exist: x"},
			{[]any{"a", 1}, "Index 1 out of bounds, not within [0, 1)"},
		} {
			v, err := r.Part(tt.path, "content")
			var failed jsonnet.RuntimeError
			switch want := tt.want.(type) {
			case string:
				require.ErrorAs(t, err, &failed, tt.path)
				assert.Equal(t, want, failed.Msg)
			default:
				require.NoError(t, err, tt.path)
				assert.Equal(t, want, v)
			}
			r.Release()
		}
	}
}

// A value that parts share is evaluated once, whatever is released. The way to the parts is
// traced once, by the first evaluation.
func TestReleaseKeepsWhatIsShared(t *testing.T) {
	files := map[string]string{"main.jsonnet": `
local shared = std.trace('shared', { n: std.trace('shared field', 1) });
local whole = std.trace('whole', { n: std.trace('whole field', 1) });
local box(i) = std.trace('box', { box: i, content: if i > 2 then whole else { n: shared.n, own: std.trace('own', i) } });
std.trace('root', [box(i) for i in std.range(0, 4)])`}
	for _, again := range []bool{false, true} {
		var trace bytes.Buffer
		r := openParts(t, &trace, again, files)
		if !again {
			_, err := r.Outline(boxes)
			require.NoError(t, err)
			r.Release()
		}
		for i := range 5 {
			_, err := r.Part([]any{i}, "content")
			require.NoError(t, err)
			r.Release()
		}
		outlined := 5
		if again {
			outlined = 0
		}
		for what, want := range map[string]int{
			" root\n": min(1, outlined), " box\n": outlined, " shared\n": 1, " shared field\n": 1, " whole\n": 1, " whole field\n": 1, " own\n": 3,
		} {
			assert.Equal(t, want, strings.Count(trace.String(), what), "%q, again %t", what, again)
		}
	}
}

// Release frees the memory of a part, in whatever way the program holds it.
func TestReleaseFrees(t *testing.T) {
	const n = 8
	const head = "local rows(i) = [{ n: i + '-' + j, more: { n: $.n } } for j in std.range(1, 1000)];\n"
	for _, tt := range []struct{ name, program string }{
		{"comprehension", `[{ box: i, content: rows(i) } for i in std.range(0, N)]`},
		{"function", `local box(i, content) = { box: i, content: content }; [box(i, rows(i)) for i in std.range(0, N)]`},
		{"object", `local box(i, content) = { box: i, content: { rows: content } }; { [std.char(65 + i)]: box(i, rows(i)) for i in std.range(0, N) }`},
		{"map", `std.map(function(i) { box: i, content: rows(i) }, std.range(0, N))`},
		{"local", `local all = { [std.char(65 + i)]: { box: i, content: rows(i) } for i in std.range(0, N) }; [all[name] for name in std.objectFields(all)]`},
		{"filter", `std.filter(function(x) x.box >= 0, [{ box: i, content: rows(i) } for i in std.range(0, N)])`},
		{"sort", `std.sort([{ box: i, content: rows(i) } for i in std.range(0, N)], function(x) x.box)`},
		{"locals of the object", `[{ local own = rows(i), box: i, content: own } for i in std.range(0, N)]`},
		{"inheritance", `local base = { box: self.i, content: { rows: rows($.i) } }; [base { i:: i, content+: { i: [i] } } for i in std.range(0, N)]`},
		{"contents above", `local all = { [std.char(65 + i)]: { rows: rows(i) } for i in std.range(0, N) }; [{ box: name, content: all[name] } for name in std.objectFields(all)]`},
		{"imports", `[` + strings.Repeat(`{ box: 1, content: import 'N.libsonnet' },`, n) + `]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{}
			program := tt.program
			for i := range n {
				name := fmt.Sprintf("%d.libsonnet", i)
				program = strings.Replace(program, "N.libsonnet", name, 1)
				files[name] = head + fmt.Sprintf("local all = rows(%d); { rows: all, first: all[0] }", i)
			}
			files["main.jsonnet"] = head + strings.ReplaceAll(program, "N)", fmt.Sprint(n-1, ")"))
			r := openParts(t, nil, false, files)
			v, err := r.Outline(boxes)
			require.NoError(t, err)
			r.Release()
			var paths []any
			switch v := v.(type) {
			case map[string]any:
				for name := range v {
					paths = append(paths, name)
				}
			case []any:
				for i := range v {
					paths = append(paths, i)
				}
			}
			require.Len(t, paths, n)
			before := heap()
			var first, last uint64
			for i, path := range paths {
				_, err := r.Part([]any{path}, "content")
				require.NoError(t, err)
				if i == 0 {
					first = heap() - before
				}
				r.Release()
				last = heap() - min(before, heap())
			}
			t.Logf("one part: %d kB; after all %d kB", first>>10, last>>10)
			assert.Less(t, last, 3*first)
			runtime.KeepAlive(r)
		})
	}
}

// heap returns the number of bytes in use.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
