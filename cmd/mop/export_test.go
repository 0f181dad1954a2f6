package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/export"
	"github.com/mop-platform/mop/pkg/render"
)

// inline is an entrypoint with inline environments.
const inline = `
local environment(name, labels, namespace, data) = {
  apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: name, labels: labels }, spec: { namespace: namespace, injectLabels: true }, data: data,
};
local configMap(name) = { apiVersion: 'v1', kind: 'ConfigMap', metadata: name };
{
  eu: environment('clusters/eu', { zone: 'eu/1' }, 'shop', [configMap({ name: 'a' }), configMap({ name: 'b/c', namespace: 'other' })]),
  us: environment('clusters/us', { zone: 'us' }, 'shop', [configMap({ name: 'd' }), configMap({ generateName: 'e-' })]),
  none: environment('clusters/none', { zone: 'no' }, 'shop', []),
}`

// all yields the environments of entrypoints.
func all(ctx context.Context, p *render.Project, entrypoints []string) iter.Seq2[*render.Result, error] {
	return func(yield func(*render.Result, error) bool) {
		for _, name := range entrypoints {
			for r, err := range p.RenderAll(ctx, name, render.Args{}) {
				if !yield(r, err) {
					return
				}
			}
		}
	}
}

// filesBelow returns the contents of the files below a directory.
func filesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	}))
	return files
}

// Other programs export the same files as the command, by package export.
func TestExportOfOtherPrograms(t *testing.T) {
	own := t.TempDir()
	for name, text := range map[string]string{
		"jsonnetfile.json":      "{}",
		"clusters/main.jsonnet": inline,
		"single/main.jsonnet":   "{ a: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec: { replicas: 1000000 } } }",
		"single/spec.json":      `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "single", "labels": {"zone": "eu"}}, "spec": {"namespace": "n"}}`,
	} {
		require.NoError(t, os.MkdirAll(filepath.Join(own, filepath.Dir(name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(own, name), []byte(text), 0o666))
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	for name, test := range map[string]struct {
		root        string
		entrypoints []string
		format      string
	}{
		"platform":             {root, []string{"environments/dev", "environments/staging", "environments/production"}, "{{env.metadata.name}}/{{.kind}}-{{.metadata.name}}"},
		"names of the command": {own, []string{"clusters", "single"}, ""},
		"environment":          {own, []string{"clusters", "single"}, "{{env.metadata.labels.zone}}/{{env.spec.namespace}}.{{env.metadata.namespace}}/{{.kind | lower}}-{{or .metadata.name .metadata.generateName}}"},
	} {
		t.Run(name, func(t *testing.T) {
			want, got := filepath.Join(t.TempDir(), "want"), filepath.Join(t.TempDir(), "got")
			args := append([]string{"export", "--recursive", want}, test.entrypoints...)
			var o export.Options
			if test.format != "" {
				args = append(args, "--format", test.format)
				o.Namer, err = export.Format(test.format + ".yaml")
				require.NoError(t, err)
			}
			var stderr bytes.Buffer
			require.Zero(t, run(test.root, nil, &stderr, &stderr, args...), "%s", &stderr)
			files := filesBelow(t, want)

			var index struct{ Environments []struct{ Project string } }
			require.NoError(t, json.Unmarshal([]byte(files[".mop-manifest"]), &index))
			o.Project = index.Environments[0].Project
			p, err := render.Open(test.root, render.Config{})
			require.NoError(t, err)
			_, err = export.Dir(t.Context(), got, all(t.Context(), p, test.entrypoints), o)
			require.NoError(t, err)
			assert.Equal(t, files, filesBelow(t, got))

			delete(files, "manifest.json")
			delete(files, ".mop-manifest")
			memory := map[string]string{}
			for f, err := range export.Files(all(t.Context(), p, test.entrypoints), o.Namer) {
				require.NoError(t, err)
				var b bytes.Buffer
				_, err := f.WriteTo(&b)
				require.NoError(t, err)
				memory[f.Name] = b.String()
			}
			assert.Equal(t, files, memory)
		})
	}
}
