package plain

import "reflect"

// SetType is a hint about a struct that [LacksType].
const SetType = "set the TypeMeta of the struct: its Go type does not tell apiVersion and kind"

// LacksType reports whether a Go value is a struct, such as a Deployment of k8s.io/api, whose
// JSON object lacks the apiVersion or the kind: programs for clusters leave them out. An
// Unstructured has no TypeMeta.
func LacksType(v any, object map[string]any) bool {
	if _, ok := v.(interface{ UnstructuredContent() map[string]any }); ok {
		return false
	}
	t := reflect.TypeOf(v)
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	missing := func(name string) bool { return object[name] == nil || object[name] == "" }
	return t != nil && t.Kind() == reflect.Struct && (missing("apiVersion") || missing("kind"))
}
