package native_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/native"
	"github.com/mop-platform/mop/internal/pace"
)

func TestHelmTemplate(t *testing.T) {
	f := newFixture(t, chart, echo)
	chartDir := filepath.Join(f.dir, "environments/a/charts/foo")
	tests := []struct {
		name, opts string
		args       []string
		stdin      string
	}{
		{"defaults", "", []string{"--include-crds"}, "{}\n"},
		{"null is as good as nothing", "values: null, includeCRDs: null, apiVersions: null, kubeVersion: null", []string{"--include-crds"}, "{}\n"},
		{"everything", `values: { a: { b: [1000000, 'yes', null] } }, apiVersions: ['v1', 'a/b'], includeCRDs: false, skipTests: true, kubeVersion: 'v1.30.0', noHooks: true, namespace: 'n s'`,
			[]string{"--api-versions=v1", "--api-versions=a/b", "--skip-tests", "--kube-version=v1.30.0", "--no-hooks", "--namespace=n s"},
			"a:\n    b:\n        - 1000000\n        - \"yes\"\n        - null\n"},
		{"another case", `APIVersions: ['v1'], includecrds: false, hidden:: 1`, []string{"--api-versions=v1"}, "{}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := map[string]any{"stdin": tt.stdin}
			for i, a := range append([]string{"template", "rel", chartDir, "--values", "-"}, tt.args...) {
				data[fmt.Sprintf("arg%d", i+1)] = a
			}
			assert.Equal(t, map[string]any{"config_map_echo": map[string]any{
				"kind": "ConfigMap", "metadata": map[string]any{"name": "echo"}, "data": data,
			}}, f.value(fmt.Sprintf(`native('helmTemplate')('rel', './charts/foo', { calledFrom: 'environments/a/main.jsonnet', %s })`, tt.opts)))
		})
	}
}

func TestHelmTemplateErrors(t *testing.T) {
	f := newFixture(t, map[string]string{"environments/a/charts/foo/Chart.yaml": ""}, echo)
	outside := newProject(t, map[string]string{"secret": "x"})
	require.NoError(t, os.Symlink(outside, filepath.Join(f.dir, "environments/a/charts/outside")))
	tests := []struct{ name, args, want string }{
		{"no calledFrom", `'r', 'c', {}`, "'opts.calledFrom' is unset or empty\n    hint: paths are relative to the file that holds the call: add calledFrom: std.thisFile"},
		{"empty calledFrom", `'r', 'c', { calledFrom: '' }`, "'opts.calledFrom' is unset or empty\n    hint: paths are relative to the file that holds the call: add calledFrom: std.thisFile"},
		{"misspelt field", `'r', 'c', { calledFrom: 'x', kubeVerson: '1' }`, "argument opts.kubeVerson: unknown field\n    hint: did you mean \"kubeVersion\"?"},
		{"unknown field", `'r', 'c', { calledFrom: 'x', timeout: '1' }`, "argument opts.timeout: unknown field\n    hint: known fields are apiVersions, calledFrom, includeCRDs, kubeVersion, nameFormat, namespace, noHooks, skipTests, values"},
		{"several faults", `'r', 'c', { namespace: 1, values: [] }`, "argument opts.namespace: want a string, got number 1 (and 1 more)"},
		{"field set twice", `'r', 'c', { noHooks: true, nohooks: false }`, "argument opts.nohooks: set twice: as \"noHooks\" too"},
		{"values", `'r', 'c', { values: 'a: 1' }`, "argument opts.values: want an object, got string \"a: 1\""},
		{"flag", `'r', 'c', { skipTests: 'true' }`, "argument opts.skipTests: want a boolean, got string \"true\""},
		{"API versions", `'r', 'c', { apiVersions: 'v1' }`, "argument opts.apiVersions: want an array, got string \"v1\""},
		{"API version", `'r', 'c', { apiVersions: ['v1', 1] }`, "argument opts.apiVersions[1]: want a string, got number 1"},
		{"name that is a flag", `'--post-renderer=/bin/sh', 'c', { calledFrom: 'x' }`, "argument name: want the name of a release, got \"--post-renderer=/bin/sh\""},
		{"missing chart", `'r', './charts/bar', { calledFrom: 'environments/a/main.jsonnet' }`, "chart ./charts/bar: no such directory\n    hint: looked for environments/a/charts/bar"},
		{"chart outside of the project", `'r', 'charts/outside', { calledFrom: 'environments/a/main.jsonnet' }`, "chart charts/outside: outside the project's root"},
		{"bad name format", `'r', './charts/foo', { calledFrom: 'environments/a/main.jsonnet', nameFormat: '{{ .kind ' }`, "opts.nameFormat:1: unclosed action"},
		{"name format that does not repeat", `'r', './charts/foo', { calledFrom: 'environments/a/main.jsonnet', nameFormat: '{{ env "HOME" }}' }`, "opts.nameFormat:1: function \"env\" not defined"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := f.eval("native('helmTemplate')(" + tt.args + ")")
			assert.Equal(t, "helmTemplate: "+tt.want, text(t, err))
		})
	}
}

func TestHelmTemplateNames(t *testing.T) {
	f := newFixture(t, chart, `cat <<'EOF'
---
# Source: nothing
---
{}
---
kind: Deployment
metadata: {name: my-app.v1, namespace: n}
---
kind: List
items: [{kind: Pod}]
EOF
`)
	call := func(format string) any {
		return f.value(fmt.Sprintf(`std.objectFields(native('helmTemplate')('rel', './charts/foo', { calledFrom: 'environments/a/main.jsonnet', nameFormat: %s }))`, format))
	}
	assert.Equal(t, []any{"deployment_my_app.v1", "list_<_nil_>"}, call("''"), "as in Tanka")
	assert.Equal(t, []any{"Deployment-my-app.v1", "List-"}, call(`'{{ .kind }}-{{ with .metadata }}{{ .name }}{{ end }}'`))
	assert.Equal(t, 1, f.runs(), "the format is no input of the program")
}

// If two environments have different charts under the same relative path, each gets its
// own. A change of anything that helm reads makes it run again.
func TestHelmTemplateInputs(t *testing.T) {
	files := map[string]string{}
	for _, env := range []string{"a", "b"} {
		files["environments/"+env+"/charts/foo/Chart.yaml"] = "name: foo\n"
		files["environments/"+env+"/charts/foo/templates/x.yaml"] = env
	}
	f := newFixture(t, files, `printf 'kind: a\nmetadata: {name: b}\nchart: "%s"\n' "$(cat "$3"/templates/*)"`)
	runs := 0
	get := func(change, env, more string, ran bool) {
		t.Helper()
		got := f.value(fmt.Sprintf(`native('helmTemplate')('rel', './charts/foo', { calledFrom: 'environments/%s/main.jsonnet', %s }).a_b.chart`, env, more))
		dir := filepath.Join(f.dir, "environments", env, "charts/foo/templates")
		var want strings.Builder
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		for _, e := range entries {
			b, err := os.ReadFile(filepath.Join(dir, e.Name()))
			require.NoError(t, err)
			want.Write(b)
		}
		assert.Equal(t, want.String(), got, change)
		if ran {
			runs++
		}
		assert.Equal(t, runs, f.runs(), change)
	}
	get("first", "a", "", true)
	get("the other chart", "b", "", true)
	get("nothing", "a", "", false)
	get("values", "a", "values: { a: 1 }", true)
	get("name format", "a", "values: { a: 1 }, nameFormat: '{{ .kind }}_b'", false)
	get("namespace", "a", "namespace: 'n'", true)

	write(t, f.dir, "environments/a/charts/foo/templates/x.yaml", "changed")
	get("a file's contents", "a", "", true)
	write(t, f.dir, "environments/a/charts/foo/templates/y.yaml", "new")
	get("a new file", "a", "", true)
	require.NoError(t, os.Rename(filepath.Join(f.dir, "environments/a/charts/foo/templates/x.yaml"), filepath.Join(f.dir, "environments/a/charts/foo/templates/z.yaml")))
	get("a file's name", "a", "", true)
	require.NoError(t, os.Symlink("z.yaml", filepath.Join(f.dir, "environments/a/charts/foo/templates/link")))
	get("a link", "a", "", true)
	write(t, f.dir, "environments/b/charts/foo/templates/x.yaml", "changed too")
	get("the other chart's contents", "a", "", false)
	get("the other chart", "b", "", true)

	res, err := f.eval(helmCall)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"environments/a/charts/foo/Chart.yaml",
		"environments/a/charts/foo/templates/link",
		"environments/a/charts/foo/templates/y.yaml",
		"environments/a/charts/foo/templates/z.yaml",
	}, res.Files)
}

// A chart may be an archive, and may hold links that lead in circles or nowhere, and pipes
// without a writer.
func TestHelmTemplateOddCharts(t *testing.T) {
	f := newFixture(t, map[string]string{"foo.tgz": "archive", "odd/Chart.yaml": ""}, echo)
	require.NoError(t, os.Symlink(".", filepath.Join(f.dir, "odd/circle")))
	require.NoError(t, os.Symlink("..", filepath.Join(f.dir, "odd/up")))
	require.NoError(t, os.Symlink("missing", filepath.Join(f.dir, "odd/nowhere")))
	require.NoError(t, os.Symlink("itself", filepath.Join(f.dir, "odd/itself")))
	require.NoError(t, exec.Command("mkfifo", filepath.Join(f.dir, "odd/pipe")).Run())
	for _, name := range []string{"foo.tgz", "odd"} {
		res, err := f.eval(fmt.Sprintf(`native('helmTemplate')('rel', %q, { calledFrom: 'main.jsonnet' }).config_map_echo.data.arg3`, name))
		require.NoError(t, err)
		assert.Equal(t, filepath.Join(f.dir, name), res.Value)
		assert.NotEmpty(t, res.Files)
	}
}

// For any opts, the function returns a result or an error about opts.
func FuzzOptions(f *testing.F) {
	for _, seed := range []string{`{}`, `null`, `{"calledFrom": "x"}`, `{"calledfrom": "x", "Values": {"a": 1}, "apiVersions": ["a"]}`, `{"kubeversion": 1, "noHooks": "x", "\u017fkipTests": true}`, `{"calledFrom": "../../x/\u0000"}`} {
		f.Add(seed)
	}
	dir := newProject(f, nil)
	f.Fuzz(func(t *testing.T, opts string) {
		defer pace.Hold(t, len(opts))()
		p := &fixture{t: t, dir: dir}
		p.natives = p.functions(native.Options{})
		for _, call := range []string{`native('helmTemplate')('r', 'c', opts)`, `native('kustomizeBuild')('c', opts)`} {
			_, err := p.eval("local opts = native('parseJson')(" + "@'" + strings.ReplaceAll(opts, "'", "''") + "'); " + call)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "panicked")
		}
	})
}
