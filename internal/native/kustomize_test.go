package native_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKustomizeBuild(t *testing.T) {
	f := newFixture(t, map[string]string{"environments/a/kust/kustomization.yaml": ""}, echo)
	tests := []struct {
		name, opts string
		args       []string
	}{
		{"defaults", "", nil},
		{"everything", "enableAlphaPlugins: true, enableExec: true, enableHelm: true, enableStar: true, loadRestrictor: 'LoadRestrictionsNone'",
			[]string{"--enable-alpha-plugins", "--enable-exec", "--enable-helm", "--enable-star", "--load-restrictor=LoadRestrictionsNone"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data := map[string]any{"stdin": ""}
			for i, a := range append([]string{"build", filepath.Join(f.dir, "environments/a/kust")}, tt.args...) {
				data[fmt.Sprintf("arg%d", i+1)] = a
			}
			assert.Equal(t, map[string]any{"ConfigMap": map[string]any{
				"kind": "ConfigMap", "metadata": map[string]any{"name": "echo"}, "data": data,
			}}, f.value(fmt.Sprintf(`native('kustomizeBuild')('kust', { calledFrom: 'environments/a/main.jsonnet', nameFormat: '{{ .kind }}', %s })`, tt.opts)))
		})
	}
}

func TestKustomizeBuildErrors(t *testing.T) {
	f := newFixture(t, map[string]string{"kust/kustomization.yaml": "resources: [../..]"}, echo)
	tests := []struct{ name, args, want string }{
		{"no calledFrom", `'kust', {}`, "'opts.calledFrom' is unset or empty\n    hint: paths are relative to the file that holds the call: add calledFrom: std.thisFile"},
		{"misspelt field", `'kust', { enableHlem: true }`, "argument opts.enableHlem: unknown field\n    hint: did you mean \"enableHelm\"?"},
		{"field of helmTemplate", `'kust', { values: {} }`, "argument opts.values: unknown field\n    hint: known fields are calledFrom, enableAlphaPlugins, enableExec, enableHelm, enableStar, loadRestrictor, nameFormat"},
		{"missing directory", `'../kust', { calledFrom: 'a/b/main.jsonnet' }`, "kustomization ../kust: no such directory\n    hint: looked for a/kust"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := f.eval("native('kustomizeBuild')(" + tt.args + ")")
			assert.Equal(t, "kustomizeBuild: "+tt.want, text(t, err))
		})
	}
	t.Run("outside of the project", func(t *testing.T) {
		write(t, filepath.Dir(f.dir), "outside.yaml", "x")
		_, err := f.eval("native('kustomizeBuild')('kust', { calledFrom: 'main.jsonnet' })")
		assert.ErrorContains(t, err, "outside the project's root")
	})
}

// kustomize runs again if anything changes to which the kustomization leads, and all of
// that counts as read.
func TestKustomizeBuildInputs(t *testing.T) {
	f := newFixture(t, map[string]string{
		"overlays/a/kustomization.yaml": `
resources: [../../base, https://example.org/remote, missing.yaml, local.yaml]
components: [../../components/c]
patches:
- path: ../../patches/patch.yaml
- patch: |
    kind: Inline
- {path: /etc/hosts}
configMapGenerator:
- name: cm
  files: [config.txt=../../files/config.txt]
`,
		"overlays/a/local.yaml":            "",
		"overlays/a/sub/more.yaml":         "",
		"base/Kustomization":               "resources: [deep, ../overlays/a]",
		"base/deep/kustomization.yml":      "bases: [../../bottom]",
		"bottom/kustomization.yaml":        "resources: [x.yaml]",
		"bottom/x.yaml":                    "",
		"components/c/kustomization.yaml":  "not: [valid",
		"patches/patch.yaml":               "",
		"files/config.txt":                 "",
		"files/unrelated.txt":              "",
		"overlays/b/kustomization.yaml":    "resources: [../../bottom]",
		"environments/a/kustomization.yml": "",
	}, echo)
	const call = `native('kustomizeBuild')('../../overlays/a', { calledFrom: 'environments/a/main.jsonnet' })`
	want := []string{
		"base/Kustomization",
		"base/deep/kustomization.yml",
		"bottom/kustomization.yaml",
		"bottom/x.yaml",
		"components/c/kustomization.yaml",
		"files/config.txt",
		"overlays/a/kustomization.yaml",
		"overlays/a/local.yaml",
		"overlays/a/sub/more.yaml",
		"patches/patch.yaml",
	}
	res, err := f.eval(call)
	require.NoError(t, err)
	assert.Equal(t, want, res.Files)
	assert.Equal(t, 1, f.runs())
	for i, name := range want {
		write(t, f.dir, name, "# changed\n")
		if name == "base/Kustomization" || name == "overlays/a/kustomization.yaml" || name == "base/deep/kustomization.yml" {
			// The paths in it are still to be found.
			text := map[string]string{
				"base/Kustomization":            "resources: [deep, ../overlays/a]",
				"base/deep/kustomization.yml":   "bases: [../../bottom]",
				"overlays/a/kustomization.yaml": "resources: [../../base, ../../patches/patch.yaml]",
			}[name]
			write(t, f.dir, name, text+"\n# changed\n")
		}
		f.value(call)
		assert.Equal(t, 2+i, f.runs(), name)
	}
	write(t, f.dir, "files/unrelated.txt", "changed")
	f.value(call)
	assert.Equal(t, 1+len(want), f.runs(), "a file that it does not name")
}
