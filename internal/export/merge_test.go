package export_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/export"
	"github.com/mop-platform/mop/pkg/diag"
)

func TestMergeStrategies(t *testing.T) {
	const a, b, c = "a/main.jsonnet", "b/main.jsonnet", "c/main.jsonnet"
	content := func(name, value string) string { return yamlOf(t, configMap(t, name, value)) }
	manifestOf := func(pairs ...string) string {
		var lines []string
		for i := 0; i < len(pairs); i += 2 {
			lines = append(lines, fmt.Sprintf("    %q: %q", pairs[i], pairs[i+1]))
		}
		return "{\n" + strings.Join(lines, ",\n") + "\n}"
	}
	old := map[string]string{
		"a-one.yaml": "old", "a-two.yaml": "old", "b-one.yaml": "old", "b/only.yaml": "old", "README": "own", "empty/": "",
		"manifest.json": manifestOf("a-one.yaml", a, "a-two.yaml", a, "b-one.yaml", b, "b/only.yaml", b),
	}
	tests := []struct {
		name    string
		old     map[string]string
		options export.Options
		envs    []export.Environment
		// want has the changed files; "-" means that a file is removed.
		want     map[string]string
		removed  []string
		warnings string
		err      string
	}{
		{
			name: "a directory that must be empty is", old: map[string]string{},
			envs: []export.Environment{environment(t, "a", "one")},
			want: map[string]string{"a-one.yaml": content("one", "a"), "manifest.json": manifestOf("a-one.yaml", a)},
		},
		{
			name: "a directory that must be empty is not", old: map[string]string{"README": "own"},
			envs: []export.Environment{environment(t, "a", "one")},
			err: `out: want an empty directory, got one that holds README
    hint: the merge strategies fail-on-conflicts and replace-envs keep what is there
`,
		},
		{
			name: "nothing to export", old: map[string]string{}, envs: []export.Environment{environment(t, "a")},
			want: map[string]string{},
		},
		{
			name: "no conflicts", old: old, options: export.Options{MergeStrategy: export.FailOnConflicts},
			envs: []export.Environment{environment(t, "c", "one")},
			want: map[string]string{
				"c-one.yaml":    content("one", "c"),
				"manifest.json": manifestOf("a-one.yaml", a, "a-two.yaml", a, "b-one.yaml", b, "b/only.yaml", b, "c-one.yaml", c),
			},
		},
		{
			name: "conflicts", old: old, options: export.Options{MergeStrategy: export.FailOnConflicts},
			envs: []export.Environment{environment(t, "c", "one"), environment(t, "a", "one", "two")},
			err: `a-one.yaml: wanted for ConfigMap one at x (environment a), but there from a/main.jsonnet
    a/main.jsonnet
    hint: the merge strategy replace-envs replaces the files of an environment
a-two.yaml: wanted for ConfigMap two at x (environment a), but there from a/main.jsonnet
    a/main.jsonnet
    hint: the merge strategy replace-envs replaces the files of an environment
`,
		},
		{
			name: "replace one environment", old: old, options: export.Options{MergeStrategy: export.ReplaceEnvs},
			envs: []export.Environment{environment(t, "a", "two", "three")},
			want: map[string]string{
				"a-one.yaml": "-", "a-two.yaml": content("two", "a"), "a-three.yaml": content("three", "a"),
				"manifest.json": manifestOf("a-three.yaml", a, "a-two.yaml", a, "b-one.yaml", b, "b/only.yaml", b),
			},
			removed: []string{"a-one.yaml"},
		},
		{
			name: "replace by nothing", old: old, options: export.Options{MergeStrategy: export.ReplaceEnvs},
			envs: []export.Environment{environment(t, "b")},
			want: map[string]string{
				"b-one.yaml": "-", "b/only.yaml": "-",
				"manifest.json": manifestOf("a-one.yaml", a, "a-two.yaml", a),
			},
			removed: []string{"b-one.yaml", "b/only.yaml"},
		},
		{
			name: "a folder becomes a file", old: old,
			options: export.Options{MergeStrategy: export.ReplaceEnvs, Format: "{{.metadata.name}}", Extension: "x"},
			envs:    []export.Environment{environment(t, "b", "b")},
			want: map[string]string{
				"b-one.yaml": "-", "b/only.yaml": "-", "b.x": content("b", "b"),
				"manifest.json": manifestOf("a-one.yaml", a, "a-two.yaml", a, "b.x", b),
			},
			removed: []string{"b-one.yaml", "b/only.yaml"},
		},
		{
			name: "the file of another environment is in the way", old: old,
			options: export.Options{MergeStrategy: export.ReplaceEnvs, Format: "b-{{.metadata.name}}"},
			envs:    []export.Environment{environment(t, "a", "one")},
			err: `b-one.yaml: wanted for ConfigMap one at x (environment a), but there from b/main.jsonnet
    a/main.jsonnet
`,
		},
		{
			name: "files of no export are in the way", old: map[string]string{"a-one.yaml": "own", "a-two.yaml/": "", "a-three.yaml/x": ""},
			options: export.Options{MergeStrategy: export.ReplaceEnvs},
			envs:    []export.Environment{environment(t, "a", "one", "two", "three")},
			err: `a-one.yaml: wanted for ConfigMap one at x (environment a), but there, and not known to be from an export
    a/main.jsonnet
a-three.yaml: wanted for ConfigMap three at x (environment a), but is a folder
    a/main.jsonnet
a-two.yaml: wanted for ConfigMap two at x (environment a), but is a folder
    a/main.jsonnet
`,
		},
		{
			name: "a file is in the way of a folder", old: old,
			options: export.Options{MergeStrategy: export.ReplaceEnvs, Format: "README/{{.metadata.name}}"},
			envs:    []export.Environment{environment(t, "a", "one", "two")},
			err: `README: a file, but wanted as a folder for ConfigMap one at x (environment a)
    a/main.jsonnet
`,
		},
		{
			name: "deleted environments", old: old,
			options: export.Options{MergeStrategy: export.FailOnConflicts, DeletedEnvs: []string{b, "typo/main.jsonnet"}},
			envs:    []export.Environment{environment(t, "c", "one")},
			want: map[string]string{
				"b-one.yaml": "-", "b/only.yaml": "-", "c-one.yaml": content("one", "c"),
				"manifest.json": manifestOf("a-one.yaml", a, "a-two.yaml", a, "c-one.yaml", c),
			},
			removed:  []string{"b-one.yaml", "b/only.yaml"},
			warnings: "typo/main.jsonnet: warning: no file in manifest.json comes from this deleted environment\n",
		},
		{
			name: "manifest.json is left alone", old: old,
			options: export.Options{MergeStrategy: export.ReplaceEnvs, SkipManifest: true},
			envs:    []export.Environment{environment(t, "a", "three")},
			want:    map[string]string{"a-one.yaml": "-", "a-two.yaml": "-", "a-three.yaml": content("three", "a")},
			removed: []string{"a-one.yaml", "a-two.yaml"},
		},
		{
			name: "manifest.json is not made", old: map[string]string{}, options: export.Options{SkipManifest: true},
			envs: []export.Environment{environment(t, "a", "one")},
			want: map[string]string{"a-one.yaml": content("one", "a")},
		},
		{
			name: "manifest.json is missing", old: map[string]string{"x": "own"},
			options: export.Options{MergeStrategy: export.ReplaceEnvs},
			envs:    []export.Environment{environment(t, "a", "one")},
			want:    map[string]string{"a-one.yaml": content("one", "a"), "manifest.json": manifestOf("a-one.yaml", a)},

			warnings: "manifest.json: warning: not found, so nothing of earlier exports was removed\n",
		},
		{
			name: "manifest.json is written by hand",
			old: map[string]string{
				"a-one.yaml": "old", "kept/": "", "d/x": "own",
				"manifest.json": `{"./a-one.yaml": "a/main.jsonnet", "gone.yaml": "b/main.jsonnet", "d": "a/main.jsonnet", "manifest.json": "a/main.jsonnet"}`,
			},
			options: export.Options{MergeStrategy: export.ReplaceEnvs},
			envs:    []export.Environment{environment(t, "a")},
			want:    map[string]string{"a-one.yaml": "-", "manifest.json": "{}"},
			removed: []string{"a-one.yaml"},
		},
		{
			name: "manifest.json is no JSON", old: map[string]string{"manifest.json": "{\n\"a\": x}"},
			options: export.Options{MergeStrategy: export.ReplaceEnvs},
			envs:    []export.Environment{environment(t, "a", "one")},
			err: `out/manifest.json:2: invalid character 'x' looking for beginning of value
    hint: repair it, or remove it if no file of earlier exports is to be removed
`,
		},
		{
			name:    "manifest.json leads out of the directory",
			old:     map[string]string{"manifest.json": `{"../x": "a/main.jsonnet", "y": 1}`},
			options: export.Options{MergeStrategy: export.ReplaceEnvs},
			envs:    []export.Environment{environment(t, "a", "one")},
			err: `out/manifest.json: "../x": want a path below the directory
    hint: repair it, or remove it if no file of earlier exports is to be removed
out/manifest.json: "y": want a string, got number 1
    hint: repair it, or remove it if no file of earlier exports is to be removed
`,
		},
		{
			name: "an unknown strategy", old: old, options: export.Options{MergeStrategy: "replace-env", Format: "{{"},
			envs: []export.Environment{environment(t, "a", "one")},
			err: `format {{: format:1: unclosed action
merge strategy: want fail-on-conflicts or replace-envs, got "replace-env"
    hint: did you mean "replace-envs"?
`,
		},
	}
	for _, tt := range tests {
		for _, inPlace := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/in place %t", tt.name, inPlace), func(t *testing.T) {
				t.Parallel()
				parent := t.TempDir()
				dir := filepath.Join(parent, "out")
				require.NoError(t, os.Mkdir(dir, 0o755))
				plant(t, dir, tt.old)
				want := tree(t, dir)
				o := tt.options
				o.InPlace = inPlace
				if o.Format == "" {
					o.Format = "{{env.metadata.name}}-{{.metadata.name}}"
				}
				var jobs []export.Job
				for _, env := range tt.envs {
					jobs = append(jobs, job(env))
				}
				res, err := export.Run(t.Context(), dir, jobs, o)
				if tt.err != "" {
					assert.Equal(t, tt.err, strings.ReplaceAll(text(t, err), dir, "out"))
				} else {
					require.NoError(t, err)
					assert.Equal(t, tt.removed, res.Removed)
					var warnings strings.Builder
					require.NoError(t, diag.Write(&warnings, res.Warnings, diag.Options{}))
					assert.Equal(t, tt.warnings, warnings.String())
					maps.Copy(want, tt.want)
					maps.DeleteFunc(want, func(_, v string) bool { return v == "-" })
				}
				assert.Equal(t, want, tree(t, dir))
				clean(t, parent, "out")
			})
		}
	}
}
