package export_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/internal/export"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

func object(t testing.TB, text string) manifest.Object {
	t.Helper()
	var v map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &v))
	o, found := manifest.New(manifest.Path{"x"}, v)
	require.Empty(t, found)
	return o
}

func configMap(t testing.TB, name, value string) manifest.Object {
	return object(t, fmt.Sprintf(`{apiVersion: v1, kind: ConfigMap, metadata: {name: %q}, data: {value: %q}}`, name, value))
}

// environment returns one with a ConfigMap for each name.
func environment(t testing.TB, name string, objects ...string) export.Environment {
	env := export.Environment{
		Name: name, Namespace: name + "/main.jsonnet",
		Template: map[string]any{"metadata": map[string]any{"name": name}},
	}
	for _, o := range objects {
		env.Objects = append(env.Objects, configMap(t, o, name))
	}
	return env
}

func job(envs ...export.Environment) export.Job { return export.Rendered(envs[0].Namespace, envs...) }

func failing(name string, err error) export.Job {
	return export.Job{Name: name, Open: func(context.Context) (export.Entrypoint, error) { return export.Entrypoint{}, err }}
}

// tree returns the files below dir with their content, and the empty folders with "/".
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == dir {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir():
			entries, err := os.ReadDir(name)
			if len(entries) == 0 {
				out[rel+"/"] = ""
			}
			return err
		case d.Type() == fs.ModeSymlink:
			link, err := os.Readlink(name)
			out[rel] = "-> " + link
			return err
		}
		data, err := os.ReadFile(name)
		out[rel] = string(data)
		return err
	})
	require.NoError(t, err)
	return out
}

// plant writes files below dir, or folders for names that end in a slash.
func plant(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if strings.HasSuffix(name, "/") {
			require.NoError(t, os.MkdirAll(path, 0o755))
			continue
		}
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
}

// clean requires that parent has the names and nothing else.
func clean(t testing.TB, parent string, names ...string) {
	t.Helper()
	var got []string
	entries, err := os.ReadDir(parent)
	require.NoError(t, err)
	for _, e := range entries {
		got = append(got, e.Name())
	}
	assert.ElementsMatch(t, names, got)
}

func text(t testing.TB, err error) string {
	t.Helper()
	l, ok := diag.From(err)
	if !ok {
		return fmt.Sprint(err)
	}
	var b strings.Builder
	require.NoError(t, diag.Write(&b, l, diag.Options{}))
	return b.String()
}

func yamlOf(t testing.TB, o manifest.Object) string {
	b, err := o.YAML(t.Context())
	require.NoError(t, err)
	return string(b)
}

// A plain export has these names and contents, and these bytes of manifest.json.
func TestRun(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "made", "out")
	var progress []string
	res, err := export.Run(t.Context(), dir, []export.Job{
		job(environment(t, "env/b", "b2", "b1"), environment(t, "env/b", "b3")),
		job(environment(t, "env/<a>", "a")),
		job(environment(t, "env/empty")),
	}, export.Options{
		Format:   "{{env.metadata.name | base}}/{{.kind}}-{{.metadata.name}}",
		Parallel: 2,
		Progress: func(done, total int) { progress = append(progress, fmt.Sprint(done, "/", total)) },
	})
	require.NoError(t, err)
	assert.Equal(t, export.Result{
		Environments: 4,
		Files:        []string{"<a>/ConfigMap-a.yaml", "b/ConfigMap-b1.yaml", "b/ConfigMap-b2.yaml", "b/ConfigMap-b3.yaml"},
	}, res)
	assert.Equal(t, map[string]string{
		"<a>/ConfigMap-a.yaml": yamlOf(t, configMap(t, "a", "env/<a>")),
		"b/ConfigMap-b1.yaml":  yamlOf(t, configMap(t, "b1", "env/b")),
		"b/ConfigMap-b2.yaml":  yamlOf(t, configMap(t, "b2", "env/b")),
		"b/ConfigMap-b3.yaml":  yamlOf(t, configMap(t, "b3", "env/b")),
		// Indented and escaped as Tanka does, without a final newline.
		"manifest.json": `{
    "\u003ca\u003e/ConfigMap-a.yaml": "env/\u003ca\u003e/main.jsonnet",
    "b/ConfigMap-b1.yaml": "env/b/main.jsonnet",
    "b/ConfigMap-b2.yaml": "env/b/main.jsonnet",
    "b/ConfigMap-b3.yaml": "env/b/main.jsonnet"
}`,
	}, tree(t, dir))
	assert.Equal(t, "4/4", progress[len(progress)-1])
	clean(t, filepath.Dir(dir), "out")
}

// Neither the number of workers nor chance influences the result.
func TestParallelDoesNotMatter(t *testing.T) {
	trees, reports := map[string]bool{}, map[string]bool{}
	for range 3 {
		for _, parallel := range []int{1, 8} {
			var jobs, colliding []export.Job
			for i := range 40 {
				env := environment(t, fmt.Sprintf("env/%02d", i), "a", "b", "c")
				jobs = append(jobs, job(env))
				colliding = append(colliding, job(env))
				if i%10 == 3 {
					colliding = append(colliding, failing(env.Namespace, fmt.Errorf("broken %d", i)))
				}
			}
			o := export.Options{Parallel: parallel}
			_, err := export.Run(t.Context(), filepath.Join(t.TempDir(), "out"), colliding, o)
			reports[text(t, err)] = true

			o.Format = "{{env.metadata.name}}-{{.metadata.name}}"
			dir := filepath.Join(t.TempDir(), "out")
			_, err = export.Run(t.Context(), dir, jobs, o)
			require.NoError(t, err)
			trees[fmt.Sprint(tree(t, dir))] = true
		}
	}
	assert.Len(t, trees, 1)
	assert.Len(t, reports, 1)
}

// The faults of several jobs are reported together, and nothing is changed.
func TestAllFailuresAreReported(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	plant(t, dir, map[string]string{"x": "own"})
	before := tree(t, dir)
	_, err := export.Run(t.Context(), dir, []export.Job{
		job(environment(t, "b", "one")),
		failing("e", fmt.Errorf("environment e: %w", diag.List{{Subject: "e.spec", Problem: "bad"}}.Err())),
		job(environment(t, "a", "one", "two")),
		failing("d", errors.New("no disk")),
		job(export.Environment{Name: "c", Namespace: "c/main.jsonnet", Objects: []manifest.Object{
			object(t, `{apiVersion: v1, kind: Pod, metadata: {generateName: p-}}`),
			object(t, `{apiVersion: v1, kind: Pod, metadata: {generateName: q-}}`),
		}}),
	}, export.Options{MergeStrategy: export.FailOnConflicts, Format: "{{.kind}}-{{.metadata.name}}"})
	assert.Equal(t, `ConfigMap-one.yaml: want one object, got 2: ConfigMap one at x (environment a), ConfigMap one at x (environment b)
    a/main.jsonnet
    b/main.jsonnet
    hint: add to the format what tells them apart, such as {{env.metadata.name}} or {{.metadata.namespace}}
c: Pod p- at x: format {{.metadata.name}}: no value (and so for 1 more)
    c/main.jsonnet
    hint: say what stands for it where it is missing: {{or .metadata.namespace "none"}}
d: no disk
e.spec: bad
`, text(t, err))
	assert.Equal(t, before, tree(t, dir))
	clean(t, filepath.Dir(dir), "out")
}

func TestConflicts(t *testing.T) {
	many := func(n int) (envs []export.Environment) {
		for i := range n {
			envs = append(envs, environment(t, fmt.Sprintf("e%d", i), "one"))
		}
		return envs
	}
	tests := []struct{ name, format, want string }{
		{"more than a message holds", "same", `same.yaml: want one object, got 7: ConfigMap one at x (environment e0), ConfigMap one at x (environment e1), ConfigMap one at x (environment e2), ConfigMap one at x (environment e3), ConfigMap one at x (environment e4), 2 more
    e0/main.jsonnet
    e1/main.jsonnet
    e2/main.jsonnet
    e3/main.jsonnet
    e4/main.jsonnet
    hint: add to the format what tells them apart, such as {{env.metadata.name}} or {{.metadata.namespace}}
`},
		{"file and folder", `a{{if ne env.metadata.name "e0"}}.yaml/{{env.metadata.name}}{{end}}`, `a.yaml: a file, but wanted as a folder for ConfigMap one at x (environment e1)
    e1/main.jsonnet
`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var jobs []export.Job
			for _, env := range many(7) {
				jobs = append(jobs, job(env))
			}
			parent := t.TempDir()
			_, err := export.Run(t.Context(), filepath.Join(parent, "out"), jobs, export.Options{Format: tt.format})
			assert.Equal(t, tt.want, text(t, err))
			clean(t, parent)
		})
	}
}

func TestNamesThatDifferInCaseOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	plant(t, dir, map[string]string{"A-ONE.yaml": "own", "other": "own", "OTHER": "own"})
	res, err := export.Run(t.Context(), dir, []export.Job{job(environment(t, "a", "one", "One"))},
		export.Options{Format: "a-{{.metadata.name}}", MergeStrategy: export.FailOnConflicts})
	require.NoError(t, err)
	assert.Equal(t, diag.List{{
		Severity: diag.Warning, Subject: "A-ONE.yaml", Problem: "only its case tells it from a-One.yaml, a-one.yaml",
		Code: failure.SameLetters,
	}}, res.Warnings)
}

// Write makes the content of an object's file.
func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	_, err := export.Run(t.Context(), dir, []export.Job{job(environment(t, "a", "one"))}, export.Options{
		Extension: "txt", SkipManifest: true,
		Write: func(w io.Writer, o manifest.Object) error { _, err := io.WriteString(w, o.ID().String()); return err },
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"v1.ConfigMap-one.txt": "ConfigMap one"}, tree(t, dir))
}

// A merge keeps modes, links and times of the files that it does not write.
func TestKeptFilesAreUntouched(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	plant(t, dir, map[string]string{"bin/run": "own", "closed/x": "own"})
	require.NoError(t, os.Symlink("../elsewhere", filepath.Join(dir, "link")))
	require.NoError(t, os.Chmod(filepath.Join(dir, "bin/run"), 0o750))
	require.NoError(t, os.Chmod(filepath.Join(dir, "closed"), 0o555))
	require.NoError(t, os.Chmod(dir, 0o711))
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "closed"), 0o755) })
	before, err := os.Stat(filepath.Join(dir, "bin/run"))
	require.NoError(t, err)

	_, err = export.Run(t.Context(), dir, []export.Job{job(environment(t, "a", "one"))},
		export.Options{Format: "bin/{{.metadata.name}}", MergeStrategy: export.FailOnConflicts, SkipManifest: true})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"bin/run": "own", "closed/x": "own", "link": "-> ../elsewhere", "bin/one.yaml": yamlOf(t, configMap(t, "one", "a")),
	}, tree(t, dir))
	after, err := os.Stat(filepath.Join(dir, "bin/run"))
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after))
	assert.Equal(t, before.Mode(), after.Mode())
	for name, mode := range map[string]fs.FileMode{".": 0o711, "closed": 0o555} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, mode, info.Mode().Perm(), name)
	}
}

func TestSymbolicLinkToTheDirectory(t *testing.T) {
	parent := t.TempDir()
	require.NoError(t, os.Symlink("real", filepath.Join(parent, "link")))
	for range 2 { // Once dangling, once not.
		_, err := export.Run(t.Context(), filepath.Join(parent, "link"), []export.Job{job(environment(t, "a", "one"))},
			export.Options{MergeStrategy: export.ReplaceEnvs})
		require.NoError(t, err)
		assert.Contains(t, tree(t, filepath.Join(parent, "real")), "v1.ConfigMap-one.yaml")
		clean(t, parent, "real", "link")
	}
}

func TestTargetIsAFile(t *testing.T) {
	parent := t.TempDir()
	file := filepath.Join(parent, "out")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err := export.Run(t.Context(), file, []export.Job{job(environment(t, "a", "one"))}, export.Options{})
	require.Error(t, err)
	assert.Equal(t, fmt.Sprintf("export into %s: mkdir %s: not a directory", file, file), err.Error())
	clean(t, parent, "out")
}

// A format's functions can change maps, but must not change an object.
func TestFormatsCannotChangeObjects(t *testing.T) {
	env := environment(t, "a", "one")
	want := yamlOf(t, env.Objects[0])
	dir := filepath.Join(t.TempDir(), "out")
	_, err := export.Run(t.Context(), dir, []export.Job{job(env)}, export.Options{
		Format:       `{{$_ := set .metadata "name" "x"}}{{$_ := set env.metadata "name" "y"}}{{.metadata.name}}-{{env.metadata.name}}`,
		SkipManifest: true,
	})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"x-a.yaml": want}, tree(t, dir))
	assert.Equal(t, environment(t, "a", "one").Template, env.Template)
}

func Example() {
	o, _ := manifest.New(nil, map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "web"},
	})
	dev := export.Rendered("environments/dev/main.jsonnet", export.Environment{
		Name: "environments/dev", Namespace: "environments/dev/main.jsonnet", Objects: []manifest.Object{o},
	})
	parent, err := os.MkdirTemp("", "")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(parent)

	dir := filepath.Join(parent, "out")
	res, err := export.Run(context.Background(), dir, []export.Job{dev}, export.Options{})
	if err != nil {
		panic(err)
	}
	index, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		panic(err)
	}
	fmt.Println(res.Files)
	fmt.Println(string(index))
	// Output:
	// [v1.ConfigMap-web.yaml]
	// {
	//     "v1.ConfigMap-web.yaml": "environments/dev/main.jsonnet"
	// }
}

// Find returns the source of a file by the nearest manifest.json that has the file, and by
// the record beside it.
func TestFind(t *testing.T) {
	root := t.TempDir()
	plant(t, root, map[string]string{
		"manifest.json":       `{"out/a/x.yaml": "wrong/main.jsonnet", "out/a/z.yaml": "far/main.jsonnet"}`,
		"out/manifest.json":   `{"./a/x.yaml": "dev/main.jsonnet", "a/w.yaml": "prod/main.jsonnet"}`,
		"out/a/manifest.json": `{"name": "of another program", "icons": {}}`,
		"out/.mop-manifest": `{"version": 1, "environments": [
			{"project": "../q", "entrypoint": "dev/main.jsonnet", "environment": "eu", "files": ["a/x.yaml", "a/y.yaml", "a/w.yaml"]}]}`,
	})
	for file, want := range map[string]export.Source{
		"out/a/x.yaml": {Project: "../q", Entrypoint: "dev/main.jsonnet", Environment: "eu"},
		"out/a/w.yaml": {Entrypoint: "prod/main.jsonnet"},
		"out/a/y.yaml": {},
		"out/a/z.yaml": {Entrypoint: "far/main.jsonnet"},
	} {
		got, dir, known := export.Find(t.Context(), filepath.Join(root, filepath.FromSlash(file)))
		assert.Equal(t, want, got, file)
		assert.Equal(t, want.Entrypoint != "", known, file)
		if q, ok := got.ProjectDir(dir); assert.Equal(t, want.Project != "", ok, file) && ok {
			assert.Equal(t, filepath.Join(root, "q"), q)
		}
	}
}
