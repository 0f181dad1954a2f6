package manifest

import (
	"github.com/mop-platform/mop/internal/convert"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/diag"
)

// From returns the object that a Go value stands for. The value may be
//   - an [Object],
//   - a [Document], which stands for its Value,
//   - a map of any values that encoding/json can marshal: integers of all sizes, named
//     types, map[string]string, []string, structs, pointers,
//   - a value with the method UnstructuredContent() map[string]any, such as an
//     *unstructured.Unstructured of k8s.io/apimachinery,
//   - a struct with json tags, such as a *appsv1.Deployment of k8s.io/api, with its
//     apiVersion and kind set,
//   - a [json.RawMessage].
//
// A list, such as the List of [WriteJSON], is no object: give From its items, one by one.
//
// Integers stay exact as far as 64 bits hold them, and a nil pointer, map or slice is null.
// From copies what it keeps, so the caller may change the value afterwards; it must not
// change meanwhile.
//
// The error is a [*diag.List] that says each thing that is wrong, with its path: a value
// that JSON cannot express (a channel, NaN, text that is not UTF-8, a value that contains
// itself), or the faults that [New] reports. A method of the value that panics is such a
// fault.
func From(v any) (Object, error) {
	if d, ok := v.(Document); ok {
		v = d.Value
	}
	if o, ok := v.(Object); ok {
		if o.value == nil {
			return Object{}, diag.List{{Subject: Path{}.String(), Problem: "want an object, got the zero Object"}}.Err()
		}
		return o, nil
	}
	value, faults := convert.Value(v)
	if len(faults) > 0 {
		return Object{}, faults.Err()
	}
	object, ok := value.(map[string]any)
	if !ok {
		return Object{}, diag.List{{Subject: Path{}.String(), Problem: "want an object, got " + plain.Describe(value)}}.Err()
	}
	o, faults := New(nil, object)
	if len(faults) > 0 {
		if _, _, isList := plain.Items(object); isList {
			faults[0].Hints = append(faults[0].Hints, "it is a list: give its items, one by one")
		}
		if plain.LacksType(v, object) {
			faults[0].Hints = append(faults[0].Hints, plain.SetType)
		}
		return Object{}, faults.Err()
	}
	return o, nil
}
