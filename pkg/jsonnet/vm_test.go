package jsonnet_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
)

// One VM serves any number of calls, each with arguments of its own.
func Example() {
	fsys := fstest.MapFS{"lib/greet.libsonnet": {Data: []byte("{ to(name): 'hello ' + std.native('upper')(name) }")}}
	upper := jsonnet.Native{Name: "upper", Params: []string{"s"}, Func: func(_ jsonnet.Call, args []any) (any, error) {
		s, ok := args[0].(string)
		if !ok {
			return nil, fmt.Errorf("want a string, got %v", args[0])
		}
		return strings.ToUpper(s), nil
	}}
	vm, err := jsonnet.New(jsonnet.Config{Importer: jsonnet.FS(fsys, "lib"), Natives: []jsonnet.Native{upper}})
	if err != nil {
		panic(err)
	}
	const code = `function(name) { greeting: (import 'greet.libsonnet').to(name) }`
	for _, name := range []any{"world", 3} {
		args := jsonnet.Args{TLAs: map[string]jsonnet.Var{"name": jsonnet.Value(name)}, Trace: os.Stderr}
		result, err := vm.Eval(context.Background(), "main.jsonnet", code, args)
		var d diag.Diagnostic
		if errors.As(err, &d) {
			fmt.Println(d.At, d.Problem)
			continue
		}
		var out struct{ Greeting string }
		if err := result.Decode(&out); err != nil {
			panic(err)
		}
		fmt.Println(out.Greeting)
	}
	// Output:
	// hello WORLD
	// lib/greet.libsonnet:1:24 upper: want a string, got 3
}

// A service limits each evaluation, and says which limit was exceeded.
func ExampleLimitError() {
	vm, err := jsonnet.New(jsonnet.Config{Limits: jsonnet.Limits{Time: 2 * time.Second, Memory: 1 << 20}})
	if err != nil {
		panic(err)
	}
	_, err = vm.Eval(context.Background(), "greedy.jsonnet", "std.repeat('x', 10000000)", jsonnet.Args{})
	var limit *jsonnet.LimitError
	fmt.Println(errors.Is(err, jsonnet.ErrLimit), errors.As(err, &limit))
	fmt.Println(limit.Limit)
	fmt.Println(err)
	// Output:
	// true true
	// memory
	// greedy.jsonnet:1:1: allocation limit exceeded: 1 MiB
}

func newVM(t testing.TB, c jsonnet.Config) *jsonnet.VM {
	t.Helper()
	vm, err := jsonnet.New(c)
	require.NoError(t, err)
	return vm
}

// text returns the JSON of a value on one line.
func text(t testing.TB, result *jsonnet.Result, err error) string {
	t.Helper()
	require.NoError(t, err)
	b, err := result.JSON()
	require.NoError(t, err)
	return strings.Join(strings.Fields(string(b)), " ")
}

func memory(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func TestEval(t *testing.T) {
	fsys := memory(map[string]string{
		"main.jsonnet":       "{ a: import 'lib/a.libsonnet', file: std.thisFile }",
		"lib/a.libsonnet":    "(import 'b.libsonnet') + { text: importstr '../text.txt' }",
		"lib/b.libsonnet":    "{ b: import 'c.libsonnet' }",
		"vendor/c.libsonnet": "std.length(importbin 'text.txt')",
		"text.txt":           "é",
	})
	vm := newVM(t, jsonnet.Config{Importer: jsonnet.FS(fsys, "vendor", ".")})
	for name, c := range map[string]struct {
		code string
		args jsonnet.Args
		want string
	}{
		"constant":     {code: "{ a: 1 + 1 }", want: `{ "a": 2 }`},
		"imports":      {code: "import 'main.jsonnet'", want: `{ "a": { "b": 2, "text": "é" }, "file": "main.jsonnet" }`},
		"own name":     {code: "std.thisFile", want: `"sub/x.jsonnet"`},
		"beside":       {code: "importstr '../text.txt'", want: `"é"`},
		"search path":  {code: "import 'c.libsonnet'", want: `2`},
		"string":       {code: "std.extVar('x')", args: jsonnet.Args{ExtVars: map[string]jsonnet.Var{"x": jsonnet.String("a'b")}}, want: `"a'b"`},
		"code":         {code: "std.extVar('x')", args: jsonnet.Args{ExtVars: map[string]jsonnet.Var{"x": jsonnet.Code("{ a: 1, b: $.a }")}}, want: `{ "a": 1, "b": 1 }`},
		"code imports": {code: "function(x) x", args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"x": jsonnet.Code("importstr 'text.txt'")}}, want: `"é"`},
		"value":        {code: "function(x, y=2) [x, y]", args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"x": jsonnet.Value(map[string]int{"n": 3})}}, want: `[ { "n": 3 }, 2 ]`},
		"zero":         {code: "function(x) x", args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"x": {}}}, want: `null`},
		"no function":  {code: "1", args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"x": jsonnet.String("")}}, want: `1`},
	} {
		t.Run(name, func(t *testing.T) {
			for range 3 {
				result, err := vm.Eval(t.Context(), "sub/x.jsonnet", c.code, c.args)
				assert.Equal(t, c.want, text(t, result, err))
			}
		})
	}
	result, err := vm.EvalFile(t.Context(), "main.jsonnet", jsonnet.Args{})
	assert.Equal(t, `{ "a": { "b": 2, "text": "é" }, "file": "main.jsonnet" }`, text(t, result, err))
	result, err = vm.EvalFile(t.Context(), "c.libsonnet", jsonnet.Args{})
	assert.Equal(t, `2`, text(t, result, err))
	result, err = vm.Eval(t.Context(), "", "std.thisFile", jsonnet.Args{})
	assert.Equal(t, `"main.jsonnet"`, text(t, result, err))
}

// Wrong input is a diagnostic with a place.
func TestDiagnostics(t *testing.T) {
	fsys := memory(map[string]string{
		"syntax.libsonnet":  "{\n  a: 1 +\n}",
		"runtime.libsonnet": "{\n  f(x):: error 'no ' + x,\n}",
	})
	vm := newVM(t, jsonnet.Config{Importer: jsonnet.FS(fsys), Natives: []jsonnet.Native{{Name: "b", Func: nothing}, {Name: "a", Func: nothing}}})
	tla := func(v jsonnet.Var) jsonnet.Args { return jsonnet.Args{TLAs: map[string]jsonnet.Var{"x": v}} }
	for name, c := range map[string]struct {
		code string
		args jsonnet.Args
		want string
	}{
		"syntax":            {code: "{ a: 1 +\n}", want: "<in>:2:1: Unexpected: \"}\" while parsing terminal"},
		"syntax in import":  {code: "import 'syntax.libsonnet'", want: "syntax.libsonnet:3:1: Unexpected: \"}\" while parsing terminal"},
		"unknown variable":  {code: "x", want: "<in>:1:1: Unknown variable: x"},
		"runtime":           {code: "\nerror 'bad'", want: "<in>:2:1: bad"},
		"runtime in import": {code: "(import 'runtime.libsonnet').f(\n'way')", want: "runtime.libsonnet:2:10: no way"},
		"type":              {code: "1 + {}.a", want: "<in>:1:5: Field does not exist: a"},
		"no file":           {code: "{ a: import 'lib/none.libsonnet' }", want: `<in>:1:6: import "lib/none.libsonnet": no such file: tried "lib/none.libsonnet"`},
		"outside":           {code: "import '../x'", want: `<in>:1:1: import "../x": no such file: tried "../x"`},
		"absolute":          {code: "import '/etc/passwd'", want: `<in>:1:1: import "/etc/passwd": no such file: tried "/etc/passwd"`},
		"directory":         {code: "importstr '.'", want: `<in>:1:1: import ".": no such file: tried "."`},
		"function":          {code: "{ a: { f(x):: 1, g: function(x) 1 } }", want: "<in>:1:21: a.g: couldn't manifest function as JSON"},
		"no argument":       {code: "function(y) y", want: "<in>:1: Missing argument: y"},
		"no parameter":      {code: "function(y=1) y", args: tla(jsonnet.String("")), want: "<in>:1: function has no parameter x"},
		"no variable":       {code: "std.extVar('x')", want: "<in>:1:1: Undefined external variable: x"},
		"bad code":          {code: "1", args: tla(jsonnet.Code("1 +")), want: "<top-level argument x>:1:4: Unexpected end of file"},
		"empty code":        {code: "1", args: tla(jsonnet.Code("")), want: "<top-level argument x>:1:1: Unexpected end of file"},
		"bad value":         {code: "1", args: tla(jsonnet.Value([]any{func() {}})), want: "<in>: top-level argument x [0]: want a value of JSON, got func(): json: unsupported type: func()"},
		"unknown native":    {code: "std.native('upper')('x')", want: `<in>:1:1: std.native: no function "upper"; want "a" or "b", or another one in jsonnet.Config.Natives`},
		"empty":             {code: "", want: "<in>:1:1: Unexpected end of file"},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				_, err := vm.Eval(t.Context(), "<in>", c.code, c.args)
				var d diag.Diagnostic
				require.ErrorAs(t, err, &d)
				assert.EqualError(t, d, c.want)
				assert.NotErrorIs(t, err, jsonnet.ErrLimit)
			}
		})
	}
}

func nothing(jsonnet.Call, []any) (any, error) { return nil, nil }

func TestConcurrentCalls(t *testing.T) {
	vm := newVM(t, jsonnet.Config{Importer: jsonnet.FS(memory(map[string]string{"a.libsonnet": "{ f(x): { y: x + 1 } }"}))})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 20 {
				n += 100 * i
				result, err := vm.Eval(t.Context(), "main.jsonnet", "function(n) (import 'a.libsonnet').f(n)", jsonnet.Args{TLAs: map[string]jsonnet.Var{"n": jsonnet.Value(n)}})
				assert.Equal(t, fmt.Sprintf(`{ "y": %d }`, n+1), text(t, result, err))
				assert.Equal(t, []diag.Position{{File: "a.libsonnet", Line: 1, Column: 14}, {File: "<top-level argument n>"}, {File: "a.libsonnet", Line: 1, Column: 18}}, result.Origins("y"))
			}
		})
	}
	all.Wait()
}
