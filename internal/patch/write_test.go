package patch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/patch"
	"github.com/mop-platform/mop/pkg/manifest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// objects returns the objects of a stream of YAML documents.
func objects(t *testing.T, stream string) []manifest.Object {
	t.Helper()
	var out []manifest.Object
	for i, text := range strings.Split(stream, "---\n") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		var v map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(text), &v))
		o, l := manifest.New(manifest.Path{i}, v)
		require.Empty(t, l)
		out = append(out, o)
	}
	return out
}

// writers are the ways to write a report.
var writers = map[string]func(patch.Report, *bytes.Buffer) error{
	"unified": func(r patch.Report, b *bytes.Buffer) error {
		return r.WriteUnified(context.Background(), b, patch.Options{})
	},
	"summary": func(r patch.Report, b *bytes.Buffer) error {
		return r.WriteSummary(context.Background(), b, patch.Options{})
	},
	"json": func(r patch.Report, b *bytes.Buffer) error {
		return r.WriteJSON(context.Background(), b, patch.Options{Colour: true})
	},
	"unified in colour": func(r patch.Report, b *bytes.Buffer) error {
		return r.WriteUnified(context.Background(), b, patch.Options{Colour: true})
	},
	"summary in colour": func(r patch.Report, b *bytes.Buffer) error {
		return r.WriteSummary(context.Background(), b, patch.Options{Colour: true})
	},
	"secrets": func(r patch.Report, b *bytes.Buffer) error {
		return r.WriteUnified(context.Background(), b, patch.Options{ShowSecrets: true})
	},
}

// TestGolden compares the archives in testdata. from and to are two renderings, and each
// other file is the output of the writer of that name.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			require.NoError(t, err)
			in := map[string]string{}
			for _, f := range archive.Files[:2] {
				in[f.Name] = string(f.Data)
			}
			r := patch.Compare(objects(t, in["from"]), objects(t, in["to"]))
			for i, f := range archive.Files[2:] {
				var b bytes.Buffer
				require.Contains(t, writers, f.Name)
				require.NoError(t, writers[f.Name](r, &b))
				got := strings.ReplaceAll(b.String(), "\x1b", "ESC")
				if *update {
					archive.Files[2+i].Data = []byte(got)
					continue
				}
				assert.Equal(t, string(f.Data), got, f.Name)
			}
			if *update {
				require.NoError(t, os.WriteFile(name, txtar.Format(archive), 0o644))
			}
		})
	}
}

// Names cannot break lines or reach the terminal.
func TestNamesAreQuoted(t *testing.T) {
	r := patch.Compare(nil, objects(t, `{apiVersion: v1, kind: Pod, metadata: {name: "a\n+ b\e[31m"}}`))
	var b strings.Builder
	require.NoError(t, r.WriteSummary(t.Context(), &b, patch.Options{}))
	assert.Equal(t, "+ \"Pod a\\n+ b\\x1b[31m\"\n1 added, 0 changed, 0 removed, 0 equal\n", b.String())
}

// The output depends on the values of a Secret only in whether they are equal.
func TestSecretsDoNotLeak(t *testing.T) {
	secret := func(name, data, text, annotation string) manifest.Object {
		o, l := manifest.New(nil, map[string]any{
			"apiVersion": "v1", "kind": "Secret",
			"metadata": map[string]any{"name": name, "annotations": map[string]any{
				"kubectl.kubernetes.io/last-applied-configuration": annotation,
				"note": "shown",
			}},
			"data":       map[string]any{"key": data, "only-" + name: data},
			"stringData": map[string]any{"key": text, "list": []any{text}, "number": float64(len(text)), "same": text},
		})
		require.Empty(t, l)
		return o
	}
	output := func(v [6]string) string {
		r := patch.Compare(
			[]manifest.Object{secret("a", v[0], v[1], v[2]), secret("gone", v[0], v[1], v[2])},
			[]manifest.Object{secret("a", v[3], v[4], v[5]), secret("new", v[3], v[4], v[5])},
		)
		var b bytes.Buffer
		for _, name := range []string{"unified", "summary", "json", "unified in colour", "summary in colour"} {
			require.NoError(t, writers[name](r, &b))
		}
		return b.String()
	}
	a := output([6]string{"d", "t", "a", "e", "uu", "b"})
	b := output([6]string{"SECRET0", "SECRET1\nSECRET1\nSECRET1\n", "SECRET2", strings.Repeat("SECRET3 ", 100), "SECRET4\nx: y", ""})
	assert.Equal(t, a, b)
	assert.NotContains(t, b, "SECRET")
	assert.Contains(t, b, "note: shown")

	same := [6]string{"d", "t", "a", "d", "t", "a"}
	assert.NotEqual(t, a, output(same))
}

// Masking changes only copies.
func TestObjectsStay(t *testing.T) {
	in := objects(t, "{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {x: eA==}}")
	r := patch.Compare(nil, in)
	require.NoError(t, r.WriteUnified(t.Context(), &bytes.Buffer{}, patch.Options{}))
	v, _ := in[0].Lookup("data", "x")
	assert.Equal(t, "eA==", v)
	v, _ = r.Changes[0].To.Lookup("data", "x")
	assert.Equal(t, "eA==", v)
}

func TestJSONOfNothing(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, patch.Compare(nil, nil).WriteJSON(t.Context(), &b, patch.Options{}))
	assert.JSONEq(t, `{"added": 0, "changed": 0, "removed": 0, "equal": 0, "changes": []}`, b.String())
}

// FuzzCompare checks that an object does not differ from itself, and that the diff of two
// turns the YAML of one into that of the other. It checks that the numbers of lines are
// those of the texts, and that no value of a Secret gets out.
func FuzzCompare(f *testing.F) {
	f.Add([]byte(`{"a": 1}`), []byte(`{"a": 2, "b": [1, 2]}`), false)
	f.Add([]byte(`{"rules": [{"a": ["x"], "b": 1}, {"a": ["x"], "b": 2}]}`), []byte(`{"rules": [{"a": ["x"], "b": 2}]}`), false)
	f.Add([]byte(`{"data": {"a": "hidden"}}`), []byte(`{"data": {"a": "b\nc"}}`), true)
	f.Add([]byte(`{"data": "hidden"}`), []byte(`{"stringData": null, "data": {"a": []}}`), true)
	f.Fuzz(func(t *testing.T, a, b []byte, secret bool) {
		defer pace.Hold(t, len(a)+len(b))()
		var pair [2][]manifest.Object
		for i, text := range [][]byte{a, b} {
			var v map[string]any
			if json.Unmarshal(text, &v) != nil || v == nil {
				t.Skip()
			}
			v["apiVersion"], v["kind"], v["metadata"] = "v1", "X", map[string]any{"name": "x"}
			if secret {
				v["kind"] = "Secret"
			}
			o, l := manifest.New(nil, v)
			require.Empty(t, l)
			pair[i] = []manifest.Object{o}
		}
		assert.Equal(t, patch.Report{Equal: 1}, patch.Compare(pair[0], pair[0]))

		r := patch.Compare(pair[0], pair[1])
		var unified, report bytes.Buffer
		require.NoError(t, r.WriteUnified(t.Context(), &unified, patch.Options{ShowSecrets: true}))
		require.NoError(t, r.WriteJSON(t.Context(), &report, patch.Options{ShowSecrets: true}))
		from, err := pair[0][0].YAML(t.Context())
		require.NoError(t, err)
		to, err := pair[1][0].YAML(t.Context())
		require.NoError(t, err)
		assert.Equal(t, string(to), apply(t, string(from), unified.String()))

		var numbers struct {
			Changes []struct{ LinesAdded, LinesRemoved int }
		}
		require.NoError(t, json.Unmarshal(report.Bytes(), &numbers))
		net := 0
		for _, c := range numbers.Changes {
			net += c.LinesAdded - c.LinesRemoved
		}
		assert.Equal(t, bytes.Count(to, []byte("\n"))-bytes.Count(from, []byte("\n")), net)

		if secret {
			unified.Reset()
			require.NoError(t, r.WriteUnified(t.Context(), &unified, patch.Options{}))
			for i := range pair {
				for _, field := range []string{"data", "stringData"} {
					values, _ := pair[i][0].Lookup(field)
					entries, _ := values.(map[string]any)
					for key, v := range entries {
						// Short ones and keys occur by chance.
						if s, ok := v.(string); ok && len(s) > 8 && s != key && !strings.Contains(string(a)+string(b), s+`":`) {
							assert.NotContains(t, unified.String(), s)
						}
					}
				}
			}
		}
	})
}

// The error of a budget names the object that was being written.
func TestInterrupted(t *testing.T) {
	object := func(value string) manifest.Object {
		o, found := manifest.New(nil, map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"a": strings.Repeat(value+"\n", 100_000)},
		})
		require.Empty(t, found)
		return o
	}
	r := patch.Compare([]manifest.Object{object("x")}, []manifest.Object{object("y")})
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrClosedPipe)
	for name, write := range map[string]func(context.Context, io.Writer, patch.Options) error{
		"unified": r.WriteUnified, "summary": r.WriteSummary, "JSON": r.WriteJSON,
	} {
		t.Run(name, func(t *testing.T) {
			err := write(ctx, io.Discard, patch.Options{})
			var stopped *patch.Interrupted
			require.ErrorAs(t, err, &stopped)
			require.ErrorIs(t, err, io.ErrClosedPipe)
			require.Equal(t, manifest.ID{Kind: "ConfigMap", Name: "a"}, stopped.Object)
		})
	}
}
