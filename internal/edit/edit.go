// Package edit returns copies of objects with other metadata. The zero Object stays as it
// is.
package edit

import (
	"maps"

	"github.com/mop-platform/mop/pkg/manifest"
)

// HasNamespace reports whether the manifest of an object sets a namespace, which may be "".
func HasNamespace(o manifest.Object) bool {
	v, _ := o.Lookup("metadata", "namespace")
	_, ok := v.(string)
	return ok
}

// Namespace returns a copy of an object in another namespace.
func Namespace(o manifest.Object, namespace string) manifest.Object {
	return edit(o, func(metadata map[string]any) { metadata["namespace"] = namespace })
}

// Label returns a copy of an object with a label set.
func Label(o manifest.Object, key, value string) manifest.Object {
	return edit(o, func(metadata map[string]any) { set(metadata, "labels", map[string]string{key: value}, true) })
}

// Defaults returns an object with the labels and annotations that it does not set
// itself.
func Defaults(o manifest.Object, labels, annotations map[string]string) manifest.Object {
	if len(labels) == 0 && len(annotations) == 0 {
		return o
	}
	return edit(o, func(metadata map[string]any) {
		set(metadata, "labels", labels, false)
		set(metadata, "annotations", annotations, false)
	})
}

// WithoutAnnotation returns an object without an annotation.
func WithoutAnnotation(o manifest.Object, key string) manifest.Object {
	if _, ok := o.Lookup("metadata", "annotations", key); !ok {
		return o
	}
	return edit(o, func(metadata map[string]any) {
		annotations := maps.Clone(metadata["annotations"].(map[string]any))
		delete(annotations, key)
		metadata["annotations"] = annotations
		if len(annotations) == 0 {
			delete(metadata, "annotations")
		}
	})
}

// WithoutEmpty returns an object without a field of its metadata that is null
// or an object without fields.
func WithoutEmpty(o manifest.Object, field string) manifest.Object {
	v, ok := o.Lookup("metadata", field)
	if m, isMap := v.(map[string]any); !ok || v != nil && (!isMap || len(m) > 0) {
		return o
	}
	return edit(o, func(metadata map[string]any) { delete(metadata, field) })
}

// edit returns a copy of an object whose metadata f has changed. f may set and delete
// fields, but must not change their values in place, and leaves the object one.
func edit(o manifest.Object, f func(metadata map[string]any)) manifest.Object {
	v, _ := o.Lookup()
	value, ok := v.(map[string]any)
	if !ok || value == nil {
		return o
	}
	metadata := maps.Clone(value["metadata"].(map[string]any))
	f(metadata)
	value = maps.Clone(value)
	value["metadata"] = metadata
	edited, _ := manifest.New(o.Path(), value)
	return edited
}

// set adds entries to a copy of the map in a field. Without override, old entries stay.
func set(metadata map[string]any, field string, entries map[string]string, override bool) {
	if len(entries) == 0 {
		return
	}
	old, _ := metadata[field].(map[string]any)
	m := maps.Clone(old)
	if m == nil {
		m = map[string]any{}
	}
	for k, v := range entries {
		if _, ok := m[k]; !ok || override {
			m[k] = v
		}
	}
	metadata[field] = m
}
