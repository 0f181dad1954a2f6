package render

import (
	"slices"

	"github.com/mop-platform/mop/internal/edit"
	"github.com/mop-platform/mop/pkg/manifest"
)

// specField is a field of an environment's spec that changes objects.
type specField struct {
	name string
	// sets reports whether the field sets a given field of an object, such as
	// metadata.namespace. at is the part of the spec's field that does so.
	sets func(e Environment, field manifest.Path) (at manifest.Path, ok bool)
	// apply returns an object with the changes that the field makes.
	apply func(by given, o manifest.Object) manifest.Object
}

// given has the data that the fields of a spec use.
type given struct {
	Environment
	// label is the value of the label that injectLabels sets, "" for none.
	label string
	// namespaced says that the object can be in a namespace.
	namespaced bool
}

// specFields returns the fields that change objects, in the order of the changes. The other
// fields of [project.Spec] say where the objects go, and by which program.
func specFields() []specField {
	return []specField{
		{
			name: "namespace",
			sets: func(_ Environment, field manifest.Path) (manifest.Path, bool) {
				return nil, slices.Equal(field, manifest.Path{"metadata", "namespace"})
			},
			apply: func(by given, o manifest.Object) manifest.Object {
				if by.Namespace() == "" || edit.HasNamespace(o) || !by.namespaced {
					return o
				}
				return edit.Namespace(o, by.Namespace())
			},
		},
		{
			name: "injectLabels",
			sets: func(e Environment, field manifest.Path) (manifest.Path, bool) {
				return nil, e.Resource.Spec.InjectLabels && slices.Equal(field, manifest.Path{"metadata", "labels", environmentLabel})
			},
			apply: func(by given, o manifest.Object) manifest.Object {
				if by.label == "" {
					return o
				}
				return edit.Label(o, environmentLabel, by.label)
			},
		},
		{
			name: "resourceDefaults",
			sets: func(_ Environment, field manifest.Path) (manifest.Path, bool) {
				if len(field) < 2 || field[0] != "metadata" || field[1] != "labels" && field[1] != "annotations" {
					return nil, false
				}
				return field[1:], true
			},
			apply: func(by given, o manifest.Object) manifest.Object {
				defaults := by.Resource.Spec.ResourceDefaults
				return edit.Defaults(o, defaults.Labels, defaults.Annotations)
			},
		},
	}
}
