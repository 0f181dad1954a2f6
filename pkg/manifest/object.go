// Package manifest holds a Kubernetes object as it will be sent to a cluster: its identity,
// its place in the order of creation, and its YAML.
//
// [Parse] and [Read] read files with manifests. [New] checks that a value is an object and
// returns an [Object]. [Sort] brings objects into the order in which they can be applied.
// [WriteYAML] and [WriteJSON] print them. The package has neither the schemas nor the rules
// of kinds.
package manifest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/diag"
)

// ID identifies an object. It has the kind instead of the resource name that the API server
// uses, because only the server knows that. Two objects with equal IDs are the same object,
// even in different versions of the API.
type ID struct {
	// Group is the API group, "" for the core group.
	Group string
	Kind  string
	// Namespace is "" if the manifest names none.
	Namespace string
	// Name is "" if the object has only a generateName.
	Name string
}

// String returns Kind.group namespace/name, without the parts that are empty.
func (id ID) String() string {
	s := id.Kind
	if id.Group != "" {
		s += "." + id.Group
	}
	s += " "
	if id.Namespace != "" {
		s += id.Namespace + "/"
	}
	return s + id.Name
}

// Object is one Kubernetes object. It is immutable and safe for concurrent
// use. The zero Object stands for none: its parts are empty,
// and it is JSON's null. Make others with [From] or [New].
type Object struct {
	path         Path
	id           ID
	version      string
	generateName string
	value        map[string]any
}

// New checks the parts of value that every Kubernetes object must have, and returns the
// object. value is as encoding/json decodes into an any, or as [Parse] does, with integers
// of 64 bits. New keeps it, so the caller must not change it afterwards. path is the place
// of value, for messages.
//
// There is a diagnostic for each part that is missing or has the wrong type: apiVersion and
// kind must be non-empty strings, metadata an object with a name or a generateName, labels
// and annotations maps of strings (k8s.io/apimachinery, pkg/apis/meta/v1/types.go). If
// there is any, the Object must not be used.
func New(path Path, value map[string]any) (Object, diag.List) {
	o := Object{path: path, value: value}
	var l diag.List
	reportAs := func(code string, subject Path, problem string) {
		l = append(l, diag.Diagnostic{Code: code, Subject: subject.String(), Problem: problem})
	}
	report := func(subject Path, problem string) { reportAs("", subject, problem) }
	text := func(name string) string {
		s, ok := value[name].(string)
		if !ok || s == "" {
			report(path.Field(name), "want a non-empty string, "+Got(value, name))
		}
		return s
	}
	apiVersion := text("apiVersion")
	o.id.Kind = text("kind")
	o.id.Group, o.version = SplitAPIVersion(apiVersion)

	metadata, ok := value["metadata"].(map[string]any)
	if !ok {
		report(path.Field("metadata"), "want an object, "+Got(value, "metadata"))
		return o, l
	}
	at := path.Field("metadata")
	optional := func(name string) string {
		s, ok := metadata[name].(string)
		if !ok && metadata[name] != nil {
			report(at.Field(name), "want a string, "+Got(metadata, name))
		}
		return s
	}
	before := len(l)
	o.id.Name = optional("name")
	o.generateName = optional("generateName")
	o.id.Namespace = optional("namespace")
	if o.id.Name == "" && o.generateName == "" && len(l) == before {
		reportAs(failure.NoName, at.Field("name"), "want a non-empty string, "+Got(metadata, "name"))
	}
	for _, name := range []string{"labels", "annotations"} {
		entries, ok := metadata[name].(map[string]any)
		if !ok {
			if metadata[name] != nil {
				report(at.Field(name), "want an object, "+Got(metadata, name))
			}
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			if _, ok := entries[key].(string); !ok {
				var code string
				if entries[key] != nil {
					code = failure.UnquotedValue
				}
				reportAs(code, at.Field(name).Field(key), "want a string, "+Got(entries, key))
			}
		}
	}
	return o, l
}

// SplitAPIVersion returns the group and the version of an apiVersion. The group is "" for
// the core group.
func SplitAPIVersion(s string) (group, version string) {
	if group, version, ok := strings.Cut(s, "/"); ok {
		return group, version
	}
	return "", s
}

// Got describes the field of object with that name, as the second half of a sentence "want
// ..., got ...".
func Got(object map[string]any, name string) string {
	v, ok := object[name]
	if !ok {
		return "got none"
	}
	return "got " + Describe(v)
}

// GotValue is [Got] for a value that was looked up: nil means that there is none.
func GotValue(v any) string {
	if v == nil {
		return "got none"
	}
	return "got " + Describe(v)
}

// Describe describes a JSON value for a message: its type and, unless it is an array or an
// object, the value. It cuts a long string.
func Describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprintf("boolean %t", v)
	case float64, int64:
		return "number " + NumberText(v)
	case string:
		const most = 40
		if r := []rune(v[:min(len(v), (most+1)*utf8.UTFMax)]); len(r) > most {
			v = string(r[:most]) + "…"
		}
		return "string " + quote(v)
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("%T", v)
}

// Path returns the place of the object in the evaluated value.
func (o Object) Path() Path { return slices.Clone(o.path) }

// ID returns the object's identity.
func (o Object) ID() ID { return o.id }

// APIVersion returns the apiVersion as written: group/version, or the version
// alone for the core group.
func (o Object) APIVersion() string {
	if o.id.Group == "" {
		return o.version
	}
	return o.id.Group + "/" + o.version
}

// GenerateName returns metadata.generateName, "" if it is not set.
func (o Object) GenerateName() string { return o.generateName }

// Lookup returns the value under the given field names, for example Lookup("spec",
// "replicas"), and whether it is there. The value has the types of the value that [New]
// got. The caller must not change it.
func (o Object) Lookup(fields ...string) (any, bool) {
	var v any = o.value
	for _, f := range fields {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = m[f]; !ok {
			return nil, false
		}
	}
	return v, true
}

// HasNamespace reports whether the manifest sets a namespace, which may be "".
func (o Object) HasNamespace() bool {
	v, _ := o.Lookup("metadata", "namespace")
	_, ok := v.(string)
	return ok
}

// WithNamespace returns a copy of the object in another namespace.
func (o Object) WithNamespace(namespace string) Object {
	if o.value == nil {
		return o
	}
	o = o.edit(func(metadata map[string]any) { metadata["namespace"] = namespace })
	o.id.Namespace = namespace
	return o
}

// WithLabel returns a copy of the object with a label set.
func (o Object) WithLabel(key, value string) Object {
	return o.edit(func(metadata map[string]any) { set(metadata, "labels", map[string]string{key: value}, true) })
}

// WithDefaults returns the object with the labels and annotations that it does not set
// itself.
func (o Object) WithDefaults(labels, annotations map[string]string) Object {
	if len(labels) == 0 && len(annotations) == 0 {
		return o
	}
	return o.edit(func(metadata map[string]any) {
		set(metadata, "labels", labels, false)
		set(metadata, "annotations", annotations, false)
	})
}

// WithoutAnnotation returns the object without an annotation.
func (o Object) WithoutAnnotation(key string) Object {
	if _, ok := o.Lookup("metadata", "annotations", key); !ok {
		return o
	}
	return o.edit(func(metadata map[string]any) {
		annotations := maps.Clone(metadata["annotations"].(map[string]any))
		delete(annotations, key)
		metadata["annotations"] = annotations
		if len(annotations) == 0 {
			delete(metadata, "annotations")
		}
	})
}

// WithoutEmpty returns the object without a field of its metadata that is null
// or an object without fields.
func (o Object) WithoutEmpty(field string) Object {
	v, ok := o.Lookup("metadata", field)
	if m, isMap := v.(map[string]any); !ok || v != nil && (!isMap || len(m) > 0) {
		return o
	}
	return o.edit(func(metadata map[string]any) { delete(metadata, field) })
}

// edit returns a copy of the object whose metadata f has changed. f may set and delete
// fields, but must not change their values in place.
func (o Object) edit(f func(metadata map[string]any)) Object {
	if o.value == nil {
		return o
	}
	metadata := maps.Clone(o.value["metadata"].(map[string]any))
	f(metadata)
	o.value = maps.Clone(o.value)
	o.value["metadata"] = metadata
	return o
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

// MarshalJSON returns the object as JSON with sorted keys.
func (o Object) MarshalJSON() ([]byte, error) { return json.Marshal(o.value) }

// Map returns the object as package unstructured of k8s.io/apimachinery holds it: whole
// numbers are int64 as far as 64 bits hold them, others float64. It is a copy, which the
// caller may change; nil for the zero Object.
func (o Object) Map() map[string]any {
	m, _ := copied(o.value).(map[string]any)
	return m
}

func copied(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v == nil {
			return v
		}
		m := make(map[string]any, len(v))
		for k, e := range v {
			m[k] = copied(e)
		}
		return m
	case []any:
		list := make([]any, len(v))
		for i, e := range v {
			list[i] = copied(e)
		}
		return list
	}
	return Whole(v)
}

// Decode stores the object in v, as [encoding/json.Unmarshal] does. v points to a struct
// with json tags, such as a type of k8s.io/api.
func (o Object) Decode(v any) error {
	b, err := json.Marshal(o.value)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}
