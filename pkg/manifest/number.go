package manifest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
)

// A number that was read from a file is an int64 where it is whole and 64 bits
// hold it, else a float64, as in Kubernetes' own objects without types
// (k8s.io/apimachinery, pkg/apis/meta/v1/unstructured). One that Jsonnet made is
// a float64. What looks at numbers takes both alike.

// Whole returns a whole float64 as an int64, as far as 64 bits hold it, and any
// other value as it is.
func Whole(v any) any {
	if f, ok := v.(float64); ok && f == math.Trunc(f) && -1<<63 <= f && f < 1<<63 {
		return int64(f)
	}
	return v
}

// WithIntegers returns a value in which [Whole] numbers are integers at any depth:
// v itself if they are, else a copy, as far as it differs.
func WithIntegers(v any) any {
	if out, changed := withIntegers(v); changed {
		return out
	}
	return v
}

func withIntegers(v any) (out any, changed bool) {
	switch v := v.(type) {
	case float64:
		out := Whole(v)
		_, changed := out.(int64)
		return out, changed
	case []any:
		var list []any
		for i, e := range v {
			if out, changed := withIntegers(e); changed {
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
			if out, changed := withIntegers(e); changed {
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

// Equal reports whether two values of JSON are equal. A number is equal to
// another one of the same value, be it an int64 or a float64; null is not equal
// to what is absent.
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

// NumberText returns an int64 or a float64 as JSON has it.
func NumberText(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
