package lint_test

import (
	"context"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/lint"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

func tree(files map[string]string) *project.Project {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return project.New(fsys)
}

// findings returns the findings about the named file as they are printed.
func findings(t *testing.T, p *project.Project, name string) string {
	t.Helper()
	found, err := lint.New(p, lint.Options{Builtins: map[string]string{"tk": "{ env: std.extVar('e') }"}}).File(t.Context(), name)
	require.NoError(t, err)
	var b strings.Builder
	require.NoError(t, diag.Write(&b, found, diag.Options{}))
	return b.String()
}

func TestFindings(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", "{ a: 1 }", ""},
		{"unused variable on the first line", "local a = 1, b = 2; a", "main.jsonnet:1:14: Unused variable: b\n"},
		{"unused variable below", "local a = 1;\n  local b = 2; a", "main.jsonnet:2:9: Unused variable: b\n"},
		{"no std at all", "1", ""},
		{"std of one's own", "local std = { a: 1 }; std.a", ""},
		{"unused std of one's own", "local std = 1; 2", "main.jsonnet:1:7: Unused variable: std\n"},
		{"wrong argument", "local f(x) = x;\nf(y=1)", "main.jsonnet:2:5: function has no parameter y\n"},
		{"unknown field", "local o = { a: 1 };\no.b", "main.jsonnet:2:1: Indexed object has no field \"b\"\n"},
		{"misspelt function of std", "[std.lenght]", "main.jsonnet:1:2: Indexed object has no field \"lenght\"\n"},
		{"wrong argument of std", "std.any(1, 2)", "main.jsonnet:1:12: Too many arguments, there can be at most 1, but 2 provided\n"},
		{"syntax", "{ a 1 }", "main.jsonnet:1:5: Expected token OPERATOR but got (NUMBER, \"1\")\n"},
		{"empty file", "", "main.jsonnet:1:1: Unexpected end of file\n"},
		{"nested", strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000), "main.jsonnet:1:2501: nested too deeply: more than 2500 brackets are open\n"},
		{"unknown variable", "[\n  a,\n]", "main.jsonnet:2:3: Unknown variable: a\n"},
		{"comment first", "# a\n1", ""},
		{"external variables and native functions", "std.extVar('a').b.c + std.native('parseJson')('1').d", ""},
		{"tanka's library", "(import 'tk').env.spec.namespace", ""},
		{"imports through the project", "[import 'lib.libsonnet', import 'vendored.libsonnet', importstr 'a.txt']", ""},
		{"missing imports", "[import 'no.libsonnet', importstr 'no.txt']", `
main.jsonnet:1:2: import "no.libsonnet": no such file
    hint: looked for no.libsonnet, lib/no.libsonnet, vendor/no.libsonnet, vendor-jsonnet/no.libsonnet
main.jsonnet:1:25: import "no.txt": no such file
    hint: looked for no.txt, lib/no.txt, vendor/no.txt, vendor-jsonnet/no.txt
`},
		{"findings in an import are not ours", "import 'faulty.libsonnet'", ""},
		{"syntax error in an import", "import 'broken.libsonnet'", "lib/broken.libsonnet:1:5: Expected token OPERATOR but got (NUMBER, \"1\")\n"},
		{"function of an import", "(import 'lib.libsonnet').f(1, 2)", "main.jsonnet:1:31: Too many arguments, there can be at most 1, but 2 provided\n"},
		{"type of std in an import", "!(import 'lib.libsonnet').f([true])", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := tree(map[string]string{
				"main.jsonnet":              tt.text,
				"a.txt":                     "text",
				"lib/lib.libsonnet":         "{ f(x): std.any(x) }",
				"lib/faulty.libsonnet":      "local unused = import 'no.libsonnet'; {}.a",
				"lib/broken.libsonnet":      "{ a 1 }",
				"vendor/vendored.libsonnet": "{}",
			})
			assert.Equal(t, strings.TrimPrefix(tt.want, "\n"), findings(t, p, "main.jsonnet"))
		})
	}
}

// The linter of go-jsonnet panics if imports lead back to the linted file.
func TestImportCycle(t *testing.T) {
	p := tree(map[string]string{
		"lib/main.libsonnet": "{ a: import './a.libsonnet', b:: import 'b.libsonnet' }",
		"lib/a.libsonnet":    "local main = import 'main.libsonnet';\n{ f(x): main.a.g(x), g(x): main.b.h(x) }",
		"lib/b.libsonnet":    "local main = import './main.libsonnet', b = import 'b.libsonnet';\n{ h(x): main.a.f(x), i: b.nope }",
	})
	assert.Empty(t, findings(t, p, "lib/main.libsonnet"))
	assert.Empty(t, findings(t, p, "lib/a.libsonnet"))
	assert.Equal(t, "lib/b.libsonnet:2:25: Indexed object has no field \"nope\"\n", findings(t, p, "lib/b.libsonnet"))
}

// A file below an environment sees the directory of the environment and its vendor
// directory.
func TestEnvironmentOfFile(t *testing.T) {
	p := tree(map[string]string{
		"env/main.jsonnet":         "import 'sub/a.libsonnet'",
		"env/sub/a.libsonnet":      "[import 'b.libsonnet', import 'c.libsonnet']",
		"env/b.libsonnet":          "{}",
		"env/vendor/c.libsonnet":   "{}",
		"other/sub/main.libsonnet": "import 'b.libsonnet'",
	})
	assert.Empty(t, findings(t, p, "env/sub/a.libsonnet"))
	assert.Contains(t, findings(t, p, "other/sub/main.libsonnet"), "no such file")
}

func TestNoSuchFile(t *testing.T) {
	_, err := lint.New(tree(nil), lint.Options{}).File(t.Context(), "a.jsonnet")
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := lint.New(tree(map[string]string{"a.jsonnet": "import 'b'", "b": "1"}), lint.Options{}).File(ctx, "a.jsonnet")
	assert.ErrorIs(t, err, context.Canceled)
}

// A file that exceeds the budget, also in an import, gives an error with its place and no
// finding.
func TestBudget(t *testing.T) {
	large := "[\n" + strings.Repeat("1,\n", 500_000) + "]"
	l := lint.New(tree(map[string]string{"a.jsonnet": large, "b.jsonnet": "import 'a.jsonnet'", "c.jsonnet": "1"}), lint.Options{})
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 128<<20})
	defer stop()
	for _, name := range []string{"a.jsonnet", "b.jsonnet"} {
		found, err := l.File(ctx, name)
		assert.Empty(t, found)
		require.Error(t, err)
		assert.Regexp(t, `^a.jsonnet:\d{4,}: memory limit exceeded: `, err.Error())
	}
	spent, cancel := context.WithCancelCause(t.Context())
	cancel(&budget.Exceeded{What: "time", Limit: "1s"})
	_, err := l.File(spent, "c.jsonnet")
	assert.EqualError(t, err, "c.jsonnet:1: time limit exceeded: 1s")
}

func TestConcurrent(t *testing.T) {
	p := tree(map[string]string{"a.jsonnet": "(import 'b.jsonnet').c", "b.jsonnet": "local a = import 'a.jsonnet'; {}"})
	l := lint.New(p, lint.Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			found, err := l.File(t.Context(), "a.jsonnet")
			assert.NoError(t, err)
			assert.Len(t, found, 1)
		})
	}
	wg.Wait()
}

func ExampleLinter_File() {
	p := tree(map[string]string{
		"main.jsonnet":      "local web = import 'web.libsonnet';\nweb.new(nam='shop')\n",
		"lib/web.libsonnet": "{ new(name): { metadata: { name: name } } }\n",
	})
	found, err := lint.New(p, lint.Options{}).File(context.Background(), "main.jsonnet")
	if err != nil {
		panic(err)
	}
	if err := diag.Write(os.Stdout, found, diag.Options{}); err != nil {
		panic(err)
	}
	// Output: main.jsonnet:2:13: function has no parameter nam
}
