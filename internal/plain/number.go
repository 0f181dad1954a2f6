package plain

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
)

// A number from a file is an int64 if it is whole and 64 bits hold it, else a float64, as
// in Kubernetes' own objects without types (k8s.io/apimachinery,
// pkg/apis/meta/v1/unstructured). A number from Jsonnet is a float64. Code that reads
// numbers accepts both.

// Whole returns a whole float64 as an int64 if 64 bits hold it, and any other value
// unchanged.
func Whole(v any) any {
	if f, ok := v.(float64); ok && f == math.Trunc(f) && -1<<63 <= f && f < 1<<63 {
		return int64(f)
	}
	return v
}

// Integers returns v with its [Whole] numbers as integers, at any depth. If nothing
// changes, it returns v itself, else a copy of the values that change.
func Integers(v any) any {
	if out, changed := integers(v); changed {
		return out
	}
	return v
}

func integers(v any) (out any, changed bool) {
	switch v := v.(type) {
	case float64:
		out := Whole(v)
		_, changed := out.(int64)
		return out, changed
	case []any:
		var list []any
		for i, e := range v {
			if out, changed := integers(e); changed {
				if list == nil {
					list = slices.Clone(v)
				}
				list[i] = out
			}
		}
		return list, list != nil
	case map[string]any:
		var object map[string]any
		for k, e := range v {
			if out, changed := integers(e); changed {
				if object == nil {
					object = maps.Clone(v)
				}
				object[k] = out
			}
		}
		return object, object != nil
	}
	return nil, false
}

// Equal reports whether two JSON values are equal. An int64 and a float64 of the same value
// are equal; null is not equal to an absent value.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, Equal)
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, Equal)
	}
	switch b.(type) {
	case []any, map[string]any:
		return false
	}
	return Whole(a) == Whole(b)
}

// Number returns the JSON text of an int64 or a float64.
func Number(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
