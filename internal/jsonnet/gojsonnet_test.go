package jsonnet_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// outcome is the result of a program in one engine.
type outcome struct {
	text    string
	message string
	trace   []jsonnet.TraceFrame
}

func outcomeOf(text string, err error) outcome {
	var runtime jsonnet.RuntimeError
	var theirs gojsonnet.RuntimeError
	switch {
	case err == nil:
		return outcome{text: text}
	case errors.As(err, &theirs):
		out := outcome{message: theirs.Msg}
		for _, f := range theirs.StackTrace {
			out.trace = append(out.trace, jsonnet.TraceFrame(f))
		}
		return out
	case errors.As(err, &runtime):
		return outcome{message: runtime.Msg, trace: runtime.StackTrace}
	}
	return outcome{message: err.Error()}
}

// traceText returns a stack trace as text. The tests compare it line by line.
func traceText(trace []jsonnet.TraceFrame) string {
	var lines []string
	for _, f := range trace {
		lines = append(lines, f.Loc.String()+" "+f.Name)
	}
	return strings.Join(lines, "\n")
}

// theirs evaluates with go-jsonnet.
func theirs(in jsonnet.Input, ext map[string]string, extCode map[string]string) outcome {
	vm := gojsonnet.MakeVM()
	if in.Importer != nil {
		vm.Importer(in.Importer.(*jsonnet.TheirImporter).Importer)
	}
	vm.MaxStack = max(in.MaxStack, 0)
	if vm.MaxStack == 0 {
		vm.MaxStack = jsonnet.DefaultMaxStack
	}
	vm.SetTraceOut(nil)
	for name, v := range ext {
		vm.ExtVar(name, v)
	}
	for name, v := range extCode {
		vm.ExtCode(name, v)
	}
	for _, n := range in.Natives {
		vm.NativeFunction(theirNative(n))
	}
	tree, err := gojsonnet.SnippetToAST(in.SnippetName, in.Snippet)
	if err != nil {
		return outcomeOf("", err)
	}
	return outcomeOf(vm.Evaluate(tree))
}

// theirNative returns a native function for go-jsonnet.
func theirNative(n jsonnet.Native) *gojsonnet.NativeFunction {
	params := make(ast.Identifiers, len(n.Params))
	for i, p := range n.Params {
		params[i] = ast.Identifier(p)
	}
	return &gojsonnet.NativeFunction{Name: n.Name, Params: params, Func: n.Func}
}

// ours evaluates with this package.
func ours(t testing.TB, cache *jsonnet.Cache, in jsonnet.Input) outcome {
	return oursWithin(t.Context(), cache, in)
}

func oursWithin(ctx context.Context, cache *jsonnet.Cache, in jsonnet.Input) outcome {
	r, err := cache.Eval(ctx, in)
	if err != nil {
		return outcomeOf("", err)
	}
	b, err := r.JSON()
	return outcomeOf(string(b), err)
}

// moduleDir returns the directory of the source of go-jsonnet.
func moduleDir(t testing.TB) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/google/go-jsonnet").Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

var upstreamNatives = []jsonnet.Native{
	{Name: "jsonToString", Params: []string{"x"}, Func: func(x []any) (any, error) {
		b, err := json.Marshal(x[0])
		return string(b), err
	}},
	{Name: "nativeError", Func: func([]any) (any, error) { return nil, errors.New("native function error") }},
	{Name: "nativePanic", Func: func([]any) (any, error) { panic("native function panic") }},
}

// TestUpstream evaluates go-jsonnet's own test programs with both engines.
func TestUpstream(t *testing.T) {
	t.Chdir(moduleDir(t))
	files, err := filepath.Glob("testdata/*.jsonnet")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	cache := jsonnet.NewCache(0)
	ext := map[string]string{"stringVar": "2 + 2"}
	extCode := map[string]string{
		"codeVar": "3 + 3", "errorVar": "error 'xxx'", "staticErrorVar": ")", "UndeclaredX": "x",
		"selfRecursiveVar":      `[42, std.extVar("selfRecursiveVar")[0] + 1]`,
		"mutuallyRecursiveVar1": `[42, std.extVar("mutuallyRecursiveVar2")[0] + 1]`,
		"mutuallyRecursiveVar2": `[42, std.extVar("mutuallyRecursiveVar1")[0] + 1]`,
	}
	var values, errorsSeen, traces int
	for _, file := range files {
		code, err := os.ReadFile(file)
		require.NoError(t, err)
		in := jsonnet.Input{
			Snippet: string(code), SnippetName: file, Importer: jsonnet.Theirs(&gojsonnet.FileImporter{}),
			Natives: upstreamNatives, ExtVars: map[string]jsonnet.Variable{},
		}
		var vars, codes map[string]string
		if strings.Contains(file, "extvar_") {
			vars, codes = ext, extCode
			for name, v := range ext {
				in.ExtVars[name] = jsonnet.String(v)
			}
			for name, v := range extCode {
				in.ExtVars[name] = jsonnet.Code(v)
			}
		}
		want := theirs(in, vars, codes)
		in.Importer = jsonnet.Theirs(&gojsonnet.FileImporter{})
		got := ours(t, cache, in)
		if want.message == "" {
			values++
		} else {
			errorsSeen++
		}
		if !assert.Equal(t, want.message, got.message, file) || !assert.Equal(t, want.text, got.text, file) {
			continue
		}
		if want.message != "" {
			if slices.Equal(strings.Split(traceText(want.trace), "\n"), strings.Split(traceText(got.trace), "\n")) {
				traces++
			} else {
				t.Logf("%s: trace differs\nwant\n%s\ngot\n%s", file, traceText(want.trace), traceText(got.trace))
			}
		}
	}
	t.Logf("%d values, %d errors, %d traces equal", values, errorsSeen, traces)
	// Traces differ: a variable that is passed on has no frame of its own, and a native lacks
	// the frames of the function in std.jsonnet, as does % of numbers.
	assert.GreaterOrEqual(t, float64(traces), 0.97*float64(errorsSeen))
}
