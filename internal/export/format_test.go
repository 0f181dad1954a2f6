package export

import (
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/pkg/manifest"
)

func object(t testing.TB, text string) manifest.Object {
	t.Helper()
	var v map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &v))
	o, found := manifest.New(nil, v)
	require.Empty(t, found)
	return o
}

const role = `{apiVersion: rbac/v1, kind: Role, metadata: {name: "a/b", namespace: ns, labels: {"x/y": z, app: web, empty: ""}},
  spec: {replicas: 1000000, half: 0.5, "on": true, list: [a], "null": null}}`

func TestFormat(t *testing.T) {
	env := map[string]any{"metadata": map[string]any{"name": "environments/dev", "labels": map[string]any{"zone": "eu"}}}
	tests := []struct{ name, format, want, problem string }{
		{"default", DefaultFormat, "rbac-v1.Role-a-b.yaml", ""},
		{"slash in the text", "{{.kind}}/x/{{.metadata.namespace}}", "Role/x/ns.yaml", ""},
		{"slash in a value", "{{.metadata.name}}", "a-b.yaml", ""},
		{"slash in a string of the template", `{{printf "%s/%s" .kind "n"}}`, "Role-n.yaml", ""},
		{"braces in a string of the template", `{{replace "/" "}}" .metadata.name}}/{{.kind}}`, "a}}b/Role.yaml", ""},
		{"slash in a branch", `{{if .kind}}{{.kind}}/{{else}}none/{{end}}x`, "Role/x.yaml", ""},
		{"slash in a loop", `{{range $k := keys .metadata.labels}}{{$k}}/{{end}}x`, "app/empty/x-y/x.yaml", ""},
		{"values in order", `{{range values .metadata.labels}}{{.}}.{{end}}`, "web..z..yaml", ""},
		{"slash in a named template", `{{define "d"}}a/{{.kind}}{{end}}{{template "d" .}}/{{block "b" .}}b/{{.kind}}{{end}}`, "a/Role/b/Role.yaml", ""},
		{"with", `{{with .metadata}}{{.namespace}}/{{.name}}{{end}}`, "ns/a-b.yaml", ""},
		{"variable", `{{$n := .metadata.name}}{{$n = upper $n}}{{$n}}`, "A-B.yaml", ""},
		{"environment", "{{env.metadata.name}}/{{env.metadata.labels.zone}}/{{.kind}}", "environments-dev/eu/Role.yaml", ""},
		{"sprig", `{{.kind | lower | trunc 2}}`, "ro.yaml", ""},
		{"index", `{{index .metadata.labels "x/y"}}`, "z.yaml", ""},
		{"numbers and booleans", `{{.spec.replicas}}-{{.spec.half}}-{{.spec.on}}`, "1000000-0.5-true.yaml", ""},
		{"dots and comment", `./{{/* no */}}.{{.kind}}`, ".Role.yaml", ""},
		{"default for a missing value", `{{.metadata.none | default "x"}}`, "x.yaml", ""},
		{"letters", "ä{{.kind}} {{.kind}}", "äRole Role.yaml", ""},

		{"missing value", "{{.metadata.none}}", "", `format {{.metadata.none}}: no value`},
		{"null", "{{.spec.null}}", "", `format {{.spec.null}}: no value`},
		{"missing label", `{{index .metadata.labels "none"}}`, "", `format {{index .metadata.labels "none"}}: no value`},
		{"missing parent", "{{.none.name}}", "", `format {{.none.name}}: no value`},
		{"missing argument", "{{.none | upper}}", "", `format:1:10: executing "format" at <upper>: invalid value; expected string`},
		{"missing value in print", "{{print .none}}", "", `format {{print .none}}: no value for a part of it, got "<nil>"`},
		{"missing value in printf", `{{printf "%s-%d" .kind .none}}`, "", `format {{printf "%s-%d" .kind .none}}: no value for a part of it, got "Role-%!d(<nil>)"`},
		{"object", "{{.metadata}}", "", `format {{.metadata}}: want a string, a number or a boolean, got an object`},
		{"array", "{{.spec.list}}", "", `format {{.spec.list}}: want a string, a number or a boolean, got an array`},
		{"Go slice", `{{splitList "-" "a-b"}}`, "", `format {{splitList "-" "a-b"}}: want a string, a number or a boolean, got []string`},
		{"fail", `{{fail "no"}}`, "", `format:1:2: executing "format" at <fail "no">: error calling fail: no`},

		{"empty", "{{.metadata.labels.empty}}", "", `format gives "": the name is empty`},
		{"empty base", "a/{{.metadata.labels.empty}}", "", `format gives "a/": the name is empty`},
		{"empty folder", "a/{{.metadata.labels.empty}}/b", "", `format gives "a//b": a folder's name is empty`},
		{"absolute", "/etc/{{.kind}}", "", `format gives "/etc/Role": want a path below the directory, got an absolute one`},
		{"parent", "../{{.kind}}", "", `format gives "../Role": want a path below the directory, got one that leaves it`},
		{"parent in between", "a/../{{.kind}}", "", `format gives "a/../Role": want a path below the directory, got one that leaves it`},
		{"parent from a value", `{{print ".."}}/{{.kind}}`, "", `format gives "../Role": want a path below the directory, got one that leaves it`},
		{"parent as a base", "a/..", "", `format gives "a/..": the name has no characters but dots`},
		{"control character", `{{"a\u0007b"}}`, "", `format gives "a\ab": want printable characters`},
		{"not UTF-8", `{{"\xff"}}`, "", `format gives "\xff": want printable characters`},
		{"longer than any path", `{{repeat 5000 "x"}}`, "", "format gives a path of 4.9 KiB: want at most 4 KiB"},
		{"long", `{{repeat 251 "x"}}`, "", `format gives "` + strings.Repeat("x", 251) + `": want at most 255 bytes between slashes, got 256`},
		{"lock", ".mop-lock/{{.kind}}", "", `format gives ".mop-lock/Role": the name .mop-lock is taken`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := ParseFormat(t.Context(), tt.format, "yaml")
			require.NoError(t, err)
			name, err := f.With(func() (map[string]any, error) { return env, nil }).File(t.Context(), object(t, role))
			assert.Equal(t, tt.want, name)
			if tt.problem == "" {
				require.NoError(t, err)
				return
			}
			var none Nameless
			require.ErrorAs(t, err, &none)
			assert.Equal(t, tt.problem, none.Problem)
		})
	}

	f, err := ParseFormat(t.Context(), "Manifest", "json")
	require.NoError(t, err)
	_, err = f.File(t.Context(), object(t, role))
	require.EqualError(t, err, `format gives "Manifest": the name Manifest.json is taken`)

	f, err = ParseFormat(t.Context(), "{{.kind}}.{{env.ext}}", "")
	require.NoError(t, err)
	name, err := f.With(func() (map[string]any, error) { return map[string]any{"ext": "json"}, nil }).File(t.Context(), object(t, role))
	require.NoError(t, err)
	assert.Equal(t, "Role.json", name)
	_, err = f.With(func() (map[string]any, error) { return nil, io.ErrClosedPipe }).File(t.Context(), object(t, role))
	require.ErrorContains(t, err, io.ErrClosedPipe.Error())
}

func TestFormatThatDoesNotParse(t *testing.T) {
	tests := []struct{ name, format, extension, want string }{
		{"syntax", "{{.kind", "yaml", "format {{.kind: format:1: unclosed action"},
		{"function", "{{nope}}", "yaml", `format {{nope}}: format:1: function "nope" not defined`},
		{"clock", "{{now}}", "yaml", `format {{now}}: format:1: function "now" not defined`},
		{"environment variable", `{{expandenv "$HOME"}}`, "yaml", `format {{expandenv "$HOME"}}: format:1: function "expandenv" not defined`},
		{"chance", `{{shuffle "ab"}}`, "yaml", `format {{shuffle "ab"}}: format:1: function "shuffle" not defined`},
		{"extension", "x", "../x", `extension: want no slash or control character, got "../x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseFormat(t.Context(), tt.format, tt.extension)
			assert.EqualError(t, err, tt.want)
		})
	}
}

// The file is in the directory, whatever the format and the object's name.
func FuzzFormat(f *testing.F) {
	for _, format := range []string{
		DefaultFormat, "{{.kind}}/{{.metadata.name}}", "../{{.kind}}", "{{if .kind}}a/{{else}}b{{end}}", "{{env.metadata.name}}",
		`{{define "a"}}{{.}}{{end}}{{template "a" .kind}}`, "{{.metadata.none}}", `{{with .metadata}}{{$x := .name}}{{$x | upper}}{{end}}`, "a//b", `{{"\xff"}}/x`,
	} {
		f.Add(format, "name")
	}
	for _, hostile := range []string{
		`{{range until 1000000000}}{{end}}x`, `{{range 1000000000}}{{end}}`, `{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`, `{{repeat 1000000000 "x"}}`,
		`{{$d := dict}}{{$_ := set $d "a" $d}}{{print $d}}`, `{{printf "%1000000d%*d" 1 1000000 1}}`, `{{untilStep 0 9223372036854775807 9223372036854775806}}`,
	} {
		f.Add(hostile, "name")
	}
	f.Add("{{.metadata.name}}", "../../x")
	f.Add("{{.metadata.name}}/{{.metadata.name}}", "..")
	f.Add("{{.metadata.name}}", "\a")
	f.Fuzz(func(t *testing.T, text, name string) {
		defer pace.Hold(t, len(text)+len(name))()
		ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: 200 * time.Millisecond, Memory: budget.Held() + 256<<20})
		defer stop()
		format, err := ParseFormat(ctx, text, "yaml")
		if err != nil {
			return
		}
		o, found := manifest.New(nil, map[string]any{"apiVersion": "v1", "kind": "K", "metadata": map[string]any{"name": name}})
		if len(found) > 0 {
			return
		}
		env := func() (map[string]any, error) { return map[string]any{"metadata": map[string]any{"name": name}}, nil }
		file, err := format.With(env).File(ctx, o)
		if err != nil {
			return
		}
		dir := filepath.FromSlash("/x/dir")
		full := filepath.Join(dir, filepath.FromSlash(file))
		if !filepath.IsLocal(filepath.FromSlash(file)) || !strings.HasPrefix(full, dir+string(filepath.Separator)) || full != dir+string(filepath.Separator)+filepath.FromSlash(file) {
			t.Fatalf("format %q, name %q: file %q leaves the directory", text, name, file)
		}
		if strings.Contains(file, "<no value>") && !strings.Contains(text+name, "<no value>") {
			t.Fatalf("format %q, name %q: file %q", text, name, file)
		}
		if again, err := format.With(env).File(ctx, o); err == nil && again != file {
			t.Fatalf("format %q, name %q: %q, then %q", text, name, file, again)
		}
	})
}

// An index names no file outside the directory, a record adds none to it, and a written
// index is read as the same.
func FuzzIndex(f *testing.F) {
	records := []string{
		``, `[`, `{"version": 2}`, `{"version": 1, "environments": null}`,
		`{"version": 1, "environments": [{"project": "../q", "entrypoint": "x", "environment": "e", "files": ["a.yaml", "../a", "b/c"]}, {"entrypoint": "y", "files": ["a.yaml"]}]}`,
	}
	for i, text := range []string{`{}`, `{"a.yaml": "x"}`, `{"../a": "x"}`, `{"/a": "x", "./b//c": "y"}`, `[`, `[]`, `{"a": 1}`, `{"": ""}`, ``} {
		f.Add([]byte(text), []byte(records[i%len(records)]))
		f.Add([]byte(text), []byte(records[4]))
	}
	f.Fuzz(func(t *testing.T, data, record []byte) {
		defer pace.Hold(t, len(data)+len(record))()
		x, found := parseIndex(data)
		if len(found) > 0 {
			return
		}
		for file := range x {
			if !filepath.IsLocal(file) || file == "." {
				t.Fatalf("%q: %q", data, file)
			}
		}
		n := len(x)
		if r, found := parseRecord(record); len(found) == 0 {
			r.tell(x)
		}
		assert.Len(t, x, n)
		dir := t.TempDir()
		require.NoError(t, x.write(dir, true, true))
		again, known, err := readIndex(t.Context(), dir, dir)
		require.NoError(t, err)
		assert.True(t, known)
		assert.Equal(t, x, again)
	})
}
