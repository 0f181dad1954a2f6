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
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/diag"
)

// recorded makes an environment of a project, which is inline unless name is "". Its
// objects have the names of its files.
func recorded(t testing.TB, project, entrypoint, name string, objects ...string) export.Environment {
	env := environment(t, name, objects...)
	env.Project, env.Namespace, env.Inline = project, entrypoint, name != ""
	env.File = project + "/" + entrypoint
	return env
}

// indexed returns the sources of a directory's files, as "project entrypoint environment".
func indexed(t testing.TB, dir string) map[string]string {
	x, _ := export.ReadIndex(t.Context(), dir)
	got := map[string]string{}
	for file, s := range x {
		got[file] = strings.TrimSpace(s.Project + " " + s.Entrypoint + " " + s.Environment)
	}
	return got
}

// An export removes the files of the environments that it names, and no others: neither
// those of another project nor those of another environment of the entrypoint.
func TestReplaceNamed(t *testing.T) {
	const q1, q2, e = "../q1", "github.com/acme/q2", "env/main.jsonnet"
	old := []export.Environment{
		recorded(t, q1, e, "", "one"), recorded(t, q2, e, "", "two"),
		recorded(t, q1, "clusters", "eu", "eu", "eu2"), recorded(t, q1, "clusters", "us", "us"), recorded(t, q2, "clusters", "eu", "q2eu"),
	}
	all := map[string]string{
		"one.yaml": "../q1 env/main.jsonnet", "two.yaml": "github.com/acme/q2 env/main.jsonnet",
		"eu.yaml": "../q1 clusters eu", "eu2.yaml": "../q1 clusters eu", "us.yaml": "../q1 clusters us",
		"q2eu.yaml": "github.com/acme/q2 clusters eu",
	}
	tests := []struct {
		name    string
		options export.Options
		envs    []export.Environment
		// change has the changes of the index; "-" is a removed file.
		change map[string]string
		// meanwhile has the files that another program writes before.
		meanwhile map[string]string
		warnings  string
		err       string
	}{
		{
			name: "one of two projects with an entrypoint of the same name",
			envs: []export.Environment{recorded(t, q1, e, "", "new")}, change: map[string]string{"one.yaml": "-", "new.yaml": "../q1 env/main.jsonnet"},
		},
		{
			name: "the other one", options: export.Options{Entrypoints: []export.Source{{Project: q2, Entrypoint: e}}},
			envs: []export.Environment{recorded(t, q2, e, "", "new")}, change: map[string]string{"two.yaml": "-", "new.yaml": "github.com/acme/q2 env/main.jsonnet"},
		},
		{
			name: "one inline environment of several",
			envs: []export.Environment{recorded(t, q1, "clusters", "eu", "eu")}, change: map[string]string{"eu2.yaml": "-"},
		},
		{
			name: "an inline environment that is gone stays where others are selected",
			envs: []export.Environment{recorded(t, q1, "clusters", "asia", "asia")}, change: map[string]string{"asia.yaml": "../q1 clusters asia"},
		},
		{
			name:    "an inline environment that is gone goes where all are exported",
			options: export.Options{Entrypoints: []export.Source{{Project: q1, Entrypoint: "clusters"}}},
			envs:    []export.Environment{recorded(t, q1, "clusters", "eu", "eu")}, change: map[string]string{"eu2.yaml": "-", "us.yaml": "-"},
		},
		{
			name:    "the last environment of an entrypoint is gone",
			options: export.Options{Entrypoints: []export.Source{{Project: q1, Entrypoint: "clusters"}}},
			envs:    []export.Environment{recorded(t, q1, e, "", "one")}, change: map[string]string{"eu.yaml": "-", "eu2.yaml": "-", "us.yaml": "-"},
		},
		{
			name:    "inline environments become one that is not",
			options: export.Options{Entrypoints: []export.Source{{Project: q1, Entrypoint: "clusters"}}},
			envs:    []export.Environment{recorded(t, q1, "clusters", "", "eu")},
			change:  map[string]string{"eu.yaml": "../q1 clusters", "eu2.yaml": "-", "us.yaml": "-"},
		},
		{
			name: "the file of another environment of the entrypoint is in the way",
			envs: []export.Environment{recorded(t, q1, "clusters", "eu", "us")},
			err: `us.yaml: wanted for ConfigMap us at x (environment eu), but there from us of clusters
    ../q1/clusters
`,
		},
		{
			name: "the file of another project is in the way",
			envs: []export.Environment{recorded(t, q2, e, "", "one")},
			err: `one.yaml: wanted for ConfigMap one at x (environment ), but there from env/main.jsonnet in the project q1
    github.com/acme/q2/env/main.jsonnet
    hint: if it is the same project in another place, remove .mop-manifest: then manifest.json alone tells which file comes from which entrypoint
`,
		},
		{
			name:    "a deleted entrypoint of one of two projects",
			options: export.Options{DeletedEnvs: []string{e}, Projects: []string{q2}},
			envs:    []export.Environment{recorded(t, q2, "clusters", "eu", "q2eu")}, change: map[string]string{"two.yaml": "-"},
		},
		{
			name:    "a deleted entrypoint of another project",
			options: export.Options{DeletedEnvs: []string{e}, Projects: []string{"../q3"}},
			envs:    []export.Environment{recorded(t, "../q3", e, "", "three")}, change: map[string]string{"three.yaml": "../q3 env/main.jsonnet"},
			warnings: `env/main.jsonnet: warning: no file in manifest.json comes from this deleted environment
    hint: the one of that name in the project q1 stays; export an environment of it to remove that
    hint: the one of that name in the project github.com/acme/q2 stays; export an environment of it to remove that
`,
		},
		{
			name: "without the record the entrypoint's name tells", meanwhile: map[string]string{".mop-manifest": ""},
			envs: []export.Environment{recorded(t, q1, e, "", "new")},
			change: map[string]string{
				"one.yaml": "-", "two.yaml": "-", "new.yaml": "../q1 env/main.jsonnet",
				"eu.yaml": "clusters", "eu2.yaml": "clusters", "us.yaml": "clusters", "q2eu.yaml": "clusters",
			},
		},
		{
			name: "without the record environments of an entrypoint cannot be told apart", meanwhile: map[string]string{".mop-manifest": ""},
			envs: []export.Environment{recorded(t, q1, "clusters", "eu", "eu", "eu3")},
			change: map[string]string{
				"one.yaml": e, "two.yaml": e, "eu2.yaml": "clusters", "us.yaml": "clusters", "q2eu.yaml": "clusters", "eu3.yaml": "../q1 clusters eu",
			},
			warnings: `clusters: warning: 3 files stay of which manifest.json tells the entrypoint, but not the environment
    hint: export all environments of the entrypoint once, so that what is theirs no longer goes
`,
		},
		{
			name: "without the record all environments of an entrypoint are replaced", meanwhile: map[string]string{".mop-manifest": ""},
			options: export.Options{Entrypoints: []export.Source{{Project: q1, Entrypoint: "clusters"}}},
			envs:    []export.Environment{recorded(t, q1, "clusters", "eu", "eu")},
			change:  map[string]string{"one.yaml": e, "two.yaml": e, "eu2.yaml": "-", "us.yaml": "-", "q2eu.yaml": "-"},
		},
		{
			name: "Tanka has given a file to another entrypoint, removed one and added one",
			meanwhile: map[string]string{
				"manifest.json": `{"one.yaml": "other/main.jsonnet", "two.yaml": "env/main.jsonnet", "eu.yaml": "clusters", "us.yaml": "clusters", "q2eu.yaml": "clusters", "tk.yaml": "env/main.jsonnet"}`,
				"tk.yaml":       "by Tanka",
			},
			envs:   []export.Environment{recorded(t, q1, e, "", "new")},
			change: map[string]string{"one.yaml": "other/main.jsonnet", "eu2.yaml": "-", "new.yaml": "../q1 env/main.jsonnet"},
		},
		{
			name: "the record is of a later mop", meanwhile: map[string]string{".mop-manifest": `{"version": 2}`},
			envs: []export.Environment{recorded(t, q1, e, "", "new")},
			err: `out/.mop-manifest: want version 1, got 2
    hint: repair it, or remove it: then manifest.json alone tells which file comes from which entrypoint, of whatever project
`,
		},
		{
			name: "the record is no JSON", meanwhile: map[string]string{".mop-manifest": "{\n<<<<<<< HEAD\n"},
			envs: []export.Environment{recorded(t, q1, e, "", "new")},
			err: `out/.mop-manifest:2: invalid character '<' looking for beginning of object key string
    hint: repair it, or remove it: then manifest.json alone tells which file comes from which entrypoint, of whatever project
`,
		},
		{
			name: "everything goes", options: export.Options{DeletedEnvs: []string{e, "clusters"}, Projects: []string{q1, q2}},
			envs:   []export.Environment{recorded(t, q1, e, "")},
			change: map[string]string{"one.yaml": "-", "two.yaml": "-", "eu.yaml": "-", "eu2.yaml": "-", "us.yaml": "-", "q2eu.yaml": "-"},
		},
	}
	for _, tt := range tests {
		for _, inPlace := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/in place %t", tt.name, inPlace), func(t *testing.T) {
				t.Parallel()
				dir := filepath.Join(t.TempDir(), "out")
				o := export.Options{Format: "{{.metadata.name}}"}
				var jobs []export.Job
				for _, env := range old {
					jobs = append(jobs, job(env))
				}
				_, err := export.Run(t.Context(), dir, jobs, o)
				require.NoError(t, err)
				assert.Equal(t, all, indexed(t, dir))
				plant(t, dir, tt.meanwhile)
				if text, ok := tt.meanwhile[".mop-manifest"]; ok && text == "" {
					require.NoError(t, os.Remove(filepath.Join(dir, ".mop-manifest")))
				}
				before := tree(t, dir)

				o = tt.options
				o.Format, o.MergeStrategy, o.InPlace = "{{.metadata.name}}", export.ReplaceEnvs, inPlace
				jobs = nil
				for _, env := range tt.envs {
					jobs = append(jobs, job(env))
				}
				res, err := export.Run(t.Context(), dir, jobs, o)
				if tt.err != "" {
					assert.Equal(t, tt.err, strings.ReplaceAll(strings.ReplaceAll(text(t, err), dir, "out"), filepath.Dir(dir)+"/", ""))
					assert.Equal(t, before, tree(t, dir))
					return
				}
				require.NoError(t, err)
				var warnings strings.Builder
				require.NoError(t, diag.Write(&warnings, res.Warnings, diag.Options{}))
				assert.Equal(t, tt.warnings, strings.ReplaceAll(warnings.String(), filepath.Dir(dir)+"/", ""))
				want := maps.Clone(all)
				maps.Copy(want, tt.change)
				maps.DeleteFunc(want, func(_, s string) bool { return s == "-" })
				assert.Equal(t, want, indexed(t, dir))
				for file := range want {
					assert.FileExists(t, filepath.Join(dir, file))
				}
			})
		}
	}
}

// The record groups files by their source, is sorted, and ends with a newline. It has no
// path of the machine.
func TestRecord(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	var jobs []export.Job
	for _, env := range []export.Environment{
		recorded(t, "../q", "clusters/main.jsonnet", "us", "us"), recorded(t, "../q", "clusters/main.jsonnet", "eu", "eu-b", "eu-a"),
		recorded(t, "github.com/acme/platform//jsonnet", "dev/main.jsonnet", "", "dev"),
	} {
		jobs = append(jobs, job(env))
	}
	_, err := export.Run(t.Context(), dir, jobs, export.Options{Format: "{{.metadata.name}}"})
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(dir, ".mop-manifest"))
	require.NoError(t, err)
	assert.Equal(t, `{
    "version": 1,
    "environments": [
        {
            "project": "../q",
            "entrypoint": "clusters/main.jsonnet",
            "environment": "eu",
            "files": [
                "eu-a.yaml",
                "eu-b.yaml"
            ]
        },
        {
            "project": "../q",
            "entrypoint": "clusters/main.jsonnet",
            "environment": "us",
            "files": [
                "us.yaml"
            ]
        },
        {
            "project": "github.com/acme/platform//jsonnet",
            "entrypoint": "dev/main.jsonnet",
            "files": [
                "dev.yaml"
            ]
        }
    ]
}
`, string(got))
}

// A malformed record ends the export, which changes nothing.
func TestRecordIsBroken(t *testing.T) {
	for _, tt := range []struct{ name, record, want string }{
		{"nothing", "", "out/.mop-manifest:1: unexpected end of JSON input"},
		{"no JSON", "{\n]", "out/.mop-manifest:2: invalid character ']' looking for beginning of object key string"},
		{"no object", "[]", "out/.mop-manifest:1: want an object, got array"},
		{"no array", "{\n\"environments\": {}}", "out/.mop-manifest:2: environments: want an array, got object"},
		{"no files", "{\n\"environments\": [\n{\"files\": \"a.yaml\"}]}", "out/.mop-manifest:3: environments.files: want an array, got string"},
		{"no name", `{"environments": [{"entrypoint": 3}]}`, "out/.mop-manifest:1: environments.entrypoint: want a string, got number"},
		{"no version", "{}", "out/.mop-manifest: want version 1, got 0"},
		{"half a version", `{"version": 1.5}`, "out/.mop-manifest:1: version: want a whole number, got number 1.5"},
		{"another version", `{"version": 2}`, "out/.mop-manifest: want version 1, got 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			run := func(object string) error {
				_, err := export.Run(t.Context(), dir, []export.Job{job(recorded(t, "../q", "env/main.jsonnet", "", object))},
					export.Options{Format: "{{.metadata.name}}", MergeStrategy: export.ReplaceEnvs})
				return err
			}
			require.NoError(t, run("old"))
			require.NoError(t, os.WriteFile(filepath.Join(dir, ".mop-manifest"), []byte(tt.record), 0o644))
			l, ok := diag.From(run("new"))
			require.True(t, ok)
			assert.Equal(t, tt.want, strings.TrimPrefix(l.Error(), filepath.Dir(dir)+"/"))
			assert.Equal(t, failure.BadRecord, l[0].Code)
			assert.FileExists(t, filepath.Join(dir, "old.yaml"))
		})
	}
}
