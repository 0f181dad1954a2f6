package imports_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/imports"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
)

func files() map[string]string {
	return map[string]string{
		"jsonnetfile.json":               "{}",
		"envs/a/main.jsonnet":            `local x = import'x.libsonnet'; if false then importbin 'logo.bin' else x`,
		"envs/a/spec.json":               `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment"}`,
		"envs/b/main.jsonnet":            `function(required) (import 'x.libsonnet') + importstr 'text.txt'`,
		"envs/b/text.txt":                "",
		"envs/glob/main.jsonnet":         `import 'glob-import:parts/**/*.jsonnet'`,
		"envs/glob/parts/deep/p.jsonnet": `1`,
		"envs/chart/main.jsonnet":        `std.native('helmTemplate')('n', './chart', {})`,
		"envs/none/main.jsonnet":         `1`,
		"envs/a/logo.bin":                "",
		"lib/x.libsonnet":                `import 'y.libsonnet'`,
		"vendor/y.libsonnet":             `{}`,
	}
}

func scan(t *testing.T, p *project.Project) (*imports.Graph, error) {
	t.Helper()
	entries, err := p.Environments(t.Context(), ".")
	require.NoError(t, err)
	helm := eval.Native{Name: "helmTemplate", Params: []string{"name", "chart", "opts"}, Func: func(c eval.Call, _ []any) (any, error) {
		c.Record("envs/chart/chart/Chart.yaml")
		c.RecordGlob("envs/chart/chart/*")
		return nil, fmt.Errorf("helm is not installed")
	}}
	return imports.Scan(t.Context(), p, render.New(p, render.Options{Natives: []eval.Native{helm}}), entries)
}

func memory(texts map[string]string) *project.Project {
	m := fstest.MapFS{}
	for name, text := range texts {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return project.New(m)
}

func importers(t *testing.T, g *imports.Graph, names ...string) []project.Environment {
	t.Helper()
	environments, err := g.Importers(t.Context(), names)
	require.NoError(t, err)
	return environments
}

func TestImporters(t *testing.T) {
	g, err := scan(t, memory(files()))
	require.NoError(t, err)
	tests := []struct {
		name, file string
		want       []string
	}{
		{"entrypoint", "envs/none/main.jsonnet", []string{"envs/none"}},
		{"import without a space, through another file", "vendor/y.libsonnet", []string{"envs/a", "envs/b"}},
		{"importbin in a branch that is never taken", "envs/a/logo.bin", []string{"envs/a"}},
		{"importstr, and the environment has a required argument", "envs/b/text.txt", []string{"envs/b"}},
		{"spec", "envs/a/spec.json", []string{"envs/a"}},
		{"new spec", "envs/none/spec.json", []string{"envs/none"}},
		{"glob", "envs/glob/parts/deep/p.jsonnet", []string{"envs/glob"}},
		{"new file that a glob matches", "envs/glob/parts/new.jsonnet", []string{"envs/glob"}},
		{"file that no glob matches", "envs/glob/parts/new.txt", nil},
		{"new file that comes before another", "lib/y.libsonnet", []string{"envs/a", "envs/b"}},
		{"new file that shadows in one environment", "envs/b/x.libsonnet", []string{"envs/b"}},
		{"chart", "envs/chart/chart/Chart.yaml", []string{"envs/chart"}},
		{"new or deleted file of a chart", "envs/chart/chart/values.yaml", []string{"envs/chart"}},
		{"submodule or link to a directory", "vendor", []string{"envs/a", "envs/b"}},
		{"new link to a directory", "envs/b/vendor", []string{"envs/b"}},
		{"beginning of a directory's name", "vend", nil},
		{"unknown", "README.md", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, env := range importers(t, g, "elsewhere", tt.file) {
				got = append(got, env.Dir)
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

// The graph still finds the entrypoints that look for a deleted file.
func TestDeletedFile(t *testing.T) {
	texts := files()
	delete(texts, "vendor/y.libsonnet")
	g, err := scan(t, memory(texts))
	require.NoError(t, err)
	var got []string
	for _, env := range importers(t, g, "vendor/y.libsonnet") {
		got = append(got, env.Dir)
	}
	assert.Equal(t, []string{"envs/a", "envs/b"}, got)
}

func TestSymbolicLinks(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"jsonnetfile.json": "{}", "env/main.jsonnet": "import 'lib.libsonnet'", "real/lib.libsonnet": "1",
	} {
		p := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o777))
		require.NoError(t, os.WriteFile(p, []byte(text), 0o666))
	}
	require.NoError(t, os.Symlink("real", filepath.Join(root, "vendor")))
	p, err := project.Find(root, project.Options{})
	require.NoError(t, err)
	entries, err := p.Environments(t.Context(), ".")
	require.NoError(t, err)
	e, err := imports.Of(t.Context(), p, render.New(p, render.Options{}), entries[0])
	require.NoError(t, err)
	assert.Equal(t, []string{"env/main.jsonnet", "real/lib.libsonnet", "vendor/lib.libsonnet"}, e.Files)
	g, err := scan(t, p)
	require.NoError(t, err)
	for _, name := range []string{"real/lib.libsonnet", "vendor/lib.libsonnet", "real", "vendor"} {
		assert.Len(t, importers(t, g, name), 1, name)
	}
}

// An entrypoint whose imports cannot be read hides no other.
func TestBrokenEntrypoint(t *testing.T) {
	texts := files()
	texts["envs/broken/main.jsonnet"] = "{\n  a b\n"
	g, err := scan(t, memory(texts))
	assert.ErrorContains(t, err, "envs/broken/main.jsonnet:2:5")
	assert.Len(t, g.Entries(), 5)
	texts["envs/broken/main.jsonnet"] = "import 'broken.libsonnet'"
	texts["lib/broken.libsonnet"] = "import broken"
	g, err = scan(t, memory(texts))
	assert.ErrorContains(t, err, "lib/broken.libsonnet:1:8")
	assert.Len(t, g.Entries(), 5)
}

// A text with tokens that is no program depends on the imports among its tokens. Check
// reports that it is no program.
func TestNoProgram(t *testing.T) {
	texts := files()
	texts["lib/x.libsonnet"] = "{\n  a b: import 'y.libsonnet'\n}"
	g, err := scan(t, memory(texts))
	require.NoError(t, err)
	assert.Len(t, importers(t, g, "vendor/y.libsonnet"), 2)
	assert.Empty(t, g.Check(t.Context(), []string{"vendor/y.libsonnet", "envs/b/text.txt", "nowhere"}))
	assert.ErrorContains(t, g.Check(t.Context(), []string{"lib/x.libsonnet"}).Err(), "lib/x.libsonnet:2:5")
	p := memory(texts)
	entries, err := p.Environments(t.Context(), "envs/a")
	require.NoError(t, err)
	_, err = imports.Of(t.Context(), p, render.New(p, render.Options{}), entries[0])
	assert.ErrorContains(t, err, "lib/x.libsonnet:2:5")
}

func Example() {
	p := memory(map[string]string{
		"environments/dev/main.jsonnet":  "import 'web.libsonnet'",
		"environments/prod/main.jsonnet": "{}",
		"lib/web.libsonnet":              "{}",
	})
	entries, err := p.Environments(context.Background(), ".")
	if err != nil {
		panic(err)
	}
	g, err := imports.Scan(context.Background(), p, render.New(p, render.Options{}), entries)
	if err != nil {
		panic(err)
	}
	environments, err := g.Importers(context.Background(), []string{"lib/web.libsonnet"})
	if err != nil {
		panic(err)
	}
	for _, env := range environments {
		fmt.Println(strings.TrimPrefix(env.Dir, "environments/"))
	}
	// Output: dev
}
