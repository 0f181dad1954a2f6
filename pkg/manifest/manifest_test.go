package manifest_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/pkg/manifest"
)

// value decodes YAML as encoding/json would decode the same JSON.
func value(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(text), &v))
	return v
}

func object(t *testing.T, text string) manifest.Object {
	t.Helper()
	o, l := manifest.New(nil, value(t, text))
	require.Empty(t, l)
	return o
}

func TestNew(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"valid", `{apiVersion: v1, kind: Pod, metadata: {name: a, labels: null, annotations: {a: b}}}`, nil},
		{"generated name", `{apiVersion: v1, kind: Pod, metadata: {generateName: a-}}`, nil},
		{"empty", `{}`, []string{
			`x.apiVersion: want a non-empty string, got none`,
			`x.kind: want a non-empty string, got none`,
			`x.metadata: want an object, got none`,
		}},
		{"types of the header", `{apiVersion: 1, kind: "", metadata: [a]}`, []string{
			`x.apiVersion: want a non-empty string, got number 1`,
			`x.kind: want a non-empty string, got string ""`,
			`x.metadata: want an object, got an array`,
		}},
		{"no name", `{apiVersion: v1, kind: Pod, metadata: {}}`, []string{
			`x.metadata.name: want a non-empty string, got none`,
		}},
		{"empty name", `{apiVersion: v1, kind: Pod, metadata: {name: ""}}`, []string{
			`x.metadata.name: want a non-empty string, got string ""`,
		}},
		{"types of the metadata", `{apiVersion: v1, kind: Pod, metadata: {name: 1, namespace: true, labels: {b: 1, a: null}, annotations: [1]}}`, []string{
			`x.metadata.name: want a string, got number 1`,
			`x.metadata.namespace: want a string, got boolean true`,
			`x.metadata.labels.a: want a string, got null`,
			`x.metadata.labels.b: want a string, got number 1`,
			`x.metadata.annotations: want an object, got an array`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, l := manifest.New(manifest.Path{"x"}, value(t, tt.in))
			var got []string
			for _, d := range l {
				got = append(got, d.Error())
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestIdentity(t *testing.T) {
	o := object(t, `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: shop}}`)
	assert.Equal(t, manifest.ID{Group: "apps", Kind: "Deployment", Namespace: "shop", Name: "web"}, o.ID())
	assert.Equal(t, "apps/v1", o.APIVersion())
	assert.Equal(t, "Deployment.apps shop/web", o.ID().String())

	o = object(t, `{apiVersion: v1, kind: Namespace, metadata: {name: shop}}`)
	assert.Equal(t, "v1", o.APIVersion())
	assert.Equal(t, "Namespace shop", o.ID().String())

	name, ok := o.Lookup("metadata", "name")
	assert.True(t, ok)
	assert.Equal(t, "shop", name)
	_, ok = o.Lookup("metadata", "name", "x")
	assert.False(t, ok)
	_, ok = o.Lookup("spec")
	assert.False(t, ok)

	var decoded struct{ Kind string }
	require.NoError(t, o.Decode(&decoded))
	assert.Equal(t, "Namespace", decoded.Kind)
}

func TestPath(t *testing.T) {
	tests := []struct {
		want string
		path manifest.Path
	}{
		{".", nil},
		{"a.b", manifest.Path{"a", "b"}},
		{`["a.b"]`, manifest.Path{"a.b"}},
		{"items[0].x", manifest.Path{"items", 0, "x"}},
		{"[1][2]", manifest.Path{1, 2}},
		{`["[0]"]`, manifest.Path{"[0]"}},
		{`a["local"]["0x"][""]`, manifest.Path{"a", "local", "0x", ""}},
		{`["a\"b\\<\n"]`, manifest.Path{"a\"b\\<\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) { assert.Equal(t, tt.want, tt.path.String()) })
	}

	base := make(manifest.Path, 0, 8)
	a, b := base.Field("a"), base.Field("b")
	assert.Equal(t, "a", a.String(), "an extension must not touch its sibling")
	assert.Equal(t, "b", b.String())
}

func TestSort(t *testing.T) {
	want := []string{
		`{apiVersion: v1, kind: Namespace, metadata: {name: b}}`,
		`{apiVersion: v1, kind: ServiceAccount, metadata: {name: b, namespace: a}}`,
		`{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, namespace: b}}`,
		`{apiVersion: v1, kind: ServiceAccount, metadata: {generateName: x-, namespace: c}}`,
		`{apiVersion: v1, kind: ServiceAccount, metadata: {generateName: y-, namespace: c}}`,
		`{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}}`,
		`{apiVersion: apps/v2, kind: Deployment, metadata: {name: a}}`,
		`{apiVersion: extensions/v1, kind: Deployment, metadata: {name: a}}`,
		`{apiVersion: v1, kind: APIService, metadata: {name: a}}`,
		`{apiVersion: v1, kind: Alpha, metadata: {name: z}}`,
		`{apiVersion: v1, kind: Beta, metadata: {name: a}}`,
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		shuffled := slices.Clone(want)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		var objects []manifest.Object
		for _, text := range shuffled {
			objects = append(objects, object(t, text))
		}
		manifest.Sort(objects)
		var wantStream, gotStream bytes.Buffer
		for i, text := range want {
			b, err := object(t, text).YAML(t.Context())
			require.NoError(t, err)
			if i > 0 {
				wantStream.WriteString("---\n")
			}
			wantStream.Write(b)
		}
		require.NoError(t, manifest.WriteYAML(t.Context(), &gotStream, objects))
		require.Equal(t, wantStream.String(), gotStream.String())
	}
}

// Strings that some version of YAML reads as other values must come back as strings, and
// numbers as equal numbers.
func TestYAMLKeepsValues(t *testing.T) {
	scalars := []any{
		"y", "n", "on", "off", "yes", "no", "true", "null", "~", "", " ", "1", "1.5", "1e3", "0x1f", "0o17", "017",
		"1:30", "2001-01-01", ".inf", ".nan", "=", "<<", "- a", "a: b", "#c", "a #c", "%d", "@x", "`x", "!t", "&a", "*a",
		"a\nb\n", "\ttab", "tr\u00e4ge", "\u2028", "\x01", "x\u0085-", "\u007f", "\u0080", "\u009f", "\ufffe", "\uffff", "\ufeffx", "\U0001f600", "'", `"`, "{", "[", "|", ">", "1_000",
		0.0, 1.0, -1.0, 1000000.0, 123456789.0, 9007199254740991.0, 1e21, 0.1, 1.5e-7, true, false, nil,
	}
	in := map[string]any{"apiVersion": "v1", "kind": "X", "metadata": map[string]any{"name": "x"}, "list": scalars}
	for _, s := range scalars {
		if s, ok := s.(string); ok {
			in["key"+s] = s
		}
	}
	o, l := manifest.New(nil, in)
	require.Empty(t, l)
	b, err := o.YAML(t.Context())
	require.NoError(t, err)
	var out map[string]any
	require.NoError(t, yaml.Unmarshal(b, &out))
	assert.Equal(t, in, out)
	for _, line := range []string{"- 1000000\n", "- 123456789\n", "- 9007199254740991\n"} {
		assert.Contains(t, string(b), line)
	}
}

func TestWriteJSON(t *testing.T) {
	var b strings.Builder
	require.NoError(t, manifest.WriteJSON(t.Context(), &b, nil))
	assert.JSONEq(t, `{"apiVersion": "v1", "kind": "List", "items": []}`, b.String())

	b.Reset()
	require.NoError(t, manifest.WriteJSON(t.Context(), &b, []manifest.Object{object(t, `{apiVersion: v1, kind: Pod, metadata: {name: a}, data: {x: "<&>"}}`)}))
	assert.Contains(t, b.String(), `"x": "<&>"`)
	var list struct{ Items []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(b.String()), &list))
	assert.Len(t, list.Items, 1)
}
