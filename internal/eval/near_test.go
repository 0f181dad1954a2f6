package eval_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/pkg/diag"
)

// guide is a source that lists its directories, and lacks one package.
type guide struct {
	source
	lists int
}

func (g *guide) Uninstalled(_ context.Context, importPath string) string {
	if strings.HasPrefix(importPath, "example.com/a/b/") {
		return "example.com/a/b"
	}
	return ""
}

func (g *guide) ReadDir(_ context.Context, name string) ([]fs.DirEntry, error) {
	g.lists++
	m := fstest.MapFS{}
	for name := range g.files {
		m[name] = &fstest.MapFile{}
	}
	return fs.ReadDir(m, name)
}

func TestMissingImport(t *testing.T) {
	tests := []struct {
		name, code string
		files      []string
		want       string
	}{
		{"nothing near", "import 'shared.libsonnet'", []string{"lib/other.libsonnet"}, ""},
		{"package", "import 'example.com/a/b/c.libsonnet'", []string{"lib/example.com/a/b/d.libsonnet"}, "run mop vendor install: example.com/a/b is not installed"},
		{"misspelt", "import 'shraed.libsonnet'", []string{"lib/shared.libsonnet"}, `did you mean "shared.libsonnet"?`},
		{"misspelt beside the importing file", "import './shraed.libsonnet'", []string{"env/shared.libsonnet"}, `did you mean "./shared.libsonnet"?`},
		{"misspelt in a directory", "import 'web/shraed.libsonnet'", []string{"lib/web/shared.libsonnet", "lib/shraed.libsonnet"}, `did you mean "web/shared.libsonnet"?`},
		{"misspelt above", "import '../lib/shraed.libsonnet'", []string{"lib/shared.libsonnet"}, `did you mean "../lib/shared.libsonnet"?`},
		{"misspelt text", "importstr 'licence.txt'", []string{"lib/license.txt"}, `did you mean "license.txt"?`},
		{"misspelt without an ending", "importstr 'LICENCES'", []string{"lib/LICENSES"}, `did you mean "LICENSES"?`},
		{"misspelt behind a scheme", "import 'yaml:vlaues.yaml'", []string{"lib/values.yaml"}, `did you mean "values.yaml"?`},
		{"too far", "import 'website.libsonnet'", []string{"lib/shared.libsonnet"}, ""},
		{"a letter is no word", "import 'a.libsonnet'", []string{"lib/b.libsonnet"}, ""},
		{"two as near", "import 'prod.libsonnet'", []string{"lib/prof.libsonnet", "lib/proc.libsonnet"}, ""},
		{"one of two nearer", "import 'webs.libsonnet'", []string{"lib/web.libsonnet", "lib/websy1.libsonnet"}, `did you mean "web.libsonnet"?`},
		{"the same name in two directories", "import 'shraed.libsonnet'", []string{"env/shared.libsonnet", "lib/shared.libsonnet"}, `did you mean "shared.libsonnet"?`},
		{"other ending", "import 'shared.jsonnet'", []string{"lib/shared.libsonnet", "lib/sharedd.jsonnet"}, `did you mean "shared.libsonnet"?`},
		{"no ending", "import 'shared'", []string{"lib/shared.libsonnet"}, `did you mean "shared.libsonnet"?`},
		{"two endings", "import 'shared'", []string{"lib/shared.libsonnet", "lib/shared.jsonnet"}, ""},
		{"an ending that is not Jsonnet's", "import 'shared.json'", []string{"lib/shared.libsonnet"}, ""},
		{"case", "import 'SHARED.libsonnet'", []string{"lib/shared.libsonnet"}, `did you mean "shared.libsonnet"?`},
		{"case before spelling", "import 'Shared.libsonnet'", []string{"lib/shared.libsonnet", "lib/Share.libsonnet"}, `did you mean "shared.libsonnet"?`},
		{"two cases", "import 'SHARED.libsonnet'", []string{"lib/shared.libsonnet", "lib/Shared.libsonnet"}, ""},
		{"the importing file", "import 'main.libsonnet'", nil, ""},
		{"a directory", "import 'shraed'", []string{"lib/shared/a.libsonnet"}, ""},
		{"many files", "import 'shraed.libsonnet'", append(many(2_001), "lib/shared.libsonnet"), ""},
	}
	for _, tt := range tests {
		for name, engine := range map[string]eval.Engine{"mop": eval.Compiled, "go-jsonnet": eval.GoJsonnet} {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				g := &guide{source: source{files: map[string]string{"env/main.jsonnet": tt.code}}}
				for _, file := range tt.files {
					g.files[file] = "{}"
				}
				in := eval.Input{File: "env/main.jsonnet", SearchPath: []string{"lib"}, Interpreter: eval.Interpreter{Engine: engine}}
				_, err := eval.Eval(t.Context(), eval.NewFiles(g, 0), in)
				l, ok := diag.From(err)
				require.True(t, ok, "%v", err)
				hints := l[0].Advice(nil)
				if tt.want != "" {
					assert.Equal(t, tt.want, hints[0])
					hints = hints[1:]
				}
				require.Len(t, hints, 1)
				assert.Regexp(t, "^looked for ", hints[0])
			})
		}
	}
}

// many returns the names of n files.
func many(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("lib/%d", i)
	}
	return names
}

// A near name is looked for only if an import fails.
func TestMissingImportIsLookedForLate(t *testing.T) {
	g := &guide{source: source{files: map[string]string{
		"env/main.jsonnet": "{ a: import 'shared.libsonnet', b:: import 'gone.libsonnet' }", "lib/shared.libsonnet": "1",
	}}}
	_, err := eval.Eval(t.Context(), eval.NewFiles(g, 0), eval.Input{File: "env/main.jsonnet", SearchPath: []string{"lib"}})
	require.NoError(t, err)
	assert.Zero(t, g.lists)
}
