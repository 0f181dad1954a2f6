package edit_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/edit"
	"github.com/mop-platform/mop/pkg/manifest"
)

func TestEdit(t *testing.T) {
	type fields = map[string]any
	for _, tt := range []struct {
		name string
		edit func(manifest.Object) manifest.Object
		// metadata is without the name.
		metadata, want fields
	}{
		{"namespace", func(o manifest.Object) manifest.Object { return edit.Namespace(o, "b") }, fields{"namespace": "a"}, fields{"namespace": "b"}},
		{"label", func(o manifest.Object) manifest.Object { return edit.Label(o, "a", "c") }, fields{"labels": fields{"a": "b"}}, fields{"labels": fields{"a": "c"}}},
		{"first label", func(o manifest.Object) manifest.Object { return edit.Label(o, "a", "c") }, nil, fields{"labels": fields{"a": "c"}}},
		{"defaults", func(o manifest.Object) manifest.Object {
			return edit.Defaults(o, map[string]string{"a": "x", "c": "d"}, map[string]string{"e": "f"})
		}, fields{"labels": fields{"a": "b"}}, fields{"labels": fields{"a": "b", "c": "d"}, "annotations": fields{"e": "f"}}},
		{"no defaults", func(o manifest.Object) manifest.Object { return edit.Defaults(o, nil, nil) }, nil, nil},
		{"annotation", func(o manifest.Object) manifest.Object { return edit.WithoutAnnotation(o, "a") },
			fields{"annotations": fields{"a": "b", "c": "d"}}, fields{"annotations": fields{"c": "d"}}},
		{"last annotation", func(o manifest.Object) manifest.Object { return edit.WithoutAnnotation(o, "a") }, fields{"annotations": fields{"a": "b"}}, nil},
		{"other annotation", func(o manifest.Object) manifest.Object { return edit.WithoutAnnotation(o, "b") },
			fields{"annotations": fields{"a": "b"}}, fields{"annotations": fields{"a": "b"}}},
		{"empty field", func(o manifest.Object) manifest.Object { return edit.WithoutEmpty(o, "annotations") }, fields{"annotations": fields{}}, nil},
		{"null field", func(o manifest.Object) manifest.Object { return edit.WithoutEmpty(o, "annotations") }, fields{"annotations": nil}, nil},
		{"field with content", func(o manifest.Object) manifest.Object { return edit.WithoutEmpty(o, "annotations") },
			fields{"annotations": fields{"a": "b"}}, fields{"annotations": fields{"a": "b"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			object := func(metadata fields) manifest.Object {
				all := fields{"name": "o"}
				for key, value := range metadata {
					all[key] = value
				}
				o, faults := manifest.New(manifest.Path{"at", 1}, fields{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": all})
				require.Empty(t, faults)
				return o
			}
			before := object(tt.metadata)
			assert.Equal(t, object(tt.want), tt.edit(before), "with its identity and path")
			assert.Equal(t, object(tt.metadata), before, "the object itself is as before")
			assert.Equal(t, manifest.Object{}, tt.edit(manifest.Object{}), "the zero Object")
		})
	}
}

func TestHasNamespace(t *testing.T) {
	for name, tt := range map[string]struct {
		metadata map[string]any
		want     bool
	}{
		"none":  {map[string]any{"name": "a"}, false},
		"null":  {map[string]any{"name": "a", "namespace": nil}, false},
		"empty": {map[string]any{"name": "a", "namespace": ""}, true},
		"one":   {map[string]any{"name": "a", "namespace": "b"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			o, faults := manifest.New(nil, map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": tt.metadata})
			require.Empty(t, faults)
			assert.Equal(t, tt.want, edit.HasNamespace(o))
		})
	}
}
