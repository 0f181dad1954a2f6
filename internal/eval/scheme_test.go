package eval_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/diag"
)

func schemeFiles() map[string]string {
	return map[string]string{
		"env/main.jsonnet":      `{ one: import 'yaml:one.yaml', all: import 'yaml-stream:many.yaml', lib: import 'yaml:shared.yaml' }`,
		"env/one.yaml":          "a\n",
		"env/many.yaml":         "a\n---\nb\n",
		"lib/shared.yaml":       "shared\n",
		"env/several.jsonnet":   "{\n  x: import 'yaml:many.yaml' }",
		"env/glob.jsonnet":      `import 'glob-import:parts/*'`,
		"env[1]/g.jsonnet":      `import 'glob-importstr:*.txt'`,
		"env[1]/a.txt":          "a",
		"env/up.jsonnet":        `import 'glob-importstr:../lib/*.txt'`,
		"env/self.jsonnet":      `(import 'glob-importstr:*.jsonnet') + { n:: 1 }`,
		"env/none.jsonnet":      `import 'glob-import:nothing/*'`,
		"env/lazy.jsonnet":      `std.objectFields(import 'glob-import:parts/*')`,
		"env/parts/a.jsonnet":   `import 'b.libsonnet'`,
		"env/parts/b.libsonnet": `{ b: 1 }`,
		"env/parts/c.yaml":      "c\n",
		"env/parts/d.json":      `{ "d": [] }`,
		"lib/x.txt":             "x",
		"lib/y.txt":             "y",
		"env/tk.jsonnet":        `(import 'tk').env`,
	}
}

func TestSchemes(t *testing.T) {
	tests := []struct {
		name, file string
		want       any
		files      []string
		globs      []string
	}{
		{"yaml", "env/main.jsonnet", map[string]any{"one": "a", "all": []any{"a", "b"}, "lib": "shared"},
			[]string{"env/main.jsonnet", "env/many.yaml", "env/one.yaml", "lib/shared.yaml"}, nil},
		{"glob", "env/glob.jsonnet", map[string]any{"parts/a.jsonnet": map[string]any{"b": 1.0}, "parts/b.libsonnet": map[string]any{"b": 1.0}, "parts/c.yaml": "c", "parts/d.json": map[string]any{"d": []any{}}},
			[]string{"env/glob.jsonnet", "env/parts/a.jsonnet", "env/parts/b.libsonnet", "env/parts/c.yaml", "env/parts/d.json"}, []string{"env/parts/*"}},
		{"glob above", "env/up.jsonnet", map[string]any{"../lib/x.txt": "x", "../lib/y.txt": "y"},
			[]string{"env/up.jsonnet", "lib/x.txt", "lib/y.txt"}, []string{"lib/*.txt"}},
		{"glob in a directory whose name looks like a pattern", "env[1]/g.jsonnet", map[string]any{"a.txt": "a"},
			[]string{"env[1]/a.txt", "env[1]/g.jsonnet"}, []string{`env\[1]/*.txt`}},
		{"glob without matches", "env/none.jsonnet", map[string]any{}, []string{"env/none.jsonnet"}, []string{"env/nothing/*"}},
		{"glob reads what is used", "env/lazy.jsonnet", []any{"parts/a.jsonnet", "parts/b.libsonnet", "parts/c.yaml", "parts/d.json"},
			[]string{"env/lazy.jsonnet"}, []string{"env/parts/*"}},
		{"builtin", "env/tk.jsonnet", "builtin", []string{"env/tk.jsonnet"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res, err := eval.Eval(t.Context(), eval.NewFiles(&source{files: schemeFiles()}, 0), eval.Input{
				File: tt.file, SearchPath: []string{"lib"},
				Builtins: map[string]string{"tk": "{ env: 'builtin' }"},
			})
			require.NoError(t, err)
			assert.Equal(t, tt.want, res.Value)
			assert.Equal(t, tt.files, res.Files)
			assert.Equal(t, tt.globs, res.Globs)
		})
	}

	// A file does not match its own glob.
	res, err := eval.Eval(t.Context(), eval.NewFiles(&source{files: schemeFiles()}, 0), eval.Input{File: "env/self.jsonnet"})
	require.NoError(t, err)
	assert.NotContains(t, res.Value, "self.jsonnet")
	assert.Contains(t, res.Value, "main.jsonnet")

	_, err = eval.Eval(t.Context(), eval.NewFiles(&source{files: schemeFiles()}, 0), eval.Input{File: "env/several.jsonnet"})
	l, _ := diag.From(err)
	require.Len(t, l, 1)
	assert.Equal(t, `import "yaml:many.yaml": want one YAML document, got 2; yaml-stream: gives them all`, l[0].Problem)
	assert.Equal(t, []diag.Position{{File: "env/several.jsonnet", Line: 2, Column: 6}}, l[0].Origins)
}

func TestNatives(t *testing.T) {
	natives := []eval.Native{
		{Name: "sum", Params: []string{"a", "b"}, Func: func(_ eval.Call, args []any) (any, error) {
			return args[0].(float64) + args[1].(float64), nil
		}},
		{Name: "read", Params: []string{"name"}, Func: func(c eval.Call, args []any) (any, error) {
			data, err := c.ReadFile(args[0].(string))
			c.Record("chart/values.yaml")
			return string(data), err
		}},
		{Name: "fail", Func: func(eval.Call, []any) (any, error) {
			return nil, diag.Diagnostic{Problem: "cannot", Hints: []string{"do not call it"}}
		}},
		{Name: "plain", Func: func(eval.Call, []any) (any, error) { return nil, errors.New("cannot") }},
	}
	run := func(code string) (eval.Result, error) {
		files := eval.NewFiles(&source{files: map[string]string{"f": "text"}}, 0)
		return eval.Eval(t.Context(), files, eval.Input{Snippet: code, Natives: natives})
	}
	res, err := run(`[std.native('sum')(1, 2), std.native('read')('f')]`)
	require.NoError(t, err)
	assert.Equal(t, []any{3.0, "text"}, res.Value)
	assert.Equal(t, []string{"chart/values.yaml", "f"}, res.Files)

	res, err = run(`std.native('read')('nothing')`)
	assert.Error(t, err)
	assert.Equal(t, []string{"nothing"}, res.Missing)

	_, err = run(`std.native('fail')()`)
	l, _ := diag.From(err)
	require.Len(t, l, 1)
	assert.Equal(t, "fail: cannot", l[0].Problem)
	assert.Equal(t, []string{"do not call it"}, l[0].Hints)

	_, err = run(`std.native('plain')()`)
	assert.ErrorContains(t, err, "plain: cannot")
}

func TestApply(t *testing.T) {
	files := eval.NewFiles(&source{files: map[string]string{"f": "function(x='d') { a: x, b: error 'not needed' }"}}, 0)
	res, err := eval.Eval(t.Context(), files, eval.Input{
		File: "f", Apply: "function(x)\n  { keys: std.objectFields(x), a: x.a }", Expr: "a",
		TLAs: map[string]eval.Variable{"x": eval.String("given")},
	})
	require.NoError(t, err)
	assert.Equal(t, "given", res.Value)
}

// Imports finds every branch and every kind of import, whatever the spelling, and even if
// some files do not exist.
func TestImports(t *testing.T) {
	files := map[string]string{
		"env/main.jsonnet": `local a = import'a.libsonnet'; if false then (import 'b.libsonnet') + (importstr 'c.txt') else { bin: importbin "d.bin", gone: import 'gone.libsonnet', [importstr @'e.txt']: import 'glob-import:parts/*.jsonnet', y: import 'yaml:y.yaml', tk: import 'tk' }`,
		"env/a.libsonnet":  `{ again: import 'main.jsonnet', assert (importstr 'c.txt') != '' }`,
		"lib/b.libsonnet":  `function(x=importstr 'default.txt') x`,
		"env/c.txt":        "", "env/d.bin": "", "env/e.txt": "", "env/y.yaml": "", "lib/default.txt": "",
		"env/parts/p.jsonnet": `importstr 'q.txt'`, "env/parts/q.txt": "",
		"cwd/var.jsonnet": `import 'more.jsonnet'`, "cwd/more.jsonnet": "1",
		"env/broken.jsonnet": "import 'syntax.jsonnet'", "env/syntax.jsonnet": "{",
	}
	in := eval.Input{
		File: "env/main.jsonnet", Dir: "cwd", SearchPath: []string{"lib"}, Builtins: map[string]string{"tk": "{}"},
		ExtVars: map[string]eval.Variable{"v": eval.CodeFile("var.jsonnet")},
	}
	res, err := eval.Imports(t.Context(), eval.NewFiles(&source{files: files}, 0), in)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"cwd/more.jsonnet", "cwd/var.jsonnet",
		"env/a.libsonnet", "env/c.txt", "env/d.bin", "env/e.txt", "env/main.jsonnet", "env/parts/p.jsonnet", "env/parts/q.txt", "env/y.yaml",
		"lib/b.libsonnet", "lib/default.txt",
	}, res.Files)
	assert.Equal(t, []string{"env/b.libsonnet", "env/gone.libsonnet", "lib/gone.libsonnet"}, res.Missing)
	assert.Equal(t, []string{"env/parts/*.jsonnet"}, res.Globs)
	assert.Equal(t, []eval.Unresolved{{At: diag.Position{File: "env/main.jsonnet", Line: 1, Column: 128}, Path: "gone.libsonnet", Problem: "no such file", Code: failure.NoImport, Values: map[string]any{"tried": []string{"env/gone.libsonnet", "lib/gone.libsonnet"}}}}, res.Unresolved)

	in.File = "env/broken.jsonnet"
	_, err = eval.Imports(t.Context(), eval.NewFiles(&source{files: files}, 0), in)
	assert.ErrorContains(t, err, "env/syntax.jsonnet:1:2: Unexpected: end of file")

	in.File = "env/none.jsonnet"
	_, err = eval.Imports(t.Context(), eval.NewFiles(&source{files: files}, 0), in)
	assert.ErrorContains(t, err, `import "env/none.jsonnet": no such file`)
}
