package kubectl_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/mop-platform/mop/internal/render"
)

// TestLists compares the reading of lists with the code that kubectl uses.
func TestLists(t *testing.T) {
	const (
		named = `"metadata": {"name": "a"}`
		cm    = `{"apiVersion": "v1", "kind": "ConfigMap", ` + named + `}`
	)
	tests := []struct {
		name, in string
		fails    bool
	}{
		{name: "list", in: `{"apiVersion": "v1", "kind": "List", "items": [` + cm + `, ` + cm + `]}`},
		{name: "no items", in: `{"apiVersion": "v1", "kind": "List", "items": []}`},
		{name: "null for items", in: `{"apiVersion": "v1", "kind": "List", "items": null}`},
		{name: "null for items of a typed list", in: `{"apiVersion": "v1", "kind": "ConfigMapList", "items": null}`},
		{name: "typed list", in: `{"apiVersion": "v1", "kind": "ConfigMapList", "items": [{` + named + `}, ` + cm + `]}`},
		{name: "other kinds in a typed list", in: `{"apiVersion": "rbac/v1", "kind": "RoleList", "items": [` + cm + `, {` + named + `}]}`},
		{name: "empty texts", in: `{"apiVersion": "v1", "kind": "ConfigMapList", "items": [{"apiVersion": "", "kind": "", ` + named + `}]}`},
		{name: "kind without apiVersion", in: `{"apiVersion": "v1", "kind": "ConfigMapList", "items": [{"kind": "ConfigMap", ` + named + `}]}`, fails: true},
		{name: "apiVersion without kind", in: `{"apiVersion": "v1", "kind": "ConfigMapList", "items": [{"apiVersion": "v1", ` + named + `}]}`, fails: true},
		{name: "kindless in a list", in: `{"apiVersion": "v1", "kind": "List", "items": [{` + named + `}]}`, fails: true},
		{name: "text for an item", in: `{"apiVersion": "v1", "kind": "ConfigMapList", "items": ["a"]}`, fails: true},
		{name: "object for items", in: `{"apiVersion": "v1", "kind": "List", "items": {}}`, fails: true},
		{name: "text for items", in: `{"apiVersion": "v1", "kind": "ConfigMapList", "items": "a"}`, fails: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want, err := asKubectl([]byte(tt.in))
			require.Equal(t, tt.fails, err != nil, "kubectl: %v", err)
			var value any
			require.NoError(t, json.Unmarshal([]byte(tt.in), &value))
			objects, found, err := render.Flatten(t.Context(), value)
			require.NoError(t, err)
			if tt.fails {
				assert.NotEmpty(t, found)
				return
			}
			assert.Empty(t, found)
			var got []any
			for _, o := range objects {
				whole, _ := o.Lookup()
				got = append(got, whole)
			}
			assert.Equal(t, want, got)
		})
	}
}

// asKubectl does what the visitors of k8s.io/cli-runtime, pkg/resource, do with the
// text of a list.
func asKubectl(text []byte) (objects []any, err error) {
	first, _, err := unstructured.UnstructuredJSONScheme.Decode(text, nil, nil)
	if err != nil {
		return nil, err
	}
	items, err := meta.ExtractList(first)
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		// As the typer of client-go, pkg/apis/meta/v1/unstructured/unstructuredscheme.
		kind := item.GetObjectKind().GroupVersionKind()
		if kind.Kind == "" {
			return nil, runtime.NewMissingKindErr("")
		}
		if kind.Version == "" {
			return nil, runtime.NewMissingVersionErr("")
		}
		objects = append(objects, item.(*unstructured.Unstructured).Object)
	}
	return objects, nil
}
