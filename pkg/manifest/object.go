// Package manifest holds a Kubernetes object as it will be sent to a cluster: its identity,
// its place in the order of creation, and its YAML.
//
// An [Object] comes from a rendering, or by [From] from any Go value that stands for one: a
// map, a struct of k8s.io/api, an Unstructured. [Parse] and [Read] read files with
// manifests. [Object.Map] and [Object.Decode] give its content to other programs, [WriteYAML]
// and [WriteJSON] print objects, in the order of [Sort] so that they can be applied. The
// package has neither the schemas nor the rules of kinds.
package manifest

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/diag"
)

// ID identifies an object. It has the kind instead of the resource name that the API server
// uses, because only the server knows that. Two objects with equal IDs are the same object,
// even in different versions of the API. Its JSON is an object with the fields group, kind,
// namespace and name, without those that are empty. The names are stable.
type ID struct {
	// Group is the API group, "" for the core group.
	Group string `json:"group,omitempty"`
	Kind  string `json:"kind,omitempty"`
	// Namespace is "" if the manifest names none.
	Namespace string `json:"namespace,omitempty"`
	// Name is "" if the object has only a generateName.
	Name string `json:"name,omitempty"`
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

// Object is one Kubernetes object. It is immutable and safe for concurrent use. The zero
// Object stands for none: its parts are empty, and it is JSON's null. Make others with [From]
// or [New].
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
			report(path.Field(name), "want a non-empty string, "+plain.Got(value, name))
		}
		return s
	}
	apiVersion := text("apiVersion")
	o.id.Kind = text("kind")
	o.id.Group, o.version = plain.APIVersion(apiVersion)

	metadata, ok := value["metadata"].(map[string]any)
	if !ok {
		report(path.Field("metadata"), "want an object, "+plain.Got(value, "metadata"))
		return o, l
	}
	at := path.Field("metadata")
	optional := func(name string) string {
		s, ok := metadata[name].(string)
		if !ok && metadata[name] != nil {
			report(at.Field(name), "want a string, "+plain.Got(metadata, name))
		}
		return s
	}
	before := len(l)
	o.id.Name = optional("name")
	o.generateName = optional("generateName")
	o.id.Namespace = optional("namespace")
	if o.id.Name == "" && o.generateName == "" && len(l) == before {
		reportAs(failure.NoName, at.Field("name"), "want a non-empty string, "+plain.Got(metadata, "name"))
	}
	for _, name := range []string{"labels", "annotations"} {
		entries, ok := metadata[name].(map[string]any)
		if !ok {
			if metadata[name] != nil {
				report(at.Field(name), "want an object, "+plain.Got(metadata, name))
			}
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(entries)) {
			if _, ok := entries[key].(string); !ok {
				var code string
				if entries[key] != nil {
					code = failure.UnquotedValue
				}
				reportAs(code, at.Field(name).Field(key), "want a string, "+plain.Got(entries, key))
			}
		}
	}
	return o, l
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

// MarshalJSON returns the object as JSON with sorted keys. The error is one of encoding/json
// about a value that [New] got and that is none of JSON; [From] and [Parse] give none.
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
	return plain.Whole(v)
}

// Decode stores the object in v, as [encoding/json.Unmarshal] does. v points to a struct
// with json tags, such as a type of k8s.io/api or an *unstructured.Unstructured. The error is
// that of Unmarshal: v is no pointer, or a field has another type.
func (o Object) Decode(v any) error {
	b, err := json.Marshal(o.value)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}
