package render_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

// memory returns a file system with files by name.
func memory(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// configMap is Jsonnet for an object with data.
func configMap(name, data string) string {
	return fmt.Sprintf("{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '%s' }, data: %s }", name, data)
}

// open opens a project of files in memory.
func open(t *testing.T, files map[string]string, c render.Config) *render.Project {
	t.Helper()
	p, err := render.OpenFS(memory(files), c)
	require.NoError(t, err)
	return p
}

// data returns the data of the first object of a result.
func data(t *testing.T, res *render.Result, err error) map[string]any {
	t.Helper()
	require.NoError(t, err)
	require.NotEmpty(t, res.Objects)
	m, _ := res.Objects[0].Map()["data"].(map[string]any)
	return m
}

const spec = `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"labels": {"team": "a"}}, "spec": {"namespace": "shop", "apiServer": "1.2.3.4", "resourceDefaults": {"labels": {"by": "mop"}}, "expectVersions": {"kubernetes": "1.31"}}}`

func TestRender(t *testing.T) {
	p := open(t, map[string]string{
		"env/main.jsonnet": "function(n=1) [" + configMap("b", "{ n: '' + n, tk: (import 'tk').env.spec.namespace, yaml: std.native('manifestYamlFromJson')('{\"a\":1}') }") + ", { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }]",
		"env/spec.json":    spec,
	}, render.Config{})
	res, err := p.Render(t.Context(), "env", render.Args{Args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"n": jsonnet.Value(3)}}})
	require.NoError(t, err)
	var all []string
	for _, o := range res.Objects {
		all = append(all, o.String())
	}
	assert.Equal(t, []string{"Namespace shop", "ConfigMap shop/b"}, all)
	assert.Equal(t, map[string]any{"n": "3", "tk": "shop", "yaml": "a: 1\n"}, res.Objects[1].Map()["data"])
	assert.Equal(t, render.Environment{
		Name: "env", Entrypoint: "env/main.jsonnet", Labels: map[string]string{"team": "a"},
		Spec: render.Spec{Namespace: "shop", APIServer: "https://1.2.3.4", Labels: map[string]string{"by": "mop"}, ExpectKubernetes: "1.31"},
	}, res.Environment)
	text, err := res.Environment.MarshalJSON()
	require.NoError(t, err)
	assert.JSONEq(t, `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "env", "namespace": "env/main.jsonnet", "labels": {"team": "a"}}, "spec": {"namespace": "shop", "apiServer": "https://1.2.3.4", "resourceDefaults": {"labels": {"by": "mop"}}, "expectVersions": {"kubernetes": "1.31"}}}`, string(text))

	res, err = p.Render(t.Context(), "env/main.jsonnet", render.Args{Targets: []string{"configmap/.*"}})
	require.NoError(t, err)
	assert.Len(t, res.Objects, 1)
}

// The place of a field is the Jsonnet that a user would edit, or the spec.
func TestOrigins(t *testing.T) {
	files := memory(map[string]string{
		"env/main.jsonnet":  "function(n) [{ apiVersion: 'v1', kind: 'ConfigMap',\n metadata: { name: 'a' },\n data: {\n  n: n,\n  lib: (import 'lib.libsonnet') } }]",
		"env/spec.json":     "{\"apiVersion\": \"tanka.dev/v1alpha1\", \"kind\": \"Environment\", \"metadata\": {}, \"spec\": {\n\"namespace\": \"shop\"}}",
		"lib/lib.libsonnet": "\n'x'",
	})
	p, err := render.OpenFS(files, render.Config{})
	require.NoError(t, err)
	args := render.Args{Args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"n": jsonnet.String("1")}}}
	res, err := p.Render(t.Context(), "env", args)
	require.NoError(t, err)
	// What happens to the files and the arguments afterwards does not matter.
	files["lib/lib.libsonnet"].Data = []byte("error 'gone'")
	delete(files, "env/main.jsonnet")
	args.TLAs["n"] = jsonnet.Code("error 'gone'")
	for field, want := range map[string]string{
		"":                   "env/main.jsonnet:1:14",
		"metadata.name":      "env/main.jsonnet:2:20",
		"data.lib":           "lib/lib.libsonnet:2:1 env/main.jsonnet:5:9",
		"data.n":             "<top-level argument n> env/main.jsonnet:4:6",
		"metadata.namespace": "env/spec.json:2",
		"data.missing":       "env/main.jsonnet:3:8",
	} {
		path, _ := manifest.ParsePath(field)
		var got []string
		for _, at := range res.Origins(res.Objects[0], path) {
			got = append(got, at.String())
		}
		assert.Equal(t, want, strings.Join(got, " "), field)
	}
}

func TestDependsOn(t *testing.T) {
	p := open(t, map[string]string{
		"env/main.jsonnet":     "local unused = import 'unused.libsonnet'; [" + configMap("a", "{ a: (import 'a.libsonnet') + std.length(import 'glob-import:parts/*.json') }") + "]",
		"lib/a.libsonnet":      "'a'",
		"env/parts/1.json":     "1",
		"env/unused.libsonnet": "{}",
		"other/main.jsonnet":   "{}",
	}, render.Config{})
	res, err := p.Render(t.Context(), "env", render.Args{})
	require.NoError(t, err)
	for name, want := range map[string]bool{
		"env/main.jsonnet": true, "lib/a.libsonnet": true, "./lib/a.libsonnet": true, "env": true, "lib": true,
		"env/parts/1.json": true, "env/parts/new.json": true, "env/spec.json": true, "env/a.libsonnet": true,
		"env/unused.libsonnet": false, "other/main.jsonnet": false, "vendor/a.libsonnet": false, "env/parts/new.txt": false,
	} {
		assert.Equal(t, want, res.DependsOn(name), name)
	}
}

// inline is an entrypoint with two environments, of which one is broken.
const inline = `[{
	apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: name }, spec: { namespace: name },
	data: if name == 'us' then error 'broken' else { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: name } },
} for name in ['us', 'eu-west', 'eu']]`

func TestNames(t *testing.T) {
	p := open(t, map[string]string{"clusters/main.jsonnet": inline, "plain/main.jsonnet": configMap("a", "{}")}, render.Config{})
	for name, test := range map[string]struct {
		env, name, want string
		err             error
	}{
		"exactly that":             {"clusters", "eu", "ConfigMap eu/eu", nil},
		"not one like it":          {"clusters", "e", `no environment is called "e"`, render.ErrNoEnvironment},
		"none said":                {"clusters", "", "holds several environments", render.ErrAmbiguous},
		"the only one":             {"plain", "", "ConfigMap a", nil},
		"the only one by its name": {"plain", "plain", "ConfigMap a", nil},
		"the only one is another":  {"plain", "other", `no environment is called "other"`, render.ErrNoEnvironment},
		"the beginning of a name":  {"clust", "", `environment clust: no such environment: no file "clust/main.jsonnet"`, render.ErrNoEnvironment},
		"no name":                  {"", "", "want the name of an environment, got none", render.ErrNoEnvironment},
		"outside":                  {"../x", "", "outside the project's root", render.ErrOutside},
	} {
		t.Run(name, func(t *testing.T) {
			res, err := p.Render(t.Context(), test.env, render.Args{Name: test.name})
			if test.err == nil {
				require.NoError(t, err)
				assert.Equal(t, test.want, res.Objects[0].String())
				return
			}
			assert.Nil(t, res)
			assert.ErrorIs(t, err, test.err)
			assert.ErrorContains(t, err, test.want)
			_, ok := diag.From(err)
			assert.True(t, ok)
		})
	}
	_, err := p.Render(t.Context(), "clust", render.Args{})
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	_, err := render.Open(dir, render.Config{})
	assert.ErrorIs(t, err, render.ErrNoProject)
	for name, text := range map[string]string{
		"jsonnetfile.json": "{}", "env/main.jsonnet": configMap("a", "{ a: import 'a.libsonnet' }"),
		"one/a.libsonnet": "'one'", "two/a.libsonnet": "'two'",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	p, err := render.Open(filepath.Join(dir, "env"), render.Config{ImportDirs: []string{filepath.Join(dir, "one"), filepath.Join(dir, "two")}})
	require.NoError(t, err)
	res, err := p.Render(t.Context(), "env", render.Args{})
	assert.Equal(t, map[string]any{"a": "one"}, data(t, res, err))
	inMemory, err := render.OpenFS(os.DirFS(dir), render.Config{ImportDirs: []string{"two", "one"}})
	require.NoError(t, err)
	res, err = inMemory.Render(t.Context(), "env", render.Args{})
	assert.Equal(t, map[string]any{"a": "two"}, data(t, res, err))
}

// What cannot be used is refused by its name.
func TestWrongConfigurations(t *testing.T) {
	f := func(jsonnet.Call, []any) (any, error) { return nil, nil }
	for want, c := range map[string]render.Config{
		"render: Natives[0]: want a name, got none":                       {Natives: []jsonnet.Native{{Func: f}}},
		"render: native a: want a Func, got nil":                          {Natives: []jsonnet.Native{{Name: "a"}}},
		"render: native a: want one of the name, got two":                 {Natives: []jsonnet.Native{{Name: "a", Func: f}, {Name: "a", Func: f}}},
		`render: Imports: want a scheme such as "https:", got "https"`:    {Imports: map[string]jsonnet.Importer{"https": nil}},
		`render: Imports: want a scheme such as "https:", got "https://"`: {Imports: map[string]jsonnet.Importer{"https://": nil}},
		"render: Imports: https:: want an importer, got nil":              {Imports: map[string]jsonnet.Importer{"https:": nil}},
		"render: Imports: yaml: has a meaning already":                    {Imports: map[string]jsonnet.Importer{"yaml:": nil}},
		"render: Limits.Time: want none or more, got -1s":                 {Limits: jsonnet.Limits{Time: -time.Second}},
		"render: Limits.Memory: want none or more, got -1":                {Limits: jsonnet.Limits{Memory: -1}},
		"render: Limits.Stack: want at most 100000, got 1000000":          {Limits: jsonnet.Limits{Stack: 1e6}},
		"render: Cache: want none or more, got -1":                        {Cache: -1},
		"render: Compat: want 0 or Tanka, got 7":                          {Compat: 7},
	} {
		_, err := render.OpenFS(memory(nil), c)
		assert.EqualError(t, err, want)
		_, err = render.Open(".", c)
		assert.EqualError(t, err, want)
	}
	_, err := render.OpenFS(nil, render.Config{})
	assert.EqualError(t, err, "render: want a file system, got nil")
	_, err = render.Open(".", render.Config{ImportDirs: []string{"nowhere"}})
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

// Zero values do nothing, and do not panic.
func TestZeroValues(t *testing.T) {
	const want = "render: the zero Project has no files; use Open or OpenFS"
	for _, p := range []*render.Project{nil, {}} {
		_, err := p.Render(t.Context(), "env", render.Args{})
		assert.EqualError(t, err, want)
		_, err = p.Freeze().Render(t.Context(), "env", render.Args{})
		assert.EqualError(t, err, want)
	}
	for _, r := range []*render.Result{nil, {}} {
		assert.Empty(t, r.Origins(manifest.Object{}, nil))
		assert.False(t, r.DependsOn("a"))
	}
	p := open(t, map[string]string{"main.jsonnet": "function(a) " + configMap("a", "{ a: '' + a }")}, render.Config{})
	res, err := p.Render(t.Context(), ".", render.Args{Args: jsonnet.Args{TLAs: map[string]jsonnet.Var{"a": {}}}})
	assert.Equal(t, map[string]any{"a": "null"}, data(t, res, err))
	assert.NotPanics(t, func() { res.Origins(manifest.Object{}, manifest.Path{"a"}) })
}
