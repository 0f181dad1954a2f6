package render_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
)

const pod = `{apiVersion: v1, kind: Pod, metadata: {name: %}}`

// in expands pod(x) to a Pod called x.
func in(t *testing.T, text string) any {
	t.Helper()
	for {
		before, rest, ok := strings.Cut(text, "pod(")
		if !ok {
			break
		}
		name, rest, _ := strings.Cut(rest, ")")
		text = before + strings.Replace(pod, "%", name, 1) + rest
	}
	var v any
	require.NoError(t, yaml.Unmarshal([]byte(text), &v))
	return v
}

func TestFlatten(t *testing.T) {
	tests := []struct {
		name, in string
		paths    []string
		want     string
	}{
		{"nothing", `null`, nil, ""},
		{"empty object", `{}`, nil, ""},
		{"empty array", `[[], {}]`, nil, ""},
		{"the result itself", `pod(a)`, []string{"."}, ""},
		{"nested", `{b: {c: [pod(a), {d: pod(b)}]}, a: pod(c)}`, []string{"a", "b.c[0]", "b.c[1].d"}, ""},
		{"null fields", `{a: null, b: pod(a), c: {d: null}}`, []string{"b"}, ""},
		{"paths that a dot would merge", `{a.b: pod(a), a: {b: pod(b)}, "l": [pod(c)], "l[0]": pod(d)}`,
			[]string{"a.b", `["a.b"]`, "l[0]", `["l[0]"]`}, ""},
		{"apiVersion as an object", `{apiVersion: {x: pod(a)}, kind: null}`, []string{"apiVersion.x"}, ""},
		{"kind as an array", `{kind: [pod(a)]}`, []string{"kind[0]"}, ""},
		{"null in an array", `{a: [pod(a), null]}`, []string{"a[0]"}, `
a[1]: want an object, got null
    hint: leave the element out where the condition is false, as [x for x in xs if x != null] does
`},
		{"primitive result", `3`, nil, `
.: want an object, got number 3
    hint: a result is Kubernetes objects, or objects and arrays that hold them
`},
		{"primitive field", `{a: {replicas: 3, x: y, deep: {z: true}, ok: pod(a)}}`, []string{"a.ok"}, `
a.deep.z: want an object, got boolean true
    hint: hide what is no Kubernetes object with a double colon (::)
a.replicas: want an object, got number 3 (and 1 more field like it)
    hint: hide what is no Kubernetes object with a double colon (::)
`},
		{"primitive element", `[text]`, nil, `
[0]: want an object, got string "text"
    hint: a result is Kubernetes objects, or objects and arrays that hold them
`},
		{"kind of another type", `{a: {apiVersion: v1, kind: 3000, metadata: {name: a}}}`, nil, `
a.kind: want a non-empty string, got number 3000
`},
		{"apiVersion missing", `{a: {kind: Pod, metadata: {name: a}}}`, nil, `
a.apiVersion: want a non-empty string, got none
`},
		{"name missing", `{a: {apiVersion: v1, kind: Pod, metadata: {}}, b: pod(b)}`, []string{"b"}, `
a.metadata.name: want a non-empty string, got none
    hint: set metadata.name, or metadata.generateName to have one made
`},
		{"list", `{a: {apiVersion: v1, kind: List, items: [pod(a), {apiVersion: v1, kind: PodList, items: [pod(b)]}]}}`, []string{"a.items[0]", "a.items[1].items[0]"}, ""},
		{"empty list", `{apiVersion: v1, kind: List, items: []}`, nil, ""},
		{"list with other items", `{a: {apiVersion: v1, kind: List, items: [pod(a), null, text, [pod(b)]]}}`, []string{"a.items[0]"}, `
a.items[1]: want an object, got null
    hint: the items of a list are Kubernetes objects
a.items[2]: want an object, got string "text"
    hint: the items of a list are Kubernetes objects
a.items[3]: want an object, got an array
    hint: the items of a list are Kubernetes objects
`},
		{"items of a custom resource", `{a: {apiVersion: example.com/v1, kind: Menu, metadata: {name: m}, items: [pod(a)]}}`, []string{"a"}, ""},
		{"list without items", `{a: {apiVersion: v1, kind: List}}`, nil, `
a.items: want an array, got none
`},
		{"__ksonnet", `{__ksonnet: 1, a: {__ksonnet: {x: 1}, b: pod(a)}}`, []string{"a.b"}, ""},
		{"generated names are no duplicates", `[{apiVersion: v1, kind: Pod, metadata: {generateName: a}}, {apiVersion: v1, kind: Pod, metadata: {generateName: a}}]`, []string{"[0]", "[1]"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			objects, found, err := render.Flatten(t.Context(), in(t, tt.in))
			require.NoError(t, err)
			var paths []string
			for _, o := range objects {
				paths = append(paths, o.Path().String())
			}
			assert.Equal(t, tt.paths, paths)
			var b strings.Builder
			require.NoError(t, diag.Write(&b, found, diag.Options{}))
			assert.Equal(t, strings.TrimPrefix(tt.want, "\n"), b.String())
		})
	}
}

// FuzzFlatten checks that flattening never panics, that each object is at its path as
// Jsonnet itself resolves it, and that no two objects have the same path. All else in the
// value must be null, an empty list or reported.
func FuzzFlatten(f *testing.F) {
	for _, seed := range []string{
		`{"a": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}, "b": [null, 1]}`,
		`{"a.b": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}, "a": {"b": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "y"}}}}`,
		`[[{"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "x"}}]]`,
		`{"": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}, "l]": {"\u0000": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "z"}}}}`,
		`{"error": {"super": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}}}`,
		`{"apiVersion": 1, "kind": {}}`, `null`, `"x"`, `[1e400]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		defer pace.Hold(t, len(data))()
		var value any
		if len(data) > 1<<12 || json.Unmarshal(data, &value) != nil {
			t.Skip()
		}
		objects, found, err := render.Flatten(t.Context(), value)
		require.NoError(t, err)
		droppable := strings.Contains(string(data), "items") || strings.Contains(string(data), "__ksonnet")
		if len(objects) == 0 && len(found) == 0 && holdsPrimitive(value) && !droppable {
			t.Fatal("neither an object nor a diagnostic, but the value holds something")
		}
		paths := map[string]bool{}
		for _, o := range objects {
			path := o.Path().String()
			if paths[path] {
				t.Fatalf("two objects at %s", path)
			}
			paths[path] = true
			access := "." + path
			switch {
			case path == ".":
				access = ""
			case path[0] == '[':
				access = path
			}
			got, err := jsonnet.MakeVM().EvaluateAnonymousSnippet("fuzz", "("+string(data)+")"+access)
			if err != nil {
				// Not all JSON is Jsonnet: numbers may overflow, strings hold
				// lone surrogates.
				t.Skip(err)
			}
			want, err := o.MarshalJSON()
			require.NoError(t, err)
			assert.JSONEq(t, string(want), got, path)
		}
	})
}

func holdsPrimitive(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case map[string]any:
		for _, e := range v {
			if holdsPrimitive(e) {
				return true
			}
		}
		return false
	case []any:
		for _, e := range v {
			if holdsPrimitive(e) {
				return true
			}
		}
		return false
	}
	return true
}
