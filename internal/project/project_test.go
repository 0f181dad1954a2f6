package project_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// tree writes files below a new directory and returns its real path. A text
// that begins with -> makes a symbolic link.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for name, text := range files {
		p := filepath.Join(root, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(p), 0o777))
		if target, ok := strings.CutPrefix(text, "->"); ok {
			require.NoError(t, os.Symlink(strings.ReplaceAll(target, "ROOT", root), p))
			continue
		}
		require.NoError(t, os.WriteFile(p, []byte(text), 0o666))
	}
	return root
}

func render(t *testing.T, err error) string {
	t.Helper()
	l, ok := diag.From(err)
	require.True(t, ok, "want diagnostics, got %v", err)
	var b strings.Builder
	require.NoError(t, diag.Write(&b, l, diag.Options{}))
	return b.String()
}

func TestFindRoot(t *testing.T) {
	root := tree(t, map[string]string{
		"a/jsonnetfile.json":         "{}",
		"a/b/jsonnetfile.json":       "{}",
		"a/b/env/main.jsonnet":       "{}",
		"tk/tkrc.yaml":               "",
		"tk/sub/jsonnetfile.json":    "{}",
		"tk/sub/env/main.jsonnet":    "{}",
		"none/main.jsonnet":          "{}",
		"dir/jsonnetfile.json/x/y":   "a directory of this name is no marker",
		"dir/jsonnetfile.json/x/env": "",
	})
	tests := []struct{ name, dir, want string }{
		{"nearest jsonnetfile", "a/b/env", "a/b"},
		{"the root itself", "a", "a"},
		{"tkrc wins over a nearer jsonnetfile", "tk/sub/env", "tk"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := project.Find(filepath.Join(root, tt.dir), project.Options{})
			require.NoError(t, err)
			got, ok := p.Path(".")
			require.True(t, ok)
			assert.Equal(t, filepath.Join(root, tt.want), got)
		})
	}
	for _, dir := range []string{"none", "dir/jsonnetfile.json/x"} {
		_, err := project.Find(filepath.Join(root, dir), project.Options{})
		assert.Contains(t, render(t, err), "no project here: neither tkrc.yaml nor jsonnetfile.json")
	}
}

func TestReadFileStaysInside(t *testing.T) {
	root := tree(t, map[string]string{
		"p/jsonnetfile.json":   "{}",
		"p/lib/a":              "inside",
		"p/link":               "->lib/a",
		"p/absolute":           "->ROOT/p/lib/a",
		"p/escape":             "->../secret",
		"p/escape-dir":         "->..",
		"p/shared-link":        "->../shared/s",
		"p/dangling":           "->../nothing",
		"p/dangling-inside":    "->lib/nothing",
		"secret":               "outside",
		"shared/s":             "shared",
		"shared/up":            "->../secret",
		"single":               "one file",
		"single-sibling":       "another file",
		"p/lib/loop":           "->loop",
		"p/environments/x.txt": "x",
	})
	plain, err := project.Find(filepath.Join(root, "p"), project.Options{})
	require.NoError(t, err)
	wider, err := project.Find(filepath.Join(root, "p"), project.Options{
		ImportDirs: []string{filepath.Join(root, "shared")},
		Files:      []string{filepath.Join(root, "single"), filepath.Join(root, "absent")},
	})
	require.NoError(t, err)

	tests := []struct {
		name        string
		plain, wide string // contents, or the error
	}{
		{"lib/a", "inside", "inside"},
		{"./lib/../lib/a", "inside", "inside"},
		{"link", "inside", "inside"},
		{"absolute", "inside", "inside"},
		{root + "/p/lib/a", "inside", "inside"},
		{"escape", "outside", "outside"},
		{"escape-dir/secret", "outside", "outside"},
		{"../secret", "outside", "outside"},
		{root + "/secret", "outside", "outside"},
		{"/etc/passwd", "outside", "outside"},
		{"/nothing/here", "outside", "outside"},
		{"../nothing", "outside", "outside"},
		{"dangling", "outside", "outside"},
		{"dangling-inside", "missing", "missing"},
		{"escape-dir/nothing", "outside", "outside"},
		{"escape-dir/nothing/below", "outside", "outside"},
		{"lib/none", "missing", "missing"},
		{"../shared/s", "outside", "shared"},
		{"shared-link", "outside", "shared"},
		{"../shared/up", "outside", "outside"},
		{"../single", "outside", "one file"},
		{"../single-sibling", "outside", "outside"},
	}
	read := func(p *project.Project, name string) string {
		data, err := p.ReadFile(t.Context(), name)
		switch {
		case err == nil:
			return string(data)
		case assert.ErrorAs(t, err, new(*fs.PathError)) && errors.Is(err, project.ErrOutside):
			return "outside"
		case errors.Is(err, fs.ErrNotExist):
			return "missing"
		}
		return err.Error()
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, root, "ROOT"), func(t *testing.T) {
			assert.Equal(t, tt.plain, read(plain, tt.name), "plain")
			assert.Equal(t, tt.wide, read(wider, tt.name), "with an import directory and a file")
		})
	}
	_, err = plain.ReadFile(t.Context(), "lib/loop")
	assert.Error(t, err)

	_, err = project.Find(filepath.Join(root, "p"), project.Options{ImportDirs: []string{filepath.Join(root, "nowhere")}})
	assert.Contains(t, render(t, err), "import directory: no such file or directory")
}

func TestSearchPath(t *testing.T) {
	root := tree(t, map[string]string{"p/jsonnetfile.json": "{}", "one/x": "", "p/two/x": ""})
	p, err := project.Find(filepath.Join(root, "p"), project.Options{
		ImportDirs: []string{filepath.Join(root, "one"), filepath.Join(root, "p", "two")},
	})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"two", "../one", "environments/dev", "lib",
		"environments/dev/vendor", "environments/dev/vendor-jsonnet", "vendor", "vendor-jsonnet",
	}, p.SearchPath("environments/dev"))
	assert.Equal(t, []string{"two", "../one", ".", "lib", "vendor", "vendor-jsonnet"}, p.SearchPath("."))
}

func environments() fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range map[string]string{
		"environments/dev/main.jsonnet":            "{}",
		"environments/dev/spec.json":               `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"labels": {"a": "b"}}, "spec": {"namespace": "n", "injectLabels": true, "resourceDefaults": {"labels": {"x": "y"}}}}`,
		"environments/dev/sub/notes.txt":           "",
		"environments/dev/other.jsonnet":           "{}",
		"environments/production/main.jsonnet":     "{}",
		"environments/staging-eu/main.jsonnet":     "{}",
		"environments/staging-us/main.jsonnet":     "{}",
		"teams/a/staging-eu/main.jsonnet":          "{}",
		"teams/a/broken/main.jsonnet":              "{}",
		"teams/a/broken/spec.json":                 `{"spec": `,
		"vendor/x/main.jsonnet":                    "{}",
		"vendor-jsonnet/x/main.jsonnet":            "{}",
		".git/x/main.jsonnet":                      "{}",
		"environments/dev/vendor/lib/main.jsonnet": "{}",
		"lib/x.libsonnet":                          "{}",
	} {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestEnvironment(t *testing.T) {
	p := project.New(environments())
	found := []struct {
		name, arg, dir, want, entrypoint string
		guessed                          bool
	}{
		{"directory", "environments/dev", ".", "environments/dev", "environments/dev/main.jsonnet", false},
		{"trailing slash", "./environments/dev/", ".", "environments/dev", "environments/dev/main.jsonnet", false},
		{"directory below", "environments/dev/sub", ".", "environments/dev", "environments/dev/main.jsonnet", false},
		{"relative to a directory", ".", "environments/dev", "environments/dev", "environments/dev/main.jsonnet", false},
		{"parent of a directory", "../dev", "environments/production", "environments/dev", "environments/dev/main.jsonnet", false},
		{"file", "environments/dev/other.jsonnet", ".", "environments/dev", "environments/dev/other.jsonnet", false},
		{"name from elsewhere", "environments/dev", "lib", "environments/dev", "environments/dev/main.jsonnet", false},
		{"last part", "production", ".", "environments/production", "environments/production/main.jsonnet", false},
		{"beginning of the name", "environments/prod", ".", "environments/production", "environments/production/main.jsonnet", true},
		{"beginning of the last part", "prod", ".", "environments/production", "environments/production/main.jsonnet", true},
		{"beginning within a directory", "prod", "environments", "environments/production", "environments/production/main.jsonnet", true},
		{"beginning of the last two parts", "a/stag", ".", "teams/a/staging-eu", "teams/a/staging-eu/main.jsonnet", true},
	}
	for _, tt := range found {
		t.Run(tt.name, func(t *testing.T) {
			m, err := p.Environment(t.Context(), tt.arg, tt.dir)
			require.NoError(t, err)
			assert.Equal(t, tt.want, m.Dir)
			assert.Equal(t, tt.entrypoint, m.Entrypoint)
			assert.Equal(t, tt.guessed, m.Guessed)
		})
	}
	failed := []struct{ name, arg, want string }{
		{"ambiguous beginning", "staging", "staging: ambiguous: could be environments/staging-eu, environments/staging-us, teams/a/staging-eu\n    hint: give more of the name\n"},
		{"ambiguous name", "staging-eu", "staging-eu: ambiguous: could be environments/staging-eu, teams/a/staging-eu\n    hint: give more of the name\n"},
		{"misspelt", "environments/prodction", "environments/prodction: no such environment, directory or file\n    hint: did you mean \"environments/production\"?\n"},
		{"misspelt last part", "prdo", "prdo: no such environment, directory or file\n    hint: environments are environments/dev, environments/production, environments/staging-eu, environments/staging-us, teams/a/broken, teams/a/staging-eu\n"},
		{"misspelt, near enough", "produktion", "produktion: no such environment, directory or file\n    hint: did you mean \"environments/production\"?\n"},
		{"no environment", "environments", "environments: not an environment: no main.jsonnet here or in a parent directory\n    hint: environments below it: environments/dev, environments/production, environments/staging-eu, environments/staging-us\n"},
		{"nothing below", "lib", "lib: not an environment: no main.jsonnet here or in a parent directory\n"},
		{"broken spec", "teams/a/broken", "teams/a/broken/spec.json:1:10: unexpected end of file\n"},
	}
	for _, tt := range failed {
		t.Run(tt.name, func(t *testing.T) {
			_, err := p.Environment(t.Context(), tt.arg, ".")
			assert.Equal(t, tt.want, render(t, err))
		})
	}
	// The whole name of an environment is never ambiguous.
	p = project.New(fstest.MapFS{"dev/main.jsonnet": {}, "teams/dev/main.jsonnet": {}, "lib/x": {}})
	m, err := p.Environment(t.Context(), "dev", "lib")
	require.NoError(t, err)
	assert.Equal(t, "dev", m.Dir)
	assert.False(t, m.Guessed)

	_, err = project.New(fstest.MapFS{}).Environment(t.Context(), "dev", ".")
	assert.Contains(t, render(t, err), "the project has none")
}

func TestEnvironments(t *testing.T) {
	envs, err := project.New(environments()).Environments(t.Context(), ".")
	assert.Equal(t, "teams/a/broken/spec.json:1:10: unexpected end of file\n", render(t, err))
	var dirs []string
	for _, env := range envs {
		dirs = append(dirs, env.Dir)
	}
	assert.Equal(t, []string{
		"environments/dev", "environments/production", "environments/staging-eu", "environments/staging-us", "teams/a/staging-eu",
	}, dirs)
	require.NotNil(t, envs[0].Resource)
	assert.Equal(t, project.Resource{
		APIVersion: project.APIVersion,
		Kind:       project.Kind,
		Metadata:   project.Metadata{Labels: map[string]string{"a": "b"}},
		Spec:       project.Spec{Namespace: "n", InjectLabels: true, ResourceDefaults: project.ResourceDefaults{Labels: map[string]string{"x": "y"}}},
	}, *envs[0].Resource)
	assert.Nil(t, envs[1].Resource)
}

func TestParseSpec(t *testing.T) {
	head := `"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment"`
	tests := []struct {
		name, in, want string
		fails          bool
	}{
		{"complete", `{` + head + `, "metadata": {"name": "x", "namespace": "y"}, "spec": {"apiServer": "https://x", "contextNames": ["a"], "namespace": "n", "diffStrategy": "native", "applyStrategy": "server", "injectLabels": true, "tankaEnvLabelFromFields": [".metadata.name"], "resourceDefaults": {"annotations": {"a": "b"}, "labels": {}}, "expectVersions": {"tanka": ">=0.30", "kubernetes": "v1.31.4"}, "exportJsonnetImplementation": "go"}}`, "", false},
		{"null", `{` + head + `, "metadata": null, "spec": {"namespace": null}}`, "", false},
		{"misspelt", "{" + head + ",\n  \"spec\": {\n    \"injectLables\": true\n  }\n}", "spec.json:3:5: spec.injectLables: warning: unknown field\n    hint: did you mean \"injectLabels\"?\n", false},
		{"unknown", `{` + head + `, "spec": {}, "colour": {"deep": [1, {}]}}`, "spec.json:1:73: colour: warning: unknown field\n    hint: known fields are apiVersion, kind, metadata, spec\n", false},
		{"twice", `{` + head + `, "spec": {"namespace": "a", "namespace": "b"}}`, "spec.json:1:88: spec.namespace: warning: set twice; the last one counts\n", false},
		{"deprecated", `{` + head + `, "server": "s", "namespace": "n", "team": 1}`, "spec.json:1:61: server: warning: deprecated; use spec.apiServer\nspec.json:1:76: namespace: warning: has no effect, as in Tanka; use spec.namespace\nspec.json:1:94: team: warning: deprecated; use metadata.labels.team\nspec.json:1:102: team: want a string, got a number\n", true},
		{"case", `{` + head + `, "Spec": {"NAMESPACE": 1}, "Server": 1}`, "spec.json:1:61: Spec: warning: is taken for the field \"spec\"\n    hint: spell it \"spec\"\nspec.json:1:70: Spec.NAMESPACE: warning: is taken for the field \"namespace\"\n    hint: spell it \"namespace\"\nspec.json:1:83: Spec.NAMESPACE: want a string, got a number\nspec.json:1:87: Server: warning: deprecated; use spec.apiServer\nspec.json:1:97: Server: want a string, got a number\n", true},
		{"foreign", `{"apiVersion": "v1"}`, "spec.json: apiVersion: warning: want \"tanka.dev/v1alpha1\", got \"v1\"\nspec.json: kind: warning: want \"Environment\", got \"\"\n", false},
		{"wrong types", `{` + head + `, "metadata": {"labels": {"a": 1}}, "spec": {"namespace": ["n"], "contextNames": "x", "injectLabels": "yes"}}`, "spec.json:1:90: metadata.labels.a: want a string, got a number\nspec.json:1:117: spec.namespace: want a string, got an array\nspec.json:1:140: spec.contextNames: want an array, got a string\nspec.json:1:161: spec.injectLabels: want a boolean, got a string\n", true},
		{"not an object", `[]`, "spec.json:1:1: want an object, got an array\n", true},
		{"empty", ``, "spec.json:1:1: unexpected end of file\n", true},
		{"syntax", "{\n  \"spec\": {]\n}", "spec.json:2:12: invalid character ']'", true},
		{"trailing text", `{` + head + `} x`, "spec.json:1:", true},
		{"nested", strings.Repeat("[", 200), "nested too deeply", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, l := project.ParseSpec("spec.json", []byte(tt.in))
			var b strings.Builder
			require.NoError(t, diag.Write(&b, l, diag.Options{}))
			assert.Equal(t, tt.fails, l.Err() != nil)
			if strings.HasSuffix(tt.want, "\n") || tt.want == "" {
				assert.Equal(t, tt.want, b.String())
			} else {
				assert.Contains(t, b.String(), tt.want)
			}
		})
	}
}

// The default of the namespace is Tanka's, but an explicit "" stays.
func TestParseSpecNamespace(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: "default", `{"spec": {}}`: "default", `{"spec": {"namespace": null}}`: "default",
		`{"spec": {"namespace": ""}}`: "", `{"spec": {"namespace": "n"}}`: "n",
	} {
		r, l := project.ParseSpec("spec.json", []byte(text))
		require.NoError(t, l.Err())
		assert.Equal(t, want, r.Spec.Namespace, text)
	}
}

func TestParseSpecDeprecated(t *testing.T) {
	r, l := project.ParseSpec("spec.json", []byte(`{"server": "s", "namespace": "n", "team": "t", "metadata": {"labels": {"a": "b"}}}`))
	require.NoError(t, l.Err())
	assert.Equal(t, project.Spec{APIServer: "s", Namespace: "default"}, r.Spec)
	assert.Equal(t, map[string]string{"a": "b", "team": "t"}, r.Metadata.Labels)

	r, l = project.ParseSpec("spec.json", []byte(`{"server": "s", "namespace": "x", "team": "t", "metadata": {"labels": {"team": "own"}}, "spec": {"apiServer": "own", "namespace": "own"}}`))
	require.NoError(t, l.Err())
	assert.Equal(t, project.Spec{APIServer: "own", Namespace: "own"}, r.Spec)
	assert.Equal(t, map[string]string{"team": "own"}, r.Metadata.Labels)
}

// FuzzParseSpec checks that ParseSpec never panics, that its positions lie in the text, and
// that encoding/json reads the same from an accepted text.
func FuzzParseSpec(f *testing.F) {
	for _, seed := range []string{
		`{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "spec": {"namespace": "n"}}`,
		`{"spec": {"injectLables": true, "contextNames": [1, null]}}`,
		"{\n\n\"metadata\": {\"labels\": {\"\\u0000\": \"\"}}}", `[`, ``, `{"a": {"a": {"a": []}}}`, `{"Spec": {"NAMESPACE": "x"}}`, `1 2`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		defer pace.Hold(t, len(data))()
		r, l := project.ParseSpec("spec.json", data)
		lines := strings.Split(string(data), "\n")
		for _, d := range l {
			if d.At.Line == 0 {
				continue
			}
			if d.At.Line > len(lines) || d.At.Column < 1 || d.At.Column > len(lines[d.At.Line-1])+1 {
				t.Errorf("position %s is outside of the text", d.At)
			}
		}
		if l.Err() != nil {
			return
		}
		var old map[string]any
		_ = json.Unmarshal(data, &old)
		for name := range old {
			if slices.Contains([]string{"server", "namespace", "team"}, strings.ToLower(name)) {
				return
			}
		}
		want := project.Resource{Spec: project.Spec{Namespace: "default"}}
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		assert.Equal(t, want, r)
	})
}

func TestVendorDir(t *testing.T) {
	for _, tt := range []struct {
		want  string
		files []string
	}{
		{"vendor-jsonnet", nil},
		{"vendor-jsonnet", []string{"vendor-jsonnet/x"}},
		{"vendor", []string{"vendor/x"}},
		{"vendor-jsonnet", []string{"vendor/x", "vendor-jsonnet/x"}},
		{"vendor-jsonnet", []string{"vendor/x", "vendor/modules.txt"}},
	} {
		files := fstest.MapFS{}
		for _, name := range tt.files {
			files[name] = &fstest.MapFile{}
		}
		assert.Equal(t, tt.want, project.New(files).VendorDir(), tt.files)
	}
}
