package export_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/export"
	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

func object(t testing.TB, kind, name string) manifest.Object {
	t.Helper()
	o, err := manifest.From(map[string]any{"apiVersion": "v1", "kind": kind, "metadata": map[string]any{"name": name}})
	require.NoError(t, err)
	return o
}

// result returns the result of an environment with ConfigMaps.
func result(t testing.TB, env string, names ...string) *render.Result {
	r := &render.Result{Environment: render.Environment{Name: env, Entrypoint: env + "/main.jsonnet"}}
	for _, name := range names {
		r.Objects = append(r.Objects, object(t, "ConfigMap", name))
	}
	return r
}

// sequence yields results and errors.
func sequence(items ...any) iter.Seq2[*render.Result, error] {
	return func(yield func(*render.Result, error) bool) {
		for _, i := range items {
			r, _ := i.(*render.Result)
			err, _ := i.(error)
			if !yield(r, err) {
				return
			}
		}
	}
}

// byName names a file like its object.
func byName(_ render.Environment, o manifest.Object) (string, error) { return o.ID().Name, nil }

// listed returns the names of files and the texts of errors.
func listed(files iter.Seq2[export.File, error]) []string {
	var out []string
	for f, err := range files {
		if err != nil {
			out = append(out, "error: "+err.Error())
			continue
		}
		out = append(out, f.Name)
	}
	return out
}

var errMine = errors.New("mine")

func TestFiles(t *testing.T) {
	for name, test := range map[string]struct {
		results iter.Seq2[*render.Result, error]
		namer   export.Namer
		want    []string
	}{
		"nothing":     {sequence(), nil, nil},
		"none":        {nil, nil, []string{"error: export: want a sequence of results, got nil"}},
		"standard":    {sequence(result(t, "a", "x", "y")), nil, []string{"v1.ConfigMap-x.yaml", "v1.ConfigMap-y.yaml"}},
		"own":         {sequence(result(t, "a", "x", "y")), byName, []string{"x", "y"}},
		"faults":      {sequence(errMine, result(t, "a", "x"), nil, result(t, "b", "y")), byName, []string{"error: mine", "x", "error: export: want a result or an error, got neither", "y"}},
		"no name":     {sequence(result(t, "a", "x")), func(render.Environment, manifest.Object) (string, error) { return "", errMine }, []string{"error: a: ConfigMap x at .: mine (a/main.jsonnet)"}},
		"panics":      {sequence(result(t, "a", "x", "y")), func(_ render.Environment, o manifest.Object) (string, error) { panic(o.ID().Name) }, []string{"error: a: ConfigMap x at .: the namer panicked: x (a/main.jsonnet)", "error: a: ConfigMap y at .: the namer panicked: y (a/main.jsonnet)"}},
		"leaves":      {sequence(result(t, "a", "../x", "/x", "a/./x")), byName, []string{`error: a: ConfigMap ../x at .: namer gives "../x": want a path below the directory, got one that leaves it (a/main.jsonnet)`, `error: a: ConfigMap /x at .: namer gives "/x": want a path below the directory, got an absolute one (a/main.jsonnet)`, "a/x"}},
		"taken":       {sequence(result(t, "a", "manifest.json")), byName, []string{`error: a: ConfigMap manifest.json at .: namer gives "manifest.json": the name manifest.json is taken (a/main.jsonnet)`}},
		"twice":       {sequence(result(t, "a", "x"), result(t, "b", "x", "y")), byName, []string{"x", "error: b: ConfigMap x at .: wants the file x, which another object has (b/main.jsonnet)", "y"}},
		"below file":  {sequence(result(t, "a", "x", "x/y/z")), byName, []string{"x", "error: a: ConfigMap x/y/z at .: wants the folder x, which is the file of another object (a/main.jsonnet)"}},
		"is a folder": {sequence(result(t, "a", "x/y/z", "x/y")), byName, []string{"x/y/z", "error: a: ConfigMap x/y at .: wants the file x/y, which is a folder for another object (a/main.jsonnet)"}},
	} {
		t.Run(name, func(t *testing.T) {
			files := export.Files(test.results, test.namer)
			assert.Equal(t, test.want, listed(files))
			assert.Equal(t, test.want, listed(files), "the sequence can be used again")
			for range files {
				break
			}
		})
	}
}

func TestErrorsOfFiles(t *testing.T) {
	for _, err := range export.Files(sequence(result(t, "a", "x")), func(render.Environment, manifest.Object) (string, error) { return "", errMine }) {
		require.ErrorIs(t, err, errMine)
		found, ok := diag.From(err)
		require.True(t, ok)
		assert.Equal(t, []diag.Position{{File: "a/main.jsonnet"}}, found[0].Origins)
	}
}

func TestFile(t *testing.T) {
	for f, err := range export.Files(sequence(result(t, "a", "x")), nil) {
		require.NoError(t, err)
		assert.Equal(t, "a", f.Environment.Name)
		assert.Equal(t, "ConfigMap x", f.Object.String())
		var b bytes.Buffer
		n, err := f.WriteTo(&b)
		require.NoError(t, err)
		assert.Equal(t, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n", b.String())
		assert.Equal(t, int64(b.Len()), n)
		n, err = f.WriteTo(short{})
		require.ErrorIs(t, err, io.ErrShortWrite)
		assert.Equal(t, int64(1), n)
	}
	_, err := export.File{}.WriteTo(io.Discard)
	require.NoError(t, err)
}

// short writes one byte.
type short struct{}

func (short) Write([]byte) (int, error) { return 1, nil }

func TestFormat(t *testing.T) {
	env := render.Environment{Name: "environments/dev", Entrypoint: "environments/dev/main.jsonnet", Labels: map[string]string{"zone": "eu"}, Spec: render.Spec{Namespace: "shop"}}
	for template, want := range map[string]string{
		"{{.kind}}-{{.metadata.name}}.yaml":                             "ConfigMap-x.yaml",
		"{{env.metadata.name}}/{{.kind | lower}}.json":                  "environments-dev/configmap.json",
		"{{env.metadata.labels.zone}}/{{env.spec.namespace}}/{{.kind}}": "eu/shop/ConfigMap",
		"{{env.metadata.namespace}}/x":                                  "environments-dev-main.jsonnet/x",
	} {
		namer, err := export.Format(template)
		require.NoError(t, err)
		got, err := namer(env, object(t, "ConfigMap", "x"))
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}

	_, err := export.Format("{{.kind")
	var list *diag.List
	require.ErrorAs(t, err, &list)
	assert.EqualError(t, err, "format {{.kind: format:1: unclosed action")

	namer, err := export.Format("{{.metadata.namespace}}")
	require.NoError(t, err)
	for _, err := range export.Files(sequence(result(t, "a", "x")), namer) {
		found, ok := diag.From(err)
		require.True(t, ok)
		assert.EqualError(t, err, "a: ConfigMap x at .: format {{.metadata.namespace}}: no value (a/main.jsonnet)")
		assert.NotEmpty(t, found[0].Code)
	}
}

// A template has no budget of a context, so its own limit holds whatever it does, and for each
// name anew.
func TestHostileFormats(t *testing.T) {
	for _, template := range []string{
		`{{range until 1000000000}}{{end}}x`, `{{range 1000000000}}{{end}}x`, `{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, `{{repeat 1000000000 "x"}}`,
		`{{printf "%1000000d%1000000d%1000000d%*d" 1 1 1 1000000 1}}{{range 100}}{{repeat 10000000 "x"}}{{end}}`, `{{range 100}}{{range 1000}}{{$_ := repeat 10000 "x"}}{{end}}{{end}}x`,
		`{{$d := dict}}{{$_ := set $d "a" $d}}{{print $d}}`,
	} {
		namer, err := export.Format(template)
		require.NoError(t, err)
		for range 2 {
			name, err := namer(render.Environment{}, object(t, "ConfigMap", "x"))
			require.Error(t, err, template)
			assert.Empty(t, name)
		}
	}
	namer, err := export.Format(`{{range 1000}}{{$_ := repeat 10000 "x"}}{{end}}{{.metadata.name}}`)
	require.NoError(t, err)
	for range 20 {
		name, err := namer(render.Environment{}, object(t, "ConfigMap", "x"))
		require.NoError(t, err)
		assert.Equal(t, "x", name)
	}
}

func TestFormatIsConcurrent(t *testing.T) {
	namer, err := export.Format("{{env.metadata.name}}/{{.metadata.name}}")
	require.NoError(t, err)
	done := make(chan error)
	for i := range 8 {
		o, want := object(t, "ConfigMap", fmt.Sprint("o", i)), fmt.Sprintf("e%d/o%d", i, i)
		go func() {
			var err error
			for range 50 {
				name, failed := namer(render.Environment{Name: fmt.Sprint("e", i)}, o)
				if name != want {
					err = errors.Join(failed, fmt.Errorf("got %s, want %s", name, want))
				}
			}
			done <- err
		}()
	}
	for range 8 {
		require.NoError(t, <-done)
	}
}

// tree returns the files below a directory.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		out[filepath.ToSlash(rel)] = string(data)
		return err
	}))
	return out
}

func TestDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "out")
	inline := result(t, "eu", "z")
	inline.Environment.Entrypoint, inline.Environment.Inline = "clusters/main.jsonnet", true
	written, err := export.Dir(t.Context(), dir, sequence(result(t, "dev", "x", "y"), inline), export.Options{Namer: byName, Project: "here"})
	require.NoError(t, err)
	assert.Equal(t, export.Written{Environments: 2, Files: []string{"x", "y", "z"}}, written)
	files := tree(t, dir)
	assert.ElementsMatch(t, []string{".mop-manifest", "manifest.json", "x", "y", "z"}, slices.Collect(maps.Keys(files)))
	assert.JSONEq(t, `{"x": "dev/main.jsonnet", "y": "dev/main.jsonnet", "z": "clusters/main.jsonnet"}`, files["manifest.json"])
	assert.Equal(t, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: z\n", files["z"])

	again := func(o export.Options, items ...any) (export.Written, error) {
		o.Namer, o.Project = byName, "here"
		return export.Dir(t.Context(), dir, sequence(items...), o)
	}
	_, err = again(export.Options{}, result(t, "dev", "x"))
	require.ErrorContains(t, err, "want an empty directory")
	_, err = again(export.Options{Strategy: export.FailOnConflicts}, result(t, "dev", "x"))
	require.ErrorContains(t, err, "x: wanted for ConfigMap x at . (environment dev), but there from dev/main.jsonnet")
	assert.Equal(t, files, tree(t, dir), "nothing changed")

	written, err = again(export.Options{Strategy: export.ReplaceEnvs}, result(t, "dev", "x", "w"))
	require.NoError(t, err)
	assert.Equal(t, export.Written{Environments: 1, Files: []string{"w", "x"}, Removed: []string{"y"}}, written)
	written, err = again(export.Options{Strategy: export.ReplaceEnvs, Entrypoints: []string{"clusters/main.jsonnet"}})
	require.NoError(t, err)
	assert.Equal(t, []string{"z"}, written.Removed)
	written, err = again(export.Options{Strategy: export.ReplaceEnvs, Deleted: []string{"dev/main.jsonnet", "none/main.jsonnet"}, InPlace: true})
	require.NoError(t, err)
	assert.Equal(t, []string{"w", "x"}, written.Removed)
	require.Len(t, written.Warnings, 1)

	bare := t.TempDir()
	_, err = export.Dir(t.Context(), bare, sequence(result(t, "dev", "x")), export.Options{NoIndex: true})
	require.NoError(t, err)
	assert.Len(t, tree(t, bare), 1)
}

// What goes wrong leaves the directory as it was, and the errors stay in the chain.
func TestDirFails(t *testing.T) {
	good := result(t, "a", "x")
	for name, test := range map[string]struct {
		dir     string
		results iter.Seq2[*render.Result, error]
		options export.Options
		want    string
		is      error
	}{
		"no directory":  {"", sequence(), export.Options{}, "export: want a directory, got none", nil},
		"no sequence":   {"d", nil, export.Options{}, "export: want a sequence of results, got nil", nil},
		"strategy":      {"d", sequence(good), export.Options{Strategy: "all"}, `merge strategy: want fail-on-conflicts or replace-envs, got "all"`, nil},
		"error":         {"d", sequence(good, errMine), export.Options{}, "mine", errMine},
		"two errors":    {"d", sequence(errMine, io.ErrNoProgress, good), export.Options{}, "mine (and 1 more)", io.ErrNoProgress},
		"wrapped fault": {"d", sequence(wrapping{diag.List{{Subject: "s", Problem: "p"}}.Err()}), export.Options{}, "s: p", errMine},
		"limit":         {"d", sequence(&jsonnet.LimitError{Limit: "memory", Err: diag.List{{Subject: "s", Problem: "p"}}.Err()}), export.Options{}, "s: p", jsonnet.ErrLimit},
		"nil result":    {"d", sequence(good, nil), export.Options{}, "export: want a result or an error, got neither", nil},
		"sequence panics": {"d", func(yield func(*render.Result, error) bool) {
			yield(good, nil)
			panic(errMine)
		}, export.Options{}, "the sequence of results panicked: mine", errMine},
		"namer":        {"d", sequence(result(t, "a", "x", "y")), export.Options{Namer: func(render.Environment, manifest.Object) (string, error) { return "", errMine }}, "a: ConfigMap x at .: mine (and so for 1 more) (a/main.jsonnet)", errMine},
		"namer panics": {"d", sequence(good), export.Options{Namer: func(render.Environment, manifest.Object) (string, error) { panic(errMine) }}, "a: ConfigMap x at .: the namer panicked: mine (a/main.jsonnet)", errMine},
		"leaves":       {"d", sequence(result(t, "a", "../x")), export.Options{Namer: byName}, `a: ConfigMap ../x at .: namer gives "../x": want a path below the directory, got one that leaves it (a/main.jsonnet)`, nil},
		"twice":        {"d", sequence(good, result(t, "b", "x")), export.Options{Namer: byName}, "x: want one object, got 2: ConfigMap x at . (environment a), ConfigMap x at . (environment b) (a/main.jsonnet)", nil},
		"write":        {"d", sequence(good), export.Options{Namer: byName, Write: func(io.Writer, export.File) error { return errMine }}, "export into DIR: x: mine", errMine},
		"write panics": {"d", sequence(good), export.Options{Namer: byName, Write: func(io.Writer, export.File) error { panic(errMine) }}, "export into DIR: x: the function that writes it panicked: mine", errMine},
	} {
		t.Run(name, func(t *testing.T) {
			dir := test.dir
			if dir != "" {
				dir = filepath.Join(t.TempDir(), dir)
				require.NoError(t, os.Mkdir(dir, 0o777))
			}
			written, err := export.Dir(t.Context(), dir, test.results, test.options)
			assert.Equal(t, export.Written{}, written)
			require.EqualError(t, err, strings.ReplaceAll(test.want, "DIR", dir))
			if test.is != nil {
				require.ErrorIs(t, err, test.is)
			}
			if dir != "" {
				assert.Empty(t, tree(t, filepath.Dir(dir)))
			}
		})
	}
}

// wrapping is an error of another type around diagnostics.
type wrapping struct{ error }

func (w wrapping) Unwrap() []error { return []error{w.error, errMine} }

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	_, err := export.Dir(t.Context(), dir, sequence(result(t, "a", "x", "y"), result(t, "b", "z")), export.Options{
		Namer: byName, NoIndex: true,
		Write: func(w io.Writer, f export.File) error {
			_, err := fmt.Fprintf(w, "%s of %s is %v", f.Name, f.Environment.Name, f.Object)
			return err
		},
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"x": "x of a is ConfigMap x", "y": "y of a is ConfigMap y", "z": "z of b is ConfigMap z"}, tree(t, dir))
}

// Nothing waits for what a caller gives once the context has ended.
func TestDirEnds(t *testing.T) {
	good := result(t, "a", "x")
	for name, given := range map[string]func(block func()) (iter.Seq2[*render.Result, error], export.Options){
		"sequence": func(block func()) (iter.Seq2[*render.Result, error], export.Options) {
			return func(yield func(*render.Result, error) bool) {
				if yield(good, nil) {
					block()
					yield(good, nil)
				}
			}, export.Options{}
		},
		"namer": func(block func()) (iter.Seq2[*render.Result, error], export.Options) {
			return sequence(good), export.Options{Namer: func(render.Environment, manifest.Object) (string, error) { block(); return "x", nil }}
		},
		"write": func(block func()) (iter.Seq2[*render.Result, error], export.Options) {
			return sequence(good), export.Options{Write: func(w io.Writer, _ export.File) error {
				block()
				_, err := w.Write([]byte("late"))
				return err
			}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			release, done := make(chan struct{}), make(chan struct{})
			results, options := given(func() {
				defer close(done)
				cancel(errMine)
				<-release
			})
			dir := filepath.Join(t.TempDir(), "out")
			_, err := export.Dir(ctx, dir, results, options)
			require.ErrorIs(t, err, errMine)
			assert.NoDirExists(t, dir)
			close(release)
			<-done
			assert.Empty(t, tree(t, filepath.Dir(dir)))
		})
	}
}

// After an error of its own Dir has ended the loop over the results before it returns.
func TestDirEndsItsLoop(t *testing.T) {
	running := true
	_, err := export.Dir(t.Context(), t.TempDir(), func(yield func(*render.Result, error) bool) {
		defer func() { running = false }()
		for yield(result(t, "a", "x"), nil) {
			continue
		}
	}, export.Options{Write: func(io.Writer, export.File) error { return errMine }})
	require.ErrorIs(t, err, errMine)
	assert.False(t, running)
}

// Dir takes a result when it has written all before.
func TestDirKeepsNoResults(t *testing.T) {
	written := 0
	_, err := export.Dir(t.Context(), t.TempDir(), func(yield func(*render.Result, error) bool) {
		for i := range 50 {
			if !yield(result(t, "a", fmt.Sprint("x", i)), nil) {
				return
			}
			assert.GreaterOrEqual(t, written, i)
		}
	}, export.Options{Namer: byName, Write: func(io.Writer, export.File) error { written++; return nil }})
	require.NoError(t, err)
	assert.Equal(t, 50, written)
}
