package jsonnet_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
)

type importerFunc func(ctx context.Context, from, path string) (string, []byte, error)

func (f importerFunc) Import(ctx context.Context, from, path string) (string, []byte, error) {
	return f(ctx, from, path)
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

type fsFunc func(name string) (fs.File, error)

func (f fsFunc) Open(name string) (fs.File, error) { return f(name) }

// place is a place where the code of a caller runs.
type place struct {
	config func(f func() error) jsonnet.Config
	args   func(f func() error) jsonnet.Args
	code   string
	// at and problem are those of an error of the code.
	at, problem string
}

// marshaler is a value whose JSON is made by the code of a caller.
type marshaler func() error

func (m marshaler) MarshalJSON() ([]byte, error) { return []byte("1"), m() }

func places() map[string]place {
	return map[string]place{
		"importer": {
			config: func(f func() error) jsonnet.Config {
				return jsonnet.Config{Importer: importerFunc(func(context.Context, string, string) (string, []byte, error) { return "x", nil, f() })}
			},
			code: "\nimport 'x'", at: "main.jsonnet:2:1", problem: `import "x": `,
		},
		"file system": {
			config: func(f func() error) jsonnet.Config {
				return jsonnet.Config{Importer: jsonnet.FS(fsFunc(func(string) (fs.File, error) { return nil, f() }))}
			},
			code: "\nimport 'x'", at: "main.jsonnet:2:1", problem: `import "x": `,
		},
		"native": {
			config: func(f func() error) jsonnet.Config {
				return jsonnet.Config{Natives: []jsonnet.Native{{Name: "f", Func: func(jsonnet.Call, []any) (any, error) { return nil, f() }}}}
			},
			code: "\nstd.native('f')()", at: "main.jsonnet:2:1", problem: "f: ",
		},
		"result of a native": {
			config: func(f func() error) jsonnet.Config {
				return jsonnet.Config{Natives: []jsonnet.Native{{Name: "f", Func: func(jsonnet.Call, []any) (any, error) { return marshaler(f), nil }}}}
			},
			code: "\nstd.native('f')()", at: "main.jsonnet:2:1", problem: "f: ",
		},
		"file for a native": {
			config: func(f func() error) jsonnet.Config {
				return jsonnet.Config{
					Importer: importerFunc(func(context.Context, string, string) (string, []byte, error) { return "x", nil, f() }),
					Natives: []jsonnet.Native{{Name: "f", Func: func(c jsonnet.Call, _ []any) (any, error) {
						b, err := c.ReadFile("x")
						return string(b), err
					}}},
				}
			},
			code: "\nstd.native('f')()", at: "main.jsonnet:2:1", problem: "f: ",
		},
		"trace": {
			args: func(f func() error) jsonnet.Args {
				return jsonnet.Args{Trace: writerFunc(func(p []byte) (int, error) { return len(p), f() })}
			},
			code: "\nstd.trace('x', 1)", at: "main.jsonnet:2:1", problem: "std.trace: ",
		},
	}
}

func (p place) eval(t *testing.T, l jsonnet.Limits, f func() error) (*jsonnet.Result, error) {
	var c jsonnet.Config
	if p.config != nil {
		c = p.config(f)
	}
	var a jsonnet.Args
	if p.args != nil {
		a = p.args(f)
	}
	c.Limits = l
	return newVM(t, c).Eval(t.Context(), "main.jsonnet", p.code, a)
}

var errMine = errors.New("my fault")

func TestStrangersFail(t *testing.T) {
	for name, p := range places() {
		t.Run(name, func(t *testing.T) {
			_, err := p.eval(t, jsonnet.Limits{}, func() error { return errMine })
			if name == "trace" {
				require.NoError(t, err, "a writer keeps its own errors")
				return
			}
			require.ErrorIs(t, err, errMine)
			var d diag.Diagnostic
			require.ErrorAs(t, err, &d)
			assert.Equal(t, p.at, d.At.String())
			assert.True(t, strings.HasPrefix(d.Problem, p.problem), d.Problem)
			assert.Contains(t, d.Problem, "my fault")
		})
	}
}

func TestStrangersPanic(t *testing.T) {
	for name, p := range places() {
		t.Run(name, func(t *testing.T) {
			_, err := p.eval(t, jsonnet.Limits{}, func() error { panic("boom") })
			var d diag.Diagnostic
			require.ErrorAs(t, err, &d)
			assert.Equal(t, p.at, d.At.String())
			assert.True(t, strings.HasPrefix(d.Problem, p.problem), d.Problem)
			assert.Regexp(t, "(panicked|panics): boom", d.Problem)
		})
	}
}

// What ends its goroutine, as t.FailNow does, ends nothing else.
func TestStrangersEnd(t *testing.T) {
	for name, p := range places() {
		t.Run(name, func(t *testing.T) {
			_, err := p.eval(t, jsonnet.Limits{}, func() error { runtime.Goexit(); return nil })
			var d diag.Diagnostic
			require.ErrorAs(t, err, &d)
			assert.Equal(t, p.at, d.At.String())
			assert.Contains(t, d.Problem, "it ended its goroutine")
		})
	}
}

// What does not return is left behind when the time is over.
func TestStrangersBlock(t *testing.T) {
	for name, p := range places() {
		t.Run(name, func(t *testing.T) {
			release := make(chan struct{})
			defer close(release)
			begin := time.Now()
			_, err := p.eval(t, jsonnet.Limits{Time: 20 * time.Millisecond}, func() error { <-release; return nil })
			took := time.Since(begin)
			require.ErrorIs(t, err, jsonnet.ErrLimit)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			var limit *jsonnet.LimitError
			require.ErrorAs(t, err, &limit)
			assert.Equal(t, "time", limit.Limit)
			var d diag.Diagnostic
			require.ErrorAs(t, err, &d)
			assert.NotEmpty(t, d.At.File)
			t.Logf("%v after the deadline", took-20*time.Millisecond)
			assert.Less(t, took, 5*time.Second)
		})
	}
}

// The end of the caller's context ends a call too, which is then no limit of the VM.
func TestContextEnds(t *testing.T) {
	for name, p := range places() {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			release := make(chan struct{})
			defer close(release)
			block := func() error {
				cancel(errMine)
				<-release
				return nil
			}
			c, a := jsonnet.Config{}, jsonnet.Args{}
			if p.config != nil {
				c = p.config(block)
			}
			if p.args != nil {
				a = p.args(block)
			}
			c.Limits.Time = time.Minute
			_, err := newVM(t, c).Eval(ctx, "main.jsonnet", p.code, a)
			require.ErrorIs(t, err, errMine)
			require.ErrorIs(t, err, context.Canceled)
			assert.NotErrorIs(t, err, jsonnet.ErrLimit)
		})
	}
}

func TestLimits(t *testing.T) {
	for name, c := range map[string]struct {
		limits jsonnet.Limits
		code   string
		limit  string
	}{
		"time":            {jsonnet.Limits{Time: 10 * time.Millisecond}, "local f(n) = f(n + 1) tailstrict; f(0)", "time"},
		"memory":          {jsonnet.Limits{Memory: 1 << 20}, "std.length(std.range(1, 1000000))", "memory"},
		"memory of texts": {jsonnet.Limits{Memory: 1 << 20}, "std.repeat('x', 2000000)", "memory"},
		"stack":           {jsonnet.Limits{Stack: 50}, "local f(n) = if n == 0 then 0 else 1 + f(n - 1); f(100)", "stack"},
		"default stack":   {jsonnet.Limits{}, "local f(n) = 1 + f(n + 1); f(0)", "stack"},
		"own value":       {jsonnet.Limits{}, "{ a: self.a }", "stack"},
		"endless value":   {jsonnet.Limits{}, "{ a: self }", "stack"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newVM(t, jsonnet.Config{Limits: c.limits}).Eval(t.Context(), "main.jsonnet", c.code, jsonnet.Args{})
			require.ErrorIs(t, err, jsonnet.ErrLimit)
			var limit *jsonnet.LimitError
			require.ErrorAs(t, err, &limit)
			assert.Equal(t, c.limit, limit.Limit)
			assert.Equal(t, c.limit == "time", errors.Is(err, context.DeadlineExceeded))
			var d diag.Diagnostic
			require.ErrorAs(t, err, &d)
			assert.Equal(t, "main.jsonnet", d.At.File)
			assert.NotZero(t, d.At.Line)
		})
	}
	// What others hold does not count.
	held := make([]byte, 100<<20)
	_, err := newVM(t, jsonnet.Config{Limits: jsonnet.Limits{Memory: 10 << 20}}).Eval(t.Context(), "main.jsonnet", "std.length(std.range(1, 10000))", jsonnet.Args{})
	require.NoError(t, err)
	runtime.KeepAlive(held)
}

// Each call sees the files as they are, and asks for each once.
func TestFilesChange(t *testing.T) {
	fsys := memory(map[string]string{"a.libsonnet": "(import 'b.libsonnet') + (import './b.libsonnet')", "b.libsonnet": "{ v: 1 }"})
	opened := map[string]int{}
	vm := newVM(t, jsonnet.Config{Importer: jsonnet.FS(fsFunc(func(name string) (fs.File, error) {
		opened[name]++
		return fsys.Open(name)
	}))})
	eval := func() string {
		result, err := vm.EvalFile(t.Context(), "a.libsonnet", jsonnet.Args{})
		return text(t, result, err)
	}
	assert.Equal(t, `{ "v": 1 }`, eval())
	assert.Equal(t, map[string]int{"a.libsonnet": 1, "b.libsonnet": 1}, opened)
	fsys["b.libsonnet"] = &fstest.MapFile{Data: []byte("{ v: 2 }")}
	assert.Equal(t, `{ "v": 2 }`, eval())
	delete(fsys, "b.libsonnet")
	_, err := vm.EvalFile(t.Context(), "a.libsonnet", jsonnet.Args{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	fsys["b.libsonnet"] = &fstest.MapFile{Data: []byte("{ v: 3 }")}
	assert.Equal(t, `{ "v": 3 }`, eval())
}

// An importer that lies gives an error, or its first answer.
func TestImportersLie(t *testing.T) {
	n := 0
	for name, c := range map[string]struct {
		importer jsonnet.Importer
		want     string // "" for an error with problem
		problem  string
	}{
		"changes a file": {importer: importerFunc(func(_ context.Context, _, path string) (string, []byte, error) {
			n++
			return "same", fmt.Append(nil, n), nil
		}), problem: `import "./x": the importer: "same" has another content than before`},
		"changes its bytes": {importer: func() jsonnet.Importer {
			b := []byte("1")
			return importerFunc(func(_ context.Context, _, path string) (string, []byte, error) {
				b[0]++
				return path, b, nil
			})
		}(), want: "[ 2, 3, 2 ]"},
		"has no name":       {importer: importerFunc(func(context.Context, string, string) (string, []byte, error) { return "", nil, nil }), problem: `import "x": the importer: no name for "x"`},
		"names the program": {importer: importerFunc(func(context.Context, string, string) (string, []byte, error) { return "main.jsonnet", []byte("1"), nil }), want: "[ 1, 1, 1 ]"},
		"short reads": {importer: jsonnet.FS(fsFunc(func(name string) (fs.File, error) {
			return shortFile{iotest.OneByteReader(strings.NewReader("12345"))}, nil
		})), want: "[ 12345, 12345, 12345 ]"},
		"fails at the end": {importer: jsonnet.FS(fsFunc(func(name string) (fs.File, error) {
			return shortFile{io.MultiReader(strings.NewReader("12345"), iotest.ErrReader(io.ErrUnexpectedEOF))}, nil
		})), problem: `import "x": unexpected EOF`},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := newVM(t, jsonnet.Config{Importer: c.importer}).Eval(t.Context(), "main.jsonnet", "[import 'x', import './x', import 'x']", jsonnet.Args{})
			if c.problem == "" {
				assert.Equal(t, c.want, text(t, result, err))
				return
			}
			var d diag.Diagnostic
			require.ErrorAs(t, err, &d)
			assert.Equal(t, c.problem, d.Problem)
		})
	}
}

// shortFile is a file that says it is longer than it is.
type shortFile struct{ io.Reader }

func (f shortFile) Stat() (fs.FileInfo, error) {
	return fstest.MapFS{"x": {Data: make([]byte, 1000)}}.Stat("x")
}
func (f shortFile) Close() error { return nil }

// What is given to a VM may be changed afterwards.
func TestGivenIsCopied(t *testing.T) {
	natives := []jsonnet.Native{{Name: "f", Params: []string{"x"}, Func: func(_ jsonnet.Call, args []any) (any, error) { return args[0], nil }}}
	tlas := map[string]jsonnet.Var{"x": jsonnet.Value(1)}
	search := []string{"lib"}
	vm := newVM(t, jsonnet.Config{Natives: natives, Importer: jsonnet.FS(memory(map[string]string{"lib/a": "2"}), search...)})
	natives[0].Params[0], natives[0].Name, search[0] = "y", "g", "other"
	trace := writerFunc(func(p []byte) (int, error) {
		tlas["x"] = jsonnet.Value(2)
		return len(p), nil
	})
	result, err := vm.Eval(t.Context(), "", "function(x) [std.trace('', std.native('f')(x=x)), import 'a']", jsonnet.Args{TLAs: tlas, Trace: trace})
	assert.Equal(t, "[ 1, 2 ]", text(t, result, err))
	assert.Equal(t, []diag.Position{{File: "main.jsonnet", Line: 1, Column: 14}}, result.Origins(0)[:1])
}

func TestNatives(t *testing.T) {
	type point struct {
		X int `json:"x"`
		y int
	}
	for name, c := range map[string]struct{ result, want any }{
		"struct":  {point{1, 2}, `{ "x": 1 }`},
		"pointer": {&point{X: 1}, `{ "x": 1 }`},
		"nil":     {(*point)(nil), `null`},
		"int":     {[]int{1, 2}, `[ 1, 2 ]`},
		"map":     {map[string]string{"a": "b"}, `{ "a": "b" }`},
		"uint":    {uint8(200), `200`},
	} {
		t.Run(name, func(t *testing.T) {
			vm := newVM(t, jsonnet.Config{Natives: []jsonnet.Native{{Name: "f", Func: func(jsonnet.Call, []any) (any, error) { return c.result, nil }}}})
			result, err := vm.Eval(t.Context(), "", "std.native('f')()", jsonnet.Args{})
			assert.Equal(t, c.want, text(t, result, err))
		})
	}
	vm := newVM(t, jsonnet.Config{
		Importer: jsonnet.FS(memory(map[string]string{"a.txt": "text"})),
		Natives: []jsonnet.Native{
			{Name: "read", Params: []string{"file"}, Func: func(c jsonnet.Call, args []any) (any, error) {
				b, err := c.ReadFile(args[0].(string))
				return string(b), err
			}},
			{Name: "bad", Func: func(jsonnet.Call, []any) (any, error) { return func() {}, nil }},
		},
	})
	result, err := vm.Eval(t.Context(), "", "std.native('read')('a.txt')", jsonnet.Args{})
	assert.Equal(t, `"text"`, text(t, result, err))
	_, err = vm.Eval(t.Context(), "", "std.native('read')('b.txt')", jsonnet.Args{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = vm.Eval(t.Context(), "", "std.native('bad')()", jsonnet.Args{})
	require.ErrorContains(t, err, "bad: the result: want a value of JSON, got func()")
}

// A VM, a Config and their parts that cannot be are refused by their names.
func TestRefused(t *testing.T) {
	native := func(name string, params ...string) jsonnet.Native {
		return jsonnet.Native{Name: name, Params: params, Func: nothing}
	}
	for name, c := range map[string]struct {
		config jsonnet.Config
		want   string
	}{
		"two natives":     {jsonnet.Config{Natives: []jsonnet.Native{native("a"), native("b"), native("a")}}, `jsonnet.Config.Natives[2]: there are two natives "a"`},
		"no name":         {jsonnet.Config{Natives: []jsonnet.Native{native("")}}, `jsonnet.Config.Natives[0]: want a name, got none`},
		"no function":     {jsonnet.Config{Natives: []jsonnet.Native{{Name: "a"}}}, `jsonnet.Config.Natives[0]: native "a": want a function, got nil`},
		"two parameters":  {jsonnet.Config{Natives: []jsonnet.Native{native("a", "x", "x")}}, `jsonnet.Config.Natives[0]: native "a": want parameters with names that differ, got ["x" "x"]`},
		"negative time":   {jsonnet.Config{Limits: jsonnet.Limits{Time: -1}}, `jsonnet.Limits.Time: want 0 or more, got -1ns`},
		"negative memory": {jsonnet.Config{Limits: jsonnet.Limits{Memory: -1}}, `jsonnet.Limits.Memory: want 0 or more bytes, got -1`},
		"negative stack":  {jsonnet.Config{Limits: jsonnet.Limits{Stack: -1}}, `jsonnet.Limits.Stack: want 0 to 100000 calls, got -1`},
		"large stack":     {jsonnet.Config{Limits: jsonnet.Limits{Stack: 100_001}}, `jsonnet.Limits.Stack: want 0 to 100000 calls, got 100001`},
		"negative cache":  {jsonnet.Config{Cache: -1}, `jsonnet.Config.Cache: want 0 or more bytes, got -1`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := jsonnet.New(c.config)
			assert.EqualError(t, err, c.want)
		})
	}
	for _, vm := range []*jsonnet.VM{nil, {}} {
		_, err := vm.Eval(t.Context(), "", "1", jsonnet.Args{})
		assert.EqualError(t, err, "jsonnet.VM: want one of jsonnet.New, got a zero VM")
	}
	vm := newVM(t, jsonnet.Config{})
	_, err := vm.EvalFile(t.Context(), "", jsonnet.Args{})
	assert.EqualError(t, err, "jsonnet.VM.EvalFile: want the name of a file, got none")
	_, err = vm.EvalFile(t.Context(), "x", jsonnet.Args{})
	assert.EqualError(t, err, `x: import "x": there is no importer: file does not exist`)
	_, err = newVM(t, jsonnet.Config{Importer: jsonnet.FS(nil)}).EvalFile(t.Context(), "x", jsonnet.Args{})
	assert.EqualError(t, err, `x: import "x": jsonnet.FS: want a file system, got nil`)
}

// A Result keeps neither its VM nor the importer alive, and still finds its origins.
func TestResultKeepsNoVM(t *testing.T) {
	gone := make(chan string, 2)
	result := func() *jsonnet.Result {
		importer := &counting{jsonnet.FS(memory(map[string]string{"a": "{ x: 1 }"}))}
		vm := newVM(t, jsonnet.Config{Importer: importer})
		runtime.AddCleanup(vm, func(s string) { gone <- s }, "vm")
		runtime.AddCleanup(importer, func(s string) { gone <- s }, "importer")
		result, err := vm.Eval(t.Context(), "", "import 'a'", jsonnet.Args{})
		require.NoError(t, err)
		return result
	}()
	for range 2 {
		runtime.GC()
		<-gone
	}
	assert.Equal(t, []diag.Position{{File: "a", Line: 1, Column: 6}}, result.Origins("x"))
	assert.Equal(t, []diag.Position{{File: "a", Line: 1, Column: 6}}, result.Origins("x"))
}

type counting struct{ jsonnet.Importer }
