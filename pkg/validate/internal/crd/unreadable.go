package crd

import (
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"time"

	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/manifest"
)

// If parts of a value do not fit their Go types, the server reports only one of them, in
// Go's words and without the names in maps.

// unreadableSchema returns the parts of a schema that have the wrong type.
func unreadableSchema(at manifest.Path, schema any) []Problem {
	return unreadable(at, schema, func(part any) error {
		_, err := decodeSchema(part)
		return err
	})
}

// unreadableObjects returns the wrong parts of the objects that are embedded in the value
// at a path: of their apiVersions, kinds and metadata (pkg/apiserver/schema/objectmeta).
func unreadableObjects(s *structuralschema.Structural, at manifest.Path, value any) []Problem {
	if s == nil {
		return nil
	}
	var found []Problem
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			v := value[name]
			if s.XEmbeddedResource && slices.Contains([]string{"apiVersion", "kind", "metadata"}, name) {
				found = append(found, unreadable(at.Field(name), v, func(part any) error { return decodeMeta(name, part) })...)
			}
			property, ok := s.Properties[name]
			if ok {
				found = append(found, unreadableObjects(&property, at.Field(name), v)...)
			} else if s.AdditionalProperties != nil {
				found = append(found, unreadableObjects(s.AdditionalProperties.Structural, at.Field(name), v)...)
			}
		}
	case []any:
		for i, item := range value {
			found = append(found, unreadableObjects(s.Items, at.Index(i), item)...)
		}
	}
	return found
}

// decodeMeta returns the reason why the value of an object's field cannot be read.
func decodeMeta(field string, value any) error {
	b, err := json.Marshal(map[string]any{field: value})
	if err != nil {
		return err
	}
	return utiljson.Unmarshal(b, new(metav1.PartialObjectMetadata))
}

// unreadable returns the parts of the value at a path that make decode fail. decode takes
// any value in its place.
func unreadable(at manifest.Path, value any, decode func(any) error) []Problem {
	err := decode(value)
	if err == nil {
		return nil
	}
	var found []Problem
	part := value
	if len(at) > mostFollowed {
		// Each part is decoded with everything around it.
		part = nil
	}
	switch value := part.(type) {
	case map[string]any:
		if decode(map[string]any{}) != nil {
			break
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			found = append(found, unreadable(at.Field(name), value[name], func(part any) error {
				return decode(map[string]any{name: part})
			})...)
		}
	case []any:
		if decode([]any{}) != nil {
			break
		}
		for i, item := range value {
			found = append(found, unreadable(at.Index(i), item, func(part any) error { return decode([]any{part}) })...)
		}
	}
	if found != nil {
		return found
	}
	want := wantedBy(err)
	p := Problem{Path: at, Kind: Type, Problem: want + ", got " + plain.Describe(value)}
	if want == "want a string" {
		p.Hints = quoteHint([]string{"string"}, value)
	}
	return []Problem{p}
}

// mostFollowed is the longest path at which unreadable looks for parts. Beyond it, the
// value around them is reported.
const mostFollowed = 200

// wantedBy describes an error of encoding/json by the value that it wanted, such as "want a
// string".
func wantedBy(err error) string {
	var mistyped *json.UnmarshalTypeError
	var time *time.ParseError
	switch {
	case errors.As(err, &time):
		return "want " + formatWords("date-time")
	case err.Error() == "boolean or JSON schema expected":
		return "want true, false or a schema"
	case !errors.As(err, &mistyped):
		return "cannot be read: " + err.Error()
	}
	switch mistyped.Type.Kind() {
	case reflect.String:
		return "want a string"
	case reflect.Bool:
		return "want true or false"
	case reflect.Int64:
		return "want a whole number"
	case reflect.Float64:
		return "want a number"
	case reflect.Slice:
		return "want an array"
	}
	return "want an object"
}
