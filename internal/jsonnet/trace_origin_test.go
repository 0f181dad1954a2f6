package jsonnet_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/mutation"
)

type followedProgram struct {
	name, code string
	path       []any
	want       string
}

// followed are programs with the origins of the value at a path: "=" is Sets, "+" AddsTo,
// "<" From, "<<" PartOf.
var followed = []followedProgram{
	{"local", "local x =\n'here';\n{ a: x }", []any{"a"}, "=3:6 <2:1"},
	{"several locals", "local x =\n'here', y = x, z = y;\n{ a: z }", []any{"a"}, "=3:6 <2:20 <2:13 <2:1"},
	{"argument", "local f(x) = { a: x };\nf(\n'here')", []any{"a"}, "=1:19 <3:1"},
	{"argument by name", "local f(x, y) = { a: y };\nf(\ny='here', x=1)", []any{"a"}, "=1:22 <3:3"},
	{"default", "local f(x=\n'here') = { a: x };\nf()", []any{"a"}, "=2:16 <2:1"},
	{"default of another parameter", "local f(x, y=x) = { a: y };\nf(\n'here')", []any{"a"}, "=1:24 <1:14 <3:1"},
	{"result of a function", "local f(x) =\nif x then\n'yes' else 'no';\n{ a: f(true) }", []any{"a"}, "=4:6 <3:1"},
	{"branch", "{ a: if false then 1 else\n2 }", []any{"a"}, "=1:6 <2:1"},
	{"assert", "{ a: assert true;\n'here' }", []any{"a"}, "=2:1"},
	{"member of a config", "local c = { app: {\nport: 80 } };\n{ a: c.app.port }", []any{"a"}, "=3:6 <2:7"},
	{"member that is set later", "{ b: 'old', a: self.b } +\n{ b: 'new' }", []any{"a"}, "=1:16 <2:6"},
	{"super", "{ a:\n'old' } +\n{ a: super.a, b: super.a }", []any{"b"}, "=3:18 <2:1"},
	{"dollar", "{ c::\n1, a: { b: $.c } }", []any{"a", "b"}, "=2:12 <2:1"},
	{"computed index", "local c = { k:\n1 };\n{ a: c['k'] }", []any{"a"}, "=3:6 <2:1"},
	{"element", "local l = [0,\n1];\n{ a: l[1] }", []any{"a"}, "=3:6 <2:1"},
	{"element of a comprehension", "[{ a: x } for x in [0,\n1]]", []any{1, "a"}, "=1:7 <2:1"},
	{"comprehension over fields", "local o = {\nx: 1 };\n{ a: { [k]: o[k] for k in std.objectFields(o) } }", []any{"a", "x"}, "=3:13 <2:4"},
	{"outermost comprehension", "{ [k]:\n1 for k in ['a'] }", []any{"a"}, "=2:1"},
	{"whole value", "local x = 1;\nstd.prune({ a: x })", nil, "=2:1"},
	{"in the whole value", "local x =\n1;\nstd.prune({ a: x })", []any{"a"}, "=3:1 <3:16 <2:1"},
	{"format", "local h =\n'h', p =\n80;\n{ a:\n'%s:%d' % [h, p] }", []any{"a"}, "=5:1 <<5:1 <<2:1 <<3:1"},
	{"format with names", "local h =\n'h';\n{ a:\n'%(x)s' % { x: h, y: 1 } }", []any{"a"}, "=4:1 <<4:1 <<4:16 <<2:1"},
	{"sum of texts", "local x =\n'b';\n{ a:\n'a' + x }", []any{"a"}, "=4:1 <<4:1 <<2:1"},
	{"replaced in a text", "local x =\n'b';\n{ a:\nstd.strReplace('aX', 'X', x) }", []any{"a"}, "=4:1 <<4:16 <<2:1"},
	{"not found in a text", "local x =\n'b';\n{ a:\nstd.strReplace('a', 'X', x) }", []any{"a"}, "=4:1 <<4:16"},
	{"joined texts", "{ a: std.join(\n',', ['x',\n'y']) }", []any{"a"}, "=1:6 <<2:7 <<3:1 <<2:1"},
	{"one text, joined to nothing", "{ a: std.join(\n',', [null,\n'x']) }", []any{"a"}, "=1:6 <<2:7 <<3:1"},
	{"sum of numbers", "local x =\n1;\n{ a:\nx - 1 }", []any{"a"}, "=4:1 <<2:1 <<4:5"},
	{"product with 0", "{ a: 0 *\n1 }", []any{"a"}, "=1:6"},
	{"condition", "{ a: 'x' == 'y' }", []any{"a"}, "=1:6"},
	{"plus of a text", "{ a:\n'x' } +\n{ a+: 'y' }", []any{"a"}, "+3:7 =2:1"},
	{"plus over a result of std", "{ a: std.mergePatch({ b:\n'x' }, {}) +\n{ b+: 'y' } }", []any{"a", "b"}, "+3:7 =1:6 <2:1"},
	{"plus without something below", "{ a+: 'y' }", []any{"a"}, "=1:7"},
	{"plus of a result of std", "{ a: { x: 1 } } +\n{ a+: std.prune({\ny: 2 }) }", []any{"a", "y"}, "=2:7 <3:4"},
	{"under what is added to a result of std", "{ a: std.prune({\nx: 1 }) } +\n{ a+: { y: 2 } }", []any{"a", "x"}, "=1:6 <2:4"},
	{"element under what is added", "{ a: std.split('x,y', ',') } +\n{ a+: ['z'] }", []any{"a", 0}, "=1:6 <<1:16"},
	{"mergePatch, of the target", "{ a: std.mergePatch({ b: {\nx: 1 } }, { c: 1 }) }", []any{"a", "b", "x"}, "=2:4"},
	{"mergePatch, of the patch", "{ a: std.mergePatch({ x: 1 }, {\nx: 2 }) }", []any{"a", "x"}, "=1:6 <2:4"},
	{"mapWithKey", "{ a: std.mapWithKey(function(k, v) v, {\nx: 1 }) }", []any{"a", "x"}, "=1:6 <2:4"},
	{"map", "{ a: std.map(function(x) x + 1, [\n1]) }", []any{"a", 0}, "=1:6 <1:26 <<2:1 <<1:30"},
	{"objectValues", "{ a: std.objectValues({\nx: 1 }) }", []any{"a", 0}, "=1:6 <2:4"},
	{"objectKeysValues", "{ a: std.objectKeysValues({\nx: 1 }) }", []any{"a", 0, "value"}, "=1:6 <2:4"},
	{"get", "{ a: std.get({\nx: 1 }, 'x', 2) }", []any{"a"}, "=1:6 <2:4"},
	{"get, the default", "{ a: std.get({ x: 1 }, 'y',\n2) }", []any{"a"}, "=1:6 <2:1"},
	{"fold", "{ a: std.foldl(function(a, b) a + b, ['x',\n'y'], '') }", []any{"a"}, "=1:6 <1:31 <<2:7 <<1:39 <<2:1"},
	{"smaller number", "{ a: std.min(1,\n2) }", []any{"a"}, "=1:6 <1:14"},
	{"filter", "{ a: std.filter(function(x) true, [1,\n2]) }", []any{"a", 1}, "=2:1"},
	{"length", "{ a: std.length([1, 2]) }", []any{"a"}, "=1:6"},
	{"import", "{ a: (import 'lib.libsonnet').x }", []any{"a"}, "=1:6 <lib.libsonnet:2:4"},
	{"text of a file", "{ a: importstr 'a.yaml' }", []any{"a"}, "=1:6 <a.yaml"},
	{"line of a text", "{ a: std.parseYaml(|||\n  x: 1\n  y: [2, 3]\n  z:\n    - 4\n|||) }", []any{"a", "z", 0}, "=1:6 <5"},
	{"line of a text without the last break", "{ a: std.parseYaml(|||-\n  x: 1\n  y: 2\n|||) }", []any{"a", "y"}, "=1:6 <3"},
	{"line of a text in quotes", "{ a: std.parseYaml('x: 1\ny: 2') }", []any{"a", "y"}, "=1:6 <2"},
	{"text in quotes on one line", "{ a: std.parseYaml('x: 1\\ny: 2') }", []any{"a", "y"}, "=1:6 <<1:20"},
	{"line of JSON", "local text = '{\n\"x\": [1,\n2]}';\n{ a: std.parseJson(text) }", []any{"a", "x", 1}, "=4:6 <1:14 <3"},
	{"line of a file", "{ a: std.parseYaml(importstr 'a.yaml') } + { a+: { y: 1 } }", []any{"a", "x"}, "=1:6 <a.yaml:2"},
	{"line of the second document", "{ a: std.parseYaml(importstr 'b.yaml') }", []any{"a", 1, "x"}, "=1:6 <b.yaml:4"},
	{"native", "{ a: std.native('twice')('x') } + { a+: { y: 1 } }", []any{"a", "twice"}, "=1:6"},
	{"native that reads", "{ a: std.native('parseYaml')(importstr 'a.yaml')[0] { y: 1 } }", []any{"a", "x"}, "=1:6 <1:30 <a.yaml:2"},
	{"external variable", "{ a: std.extVar('text') }", []any{"a"}, "=1:6 <extvar text"},
	{"in an external variable", "{ a: std.extVar('code') + { y: 1 } }", []any{"a", "x"}, "=<extvar:code>:1:7"},
	{"top-level argument", "function(text='none') { a: text }", []any{"a"}, "=1:28 <tla text"},
	{"default of a top-level argument", "function(other=\n'none') { a: other }", []any{"a"}, "=2:14 <2:1"},
}

// pieces are programs that show a piece of a text that is made of several parts. Their
// origins do not name the parts, because only some of them are in the piece.
var pieces = []followedProgram{
	{"text that is made of several", "{ a: std.parseYaml('x: %d\\ny: %d' % [1,\n2]) }", []any{"a", "x"}, "=1:6 <<1:20"},
	{"document of a text that is made of several", "local y =\n'y: 2';\n{ a: std.parseYaml('x: 1\\n' + y) }", []any{"a", "x"}, "=3:6 <<3:20"},
	{"piece of a text that is made of several", "local y =\n'y';\n{ a: std.split('x,' + y, ',') }", []any{"a", 0}, "=3:6 <<3:16"},
	{"start of a text that is made of several", "local y =\n'y';\n{ a: std.substr('x' + y, 0, 1) }", []any{"a"}, "=3:6 <<3:17"},
}

func TestFollowed(t *testing.T) {
	for _, tt := range slices.Concat(followed, pieces) {
		t.Run(tt.name, func(t *testing.T) {
			in := given(tt.code)
			data := map[string]gojsonnet.Contents{"f": gojsonnet.MakeContents(tt.code)}
			for name, text := range followedFiles {
				data[name] = gojsonnet.MakeContents(text)
			}
			in.Importer = jsonnet.Theirs(&gojsonnet.MemoryImporter{Data: data})
			result, err := jsonnet.NewCache(0).Eval(t.Context(), in)
			require.NoError(t, err)
			origins, err := result.Tracer().Origins(func(loc ast.LocationRange) bool { return loc.File != nil }, tt.path...)
			require.NoError(t, err)
			var got []string
			for _, o := range origins {
				got = append(got, originText(o))
			}
			assert.Equal(t, tt.want, strings.Join(got, " "))
		})
	}
}

// followedFiles are the files that the programs in followed import.
var followedFiles = map[string]string{
	"lib.libsonnet": "{\nx: 1 }",
	"a.yaml":        "# a\nx: 1\n",
	"b.yaml":        "---\nx: 1\n---\nx: 2\n",
}

// A value that is made in many steps, or is nested deeply, gets as many origins as
// possible.
func TestFollowedFar(t *testing.T) {
	for name, code := range map[string]string{
		"fold":      "{ a: std.foldl(function(a, b) a + b, std.range(1, 2000), 0) }",
		"sum":       "{ a: 'x'" + strings.Repeat(" + 'y'", 1500) + " }",
		"recursion": "local f(n) = if n == 0 then 'x' else f(n - 1); { a: f(150) }",
		"chain":     "local f(n) = if n == 0 then { a: 'x' } else { a: f(n - 1).a }; f(100)",
	} {
		result, err := jsonnet.NewCache(0).Eval(t.Context(), jsonnet.Input{Snippet: code, SnippetName: "f"})
		require.NoError(t, err, name)
		_, err = result.Value()
		require.NoError(t, err, name)
		origins, err := result.Tracer().Origins(nil, "a")
		require.NoError(t, err, name)
		assert.NotEmpty(t, origins, name)
		assert.Equal(t, jsonnet.Sets, origins[0].Effect, name)
	}
}

// given returns the input for a program in followed.
func given(code string) jsonnet.Input {
	arguments := map[string]jsonnet.Variable{}
	if strings.HasPrefix(code, "function(text") {
		arguments["text"] = jsonnet.String("x")
	}
	return jsonnet.Input{
		File:    "f",
		ExtVars: map[string]jsonnet.Variable{"text": jsonnet.String("x"), "code": jsonnet.Code("{ x:  1 }")},
		TLAs:    arguments,
		Natives: []jsonnet.Native{
			{Name: "twice", Params: []string{"x"}, Func: func(a []any) (any, error) {
				return map[string]any{"twice": a[0].(string) + a[0].(string)}, nil
			}},
			{Name: "parseYaml", Params: []string{"text"}, Func: func(a []any) (any, error) {
				documents, err := document.YAML(context.Background(), []byte(a[0].(string)), document.Options{Meaning: document.Tanka, Doubles: true})
				var values []any
				for _, d := range documents {
					values = append(values, d.Value)
				}
				return values, err
			}},
		},
	}
}

func originText(o jsonnet.Origin) string {
	effect := [...]string{"=", "+", "<", "<<"}[o.Effect]
	at := o.Location.Begin
	switch {
	case o.ExtVar != "":
		return effect + "extvar " + o.ExtVar
	case o.TLA != "":
		return effect + "tla " + o.TLA
	case at.Line == 0:
		return effect + o.Location.FileName
	}
	text := fmt.Sprint(at.Line)
	if at.Column > 0 {
		text += fmt.Sprint(":", at.Column)
	}
	if o.Location.FileName != "f" {
		text = string(o.Location.File.DiagnosticFileName) + ":" + text
	}
	return effect + text
}

// The origins of all programs are true. Those of the programs in followed are complete.
func TestFollowedIsTrue(t *testing.T) {
	for i, tt := range slices.Concat(followed, pieces) {
		t.Run(tt.name, func(t *testing.T) {
			report, err := mutation.Check(t.Context(), mutation.Program{
				Main: "f", Input: given(tt.code), Files: map[string]string{"f": tt.code}, Others: followedFiles,
			})
			require.NoError(t, err)
			assert.Zero(t, report.False, report.Details)
			if i < len(followed) {
				assert.Zero(t, report.Missed, report.Details)
			}
		})
	}
}
