package eval_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/convert"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/pkg/diag"
)

// source has files by name. It counts how often each is read.
type source struct {
	files map[string]string
	reads sync.Map
}

func (s *source) ReadFile(_ context.Context, name string) ([]byte, error) {
	n, _ := s.reads.LoadOrStore(name, new(atomic.Int32))
	n.(*atomic.Int32).Add(1)
	text, ok := s.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return []byte(text), nil
}

func (s *source) Glob(_ context.Context, pattern string) ([]string, error) {
	m := fstest.MapFS{}
	for name := range s.files {
		m[name] = &fstest.MapFile{}
	}
	return fs.Glob(m, pattern)
}

func TestEval(t *testing.T) {
	files := map[string]string{
		"env/main.jsonnet":     `function(a='x', b={}) { a: a, list: [b, { hidden:: 1, n: 1000000 }] }`,
		"env/value.jsonnet":    `{ a: { b: [1, 2] }, '[': 3 }`,
		"env/order.jsonnet":    `{ near: import 'near', env: import 'env', lib: import 'lib', vendor: import 'vendor', bin: importbin 'lib', str: importstr 'lib' }`,
		"env/sub/main.jsonnet": `import '../near'`,
		"env/near":             `'env/near'`,
		"lib/near":             `'lib/near'`,
		"base/env":             `'base/env'`,
		"lib/env":              `'lib/env'`,
		"lib/lib":              `7`,
		"vendor/lib":           `8`,
		"vendor/vendor":        `'vendor/vendor'`,
		"env/vars.jsonnet":     `{ s: std.extVar('s'), c: std.extVar('c'), sf: std.extVar('sf'), cf: std.extVar('cf') }`,
		"cwd/x.libsonnet":      `{ x: importstr 'text' }`,
		"cwd/text":             "it's\n",
		"env/this.jsonnet":     `std.thisFile`,
		"env/names.jsonnet":    `function(value, main) [value, main]`,
	}
	search := []string{"base", "lib", "vendor"}
	tests := []struct {
		name  string
		in    eval.Input
		want  any
		files []string
	}{
		{"function without arguments", eval.Input{File: "env/main.jsonnet"},
			map[string]any{"a": "x", "list": []any{map[string]any{}, map[string]any{"n": 1000000.0}}}, []string{"env/main.jsonnet"}},
		{"top-level arguments", eval.Input{File: "env/main.jsonnet", Expr: "list[0].c", TLAs: map[string]eval.Variable{"a": eval.String("y"), "b": eval.Code("{ c: 1 + 1 }")}},
			2.0, []string{"env/main.jsonnet"}},
		{"arguments for a value are ignored", eval.Input{File: "env/value.jsonnet", Expr: "a.b[1]", TLAs: map[string]eval.Variable{"a": eval.String("y")}},
			2.0, []string{"env/value.jsonnet"}},
		{"arguments called like what is around the expression", eval.Input{File: "env/names.jsonnet", Expr: "[0]", Apply: "function(x) x", TLAs: map[string]eval.Variable{"value": eval.String("v"), "main": eval.String("m")}},
			"v", []string{"env/names.jsonnet"}},
		{"expression that indexes", eval.Input{File: "env/value.jsonnet", Expr: "['[']"}, 3.0, []string{"env/value.jsonnet"}},
		{"expression that extends", eval.Input{File: "env/value.jsonnet", Expr: "a { b: 1 }"}, map[string]any{"b": 1.0}, []string{"env/value.jsonnet"}},
		{"hidden field", eval.Input{File: "env/main.jsonnet", Expr: "list[1].hidden"}, 1.0, []string{"env/main.jsonnet"}},
		{"import order", eval.Input{File: "env/order.jsonnet"},
			map[string]any{"near": "env/near", "env": "base/env", "lib": 7.0, "vendor": "vendor/vendor", "bin": []any{55.0}, "str": "7"},
			[]string{"base/env", "env/near", "env/order.jsonnet", "lib/lib", "vendor/vendor"}},
		{"import above", eval.Input{File: "env/sub/main.jsonnet"}, "env/near", []string{"env/near", "env/sub/main.jsonnet"}},
		{"external variables", eval.Input{File: "env/vars.jsonnet", Dir: "cwd", ExtVars: map[string]eval.Variable{
			"s": eval.String("a'b\\n"), "c": eval.Code("import 'x.libsonnet'"), "sf": eval.StringFile("text"), "cf": eval.CodeFile("x.libsonnet"),
		}}, map[string]any{"s": "a'b\\n", "c": map[string]any{"x": "it's\n"}, "sf": "it's\n", "cf": map[string]any{"x": "it's\n"}},
			[]string{"cwd/text", "cwd/x.libsonnet", "env/vars.jsonnet"}},
		{"thisFile", eval.Input{File: "env/this.jsonnet"}, "env/this.jsonnet", []string{"env/this.jsonnet"}},
		{"snippet", eval.Input{Snippet: "(import 'x.libsonnet').x", Dir: "cwd"}, "it's\n", []string{"cwd/text", "cwd/x.libsonnet"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.SearchPath = search
			res, err := eval.Eval(t.Context(), eval.NewFiles(&source{files: files}, 0), tt.in)
			require.NoError(t, err)
			assert.Equal(t, tt.want, res.Value)
			assert.Equal(t, tt.files, res.Files)
		})
	}
}

func TestEvalErrors(t *testing.T) {
	files := map[string]string{
		"environments/prod/main.jsonnet": "local web = import 'web.libsonnet';\n{ web: web.new() }\n",
		"lib/web.libsonnet":              "{\n  new(replicas=error 'replicas must\\nbe set'): { replicas: replicas },\n}\n",
		"syntax.jsonnet":                 "{\n  a: 1,,\n}",
		"imports-syntax.jsonnet":         "{ a: import 'syntax.jsonnet' }",
		"unknown.jsonnet":                "{\n  a: b }",
		"missing.jsonnet":                "import 'nowhere.libsonnet'",
		"deep.jsonnet":                   "local f(n) = f(n + 1) + 1; f(0)",
		"cycle.jsonnet":                  "import 'cycle.jsonnet'",
		"native.jsonnet":                 "std.native('nope')('x')",
		"ext.jsonnet":                    "std.extVar('x')",
		"function.jsonnet":               "function(a) a",
		"format.jsonnet":                 "'%d' % 'x'",
		"escape.jsonnet":                 "import '../../etc/passwd'",
		"text.jsonnet":                   "if (importstr 'text.txt') == '' then {} else error 'text.txt: no value'",
		"text.txt":                       "a: 1",
	}
	tests := []struct {
		name string
		in   eval.Input
		want string
	}{
		{"runtime error", eval.Input{File: "environments/prod/main.jsonnet"}, `
environments/prod: replicas must
    be set
    lib/web.libsonnet:2:16
    lib/web.libsonnet:2:60
`},
		{"syntax error", eval.Input{File: "syntax.jsonnet"}, `
syntax.jsonnet:2:8: Unexpected: "," while parsing field definition
`},
		{"syntax error in an import", eval.Input{File: "imports-syntax.jsonnet"}, `
syntax.jsonnet:2:8: Unexpected: "," while parsing field definition
    imports-syntax.jsonnet:1:6
`},
		{"unknown variable", eval.Input{File: "unknown.jsonnet"}, `
unknown.jsonnet:2:6: Unknown variable: b
`},
		{"missing file", eval.Input{File: "nope.jsonnet"}, `
nope.jsonnet: import "nope.jsonnet": no such file
    hint: looked for nope.jsonnet
`},
		{"missing import", eval.Input{File: "missing.jsonnet"}, `
missing.jsonnet: import "nowhere.libsonnet": no such file
    missing.jsonnet:1:1
    hint: looked for nowhere.libsonnet, lib/nowhere.libsonnet
`},
		{"deep recursion", eval.Input{File: "deep.jsonnet", Interpreter: eval.Interpreter{MaxStack: 20}}, `
deep.jsonnet: max stack frames exceeded.
    deep.jsonnet:1:14
    deep.jsonnet:1:28
    hint: function f leads back to itself by way of deep.jsonnet:1:14 with nothing changed: it has no end
`},
		{"cyclic import", eval.Input{File: "cycle.jsonnet"}, `
cycle.jsonnet: max stack frames exceeded.
    cycle.jsonnet:1:1
    hint: cycle.jsonnet:1:1 leads back to itself with nothing changed: it has no end
`},
		{"unknown native function", eval.Input{File: "native.jsonnet"}, `
native.jsonnet: Unexpected type null, expected function
    native.jsonnet:1:1
`},
		{"unset external variable", eval.Input{File: "ext.jsonnet"}, `
ext.jsonnet: Undefined external variable: x
    ext.jsonnet:1:1
    hint: give it with --ext-str x=TEXT or --ext-code x=VALUE
`},
		{"bad external code", eval.Input{File: "ext.jsonnet", ExtVars: map[string]eval.Variable{"x": eval.Code("{")}}, `
<external variable x>:1:2: Unexpected: end of file while parsing field definition
`},
		{"missing argument", eval.Input{File: "function.jsonnet"}, `
function.jsonnet: Missing argument: a
    function.jsonnet:1
    hint: give it with --tla-str a=TEXT or --tla-code a=VALUE
`},
		{"unknown argument", eval.Input{File: "function.jsonnet", TLAs: map[string]eval.Variable{"a": eval.String(""), "b": eval.String("")}}, `
function.jsonnet: function has no parameter b
    function.jsonnet:1
    hint: its parameters are a
`},
		{"argument that is no name", eval.Input{File: "function.jsonnet", Expr: "x", TLAs: map[string]eval.Variable{"a b": eval.String("")}}, `
function.jsonnet: top-level argument "a b": not a name that a parameter can have
`},
		{"error in a native part", eval.Input{File: "format.jsonnet"}, `
format.jsonnet: Format required number at 0, got string
    format.jsonnet:1:1
`},
		{"expression with a syntax error", eval.Input{File: "ext.jsonnet", Expr: "a["}, `
<expression>:1:3: Unexpected end of file
`},
		{"expression that fails", eval.Input{File: "unknown.jsonnet", Expr: "a"}, `
unknown.jsonnet:2:6: Unknown variable: b
    <expression>:1:1
`},
		{"message that begins with the name of a file that is no Jsonnet", eval.Input{File: "text.jsonnet"}, `
text.jsonnet: text.txt: no value
    text.jsonnet:1:46
`},
		{"import above the root", eval.Input{File: "escape.jsonnet"}, `
escape.jsonnet: import "../../etc/passwd": no such file
    escape.jsonnet:1:1
    hint: looked for ../../etc/passwd, ../etc/passwd
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.SearchPath = []string{"lib"}
			_, err := eval.Eval(t.Context(), eval.NewFiles(&source{files: files}, 0), tt.in)
			l, ok := diag.From(err)
			require.True(t, ok, "want a diag.List, got %v", err)
			var b strings.Builder
			require.NoError(t, diag.Write(&b, l, diag.Options{}))
			assert.Equal(t, strings.TrimPrefix(tt.want, "\n"), b.String())
		})
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := eval.Eval(ctx, eval.NewFiles(&source{files: map[string]string{"a": "1"}}, 0), eval.Input{File: "a"})
	assert.ErrorIs(t, err, context.Canceled)
}

// Eval returns even during a computation without an import.
func TestCancelledInTheMiddle(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	began := writerFunc(func(p []byte) (int, error) {
		cancel(errors.New("enough"))
		return len(p), nil
	})
	files := eval.NewFiles(&source{files: map[string]string{
		"a": `assert std.trace('began', true); std.foldl(function(a, x) std.foldl(function(b, y) b + y, std.range(1, 1000), a), std.range(1, 10000), 0)`,
	}}, 0)

	_, err := eval.Eval(ctx, files, eval.Input{File: "a", Trace: began})
	assert.EqualError(t, err, "enough")
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestTrace(t *testing.T) {
	var out bytes.Buffer
	files := eval.NewFiles(&source{files: map[string]string{"a": "std.trace('hello', 1)"}}, 0)
	_, err := eval.Eval(t.Context(), files, eval.Input{File: "a", Trace: &out})
	require.NoError(t, err)
	assert.Equal(t, "TRACE: a:1 hello\n", out.String())
}

// Traces count as output of the budget, at most a screen for each call. Discarded traces do
// not count.
func TestTraceIsBounded(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Output: 10 << 10})
	defer stop()
	var out bytes.Buffer
	files := eval.NewFiles(&source{files: map[string]string{
		"long": "std.trace(std.repeat('x', 100000000), 1)",
		"loop": "std.foldl(function(a, i)\n  std.trace('hello', a), std.range(1, 10000), 0)",
	}}, 0)

	_, err := eval.Eval(ctx, files, eval.Input{File: "loop"})
	require.NoError(t, err)
	_, err = eval.Eval(ctx, files, eval.Input{File: "long", Trace: &out})
	require.NoError(t, err)
	assert.Equal(t, "TRACE: long:1 "+strings.Repeat("x", 4096)+"… (99,995,904 more bytes)\n", out.String())
	_, err = eval.Eval(ctx, files, eval.Input{File: "loop", Trace: &out})
	assert.ErrorAs(t, err, new(*budget.Exceeded))
	found, ok := diag.From(err)
	require.True(t, ok)
	assert.Contains(t, found.Error(), "output limit exceeded: 10 KiB")
	assert.Equal(t, diag.Position{File: "loop", Line: 2, Column: 3}, found[0].Origins[0])
	assert.LessOrEqual(t, out.Len(), 10<<10)
}

// spending is a source with a file that is too large.
type spending struct{ *source }

func (s spending) ReadFile(ctx context.Context, name string) ([]byte, error) {
	if path.Base(name) == "large" {
		return nil, &fs.PathError{Op: "read", Path: name, Err: &budget.Exceeded{What: "memory", Limit: "1 MiB"}}
	}
	return s.source.ReadFile(ctx, name)
}

// A file that is larger than the budget is reported with its place, and with that of the
// import.
func TestSpentOnImports(t *testing.T) {
	files := eval.NewFiles(spending{&source{files: map[string]string{
		"code": "1 +\nimport 'large'", "text": "1 +\n  importstr 'large'", "bytes": "[\n  importbin 'large']",
		"d/large": "", "d/glob": "import 'glob-importstr:*'",
	}}}, 0)

	const hint = "\n    hint: the file is too large for the memory that there is; --max-memory allows for more\n"
	for name, want := range map[string]string{
		"code":   "large:1: memory limit exceeded: 1 MiB\n    code:2:1",
		"text":   "large:1: memory limit exceeded: 1 MiB\n    text:2:3",
		"bytes":  "large:1: memory limit exceeded: 1 MiB\n    bytes:2:3",
		"d/glob": "d/large:1: memory limit exceeded: 1 MiB\n    d/glob:1",
	} {
		_, err := eval.Eval(t.Context(), files, eval.Input{File: name})
		assert.ErrorAs(t, err, new(*budget.Exceeded))
		assert.Equal(t, want+hint, rendered(t, err), name)
	}
	_, err := eval.Eval(t.Context(), files, eval.Input{Snippet: "import 'glob-importstr:d/l*'", Dir: ".", About: "test"})
	assert.Equal(t, "d/large:1: memory limit exceeded: 1 MiB\n    test:1"+hint, rendered(t, err))
}

// If a variable spends the budget, the place is the program.
func TestSpentOnVariables(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: 1})
	defer stop()
	files := eval.NewFiles(&source{files: map[string]string{"a": "std.extVar('x')"}}, 0)
	_, err := eval.Imports(ctx, files, eval.Input{File: "a", ExtVars: map[string]eval.Variable{"x": eval.Code("[" + strings.Repeat("1,", 1_000_000) + "]")}})
	assert.Contains(t, rendered(t, err), "memory limit exceeded: 1 bytes\n    a:1\n")
}

func rendered(t *testing.T, err error) string {
	t.Helper()
	found, ok := diag.From(err)
	require.True(t, ok, "%v", err)
	var b strings.Builder
	require.NoError(t, diag.Write(&b, found, diag.Options{}))
	return b.String()
}

// Many evaluations at the same time agree with one, and read each file once.
func TestConcurrentEvaluations(t *testing.T) {
	src := &source{files: map[string]string{
		"a":   "std.extVar('n') + std.length((import 'lib') + (import 'lib'))",
		"lib": "std.range(1, 100)",
	}}
	files := eval.NewFiles(src, 0)
	var wg sync.WaitGroup
	for n := range 16 {
		wg.Go(func() {
			res, err := eval.Eval(t.Context(), files, eval.Input{File: "a", ExtVars: map[string]eval.Variable{"n": eval.Code(fmt.Sprint(n))}})
			assert.NoError(t, err)
			assert.Equal(t, float64(n+200), res.Value)
		})
	}
	wg.Wait()
	src.reads.Range(func(name, n any) bool {
		assert.EqualValues(t, 1, n.(*atomic.Int32).Load(), name)
		return true
	})
}

// Without variables and a search path, the result is go-jsonnet's.
func TestAgreesWithGoJsonnet(t *testing.T) {
	for _, code := range []string{
		`{ a: 1, b: [true, null, 'x'], c:: 2, assert self.a == 1 }`,
		`[0.1 + 0.2, 1e300, -0, 123456789012345680000]`,
		`std.map(function(x) x * x, std.range(1, 10))`,
		`{ ['k' + i]: i for i in std.range(1, 3) } + { k1+: 5 }`,
		`std.manifestYamlDoc({ a: [1, { b: 2 }] })`,
	} {
		t.Run(code, func(t *testing.T) {
			text, err := jsonnet.MakeVM().EvaluateAnonymousSnippet("x", code)
			require.NoError(t, err)
			var want any
			require.NoError(t, json.Unmarshal([]byte(text), &want))
			res, err := eval.Eval(t.Context(), eval.NewFiles(&source{}, 0), eval.Input{Snippet: code})
			require.NoError(t, err)
			assert.Equal(t, want, res.Value)
		})
	}
}

func ExampleEval() {
	files := eval.NewFiles(&source{files: map[string]string{
		"main.jsonnet": `{ greeting: 'hello ' + std.extVar('name') }`,
	}}, 0)

	res, err := eval.Eval(context.Background(), files, eval.Input{
		File:    "main.jsonnet",
		ExtVars: map[string]eval.Variable{"name": eval.String("mop")},
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(res.Value, res.Files)
	// Output: map[greeting:hello mop] [main.jsonnet]
}

// A file that is parsed ahead, and never imported, is no part of the result.
func TestReadAheadCountsForNothing(t *testing.T) {
	files := eval.NewFiles(&source{files: map[string]string{
		"main.jsonnet":     "local a = import 'a.libsonnet', b = import 'broken.libsonnet', m = import 'missing.libsonnet';\n[(import 'text.libsonnet').x, a]",
		"a.libsonnet":      "local b = import 'broken.libsonnet'; 1",
		"text.libsonnet":   "{ x: 2, y: import 'broken.libsonnet' }",
		"broken.libsonnet": "{",
	}}, 0)

	for range 20 {
		res, err := eval.Eval(t.Context(), files, eval.Input{File: "main.jsonnet"})
		require.NoError(t, err)
		assert.Equal(t, []any{2.0, 1.0}, res.Value)
		assert.Equal(t, []string{"a.libsonnet", "main.jsonnet", "text.libsonnet"}, res.Files)
		assert.Empty(t, res.Missing)
	}
}

// endingSource ends the context of the first caller that reads a file.
type endingSource struct {
	source
	end context.CancelFunc
}

func (s *endingSource) ReadFile(ctx context.Context, name string) ([]byte, error) {
	if s.end != nil {
		s.end()
		s.end = nil
		return nil, ctx.Err()
	}
	return s.source.ReadFile(ctx, name)
}

// The end of one evaluation does not affect others over the same files.
func TestFilesKeepNoContextsError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	files := eval.NewFiles(&endingSource{source{files: map[string]string{"a": "1"}}, cancel}, 0)
	_, err := eval.Eval(ctx, files, eval.Input{File: "a"})
	require.ErrorIs(t, err, context.Canceled)
	res, err := eval.Eval(t.Context(), files, eval.Input{File: "a"})
	require.NoError(t, err)
	assert.Equal(t, 1.0, res.Value)
}

// given returns a variable with a Go value.
func given(v any) eval.Variable {
	value, faults := convert.Value(v)
	return eval.Given(value, "", false, faults.Err())
}

func TestVariablesFromGo(t *testing.T) {
	files := eval.NewFiles(&source{}, 0)
	type settings struct {
		Replicas int64    `json:"replicas"`
		Names    []string `json:"names"`
	}
	values := map[string]any{"a": 1, "b": []string{"x"}, "c": settings{9007199254740993, []string{"é\u2028"}}, "d": nil, "e": 1.5, "f": true}
	for engine, e := range map[string]eval.Engine{"compiled": eval.Compiled, "go-jsonnet": eval.GoJsonnet} {
		t.Run(engine, func(t *testing.T) {
			in := eval.Input{
				Snippet:     `function(v) { tla: v, ext: std.extVar('v'), sum: v.a + std.length(v.c.names) }`,
				TLAs:        map[string]eval.Variable{"v": given(values)},
				ExtVars:     map[string]eval.Variable{"v": given([]int{1, 2})},
				Interpreter: eval.Interpreter{Engine: e},
			}
			result, err := eval.Eval(t.Context(), files, in)
			require.NoError(t, err)
			value := result.Value.(map[string]any)
			assert.Equal(t, map[string]any{
				"a": 1.0, "b": []any{"x"}, "c": map[string]any{"replicas": 9007199254740992.0, "names": []any{"é\u2028"}}, "d": nil, "e": 1.5, "f": true,
			}, value["tla"])
			assert.Equal(t, []any{1.0, 2.0}, value["ext"])
			assert.EqualValues(t, 2, value["sum"])

			in.TLAs = map[string]eval.Variable{"v": given(map[string]any{"a": []any{make(chan int)}})}
			_, err = eval.Eval(t.Context(), files, in)
			assert.EqualError(t, err, "top-level argument v a[0]: want a value of JSON, got chan int: json: unsupported type: chan int")
		})
	}
}
