package jsonnet

import (
	"bytes"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strconv"

	"github.com/mop-platform/mop/internal/convert"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/pkg/diag"
)

// Result is the value of a program. It keeps neither its evaluation nor the VM alive, but
// the texts of the files and the arguments, for [Result.Origins]. It is immutable and safe
// for concurrent use. The zero Result is null.
type Result struct {
	// json is the value of an evaluation as JSON. If it is nil, value is the value, which
	// consists of nil, bool, float64, string, []any and map[string]any.
	json    []byte
	value   any
	err     error
	origins func(path ...any) []diag.Position
	// path is the place of the value in the one that origins knows.
	path []any
}

// NewResult returns a Result with a value, which is copied: whatever encoding/json can
// marshal. If JSON cannot express it, the methods of the Result return that as their error.
// origins finds the places that made the part of the value at a path, see [Result.Origins];
// nil finds none. It must be safe for concurrent use.
//
// It is for packages that evaluate by other means than a VM.
func NewResult(value any, origins func(path ...any) []diag.Position) *Result {
	converted, faults := convert.Value(value)
	if len(faults) > 0 {
		return &Result{err: faults.Err(), origins: origins}
	}
	return &Result{value: floats(converted), origins: origins}
}

// floats returns a value of [convert.Value] with the numbers of Jsonnet. It changes
// arrays and objects in place.
func floats(v any) any {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = floats(v[name])
		}
	}
	return v
}

// JSON returns the value as the command jsonnet prints it, with a newline at the end. The
// caller may change the bytes. The only error is that of [NewResult].
func (r *Result) JSON() ([]byte, error) {
	switch {
	case r.err != nil:
		return nil, r.err
	case r.json != nil:
		return bytes.Clone(r.json), nil
	}
	return append(jsonnet.AppendJSON(nil, r.value), '\n'), nil
}

// Text returns the value if it is a string; otherwise the error is a [diag.Diagnostic].
func (r *Result) Text() (string, error) {
	value, err := r.get()
	if err != nil {
		return "", err
	}
	s, ok := value.(string)
	if !ok {
		return "", diag.Diagnostic{Problem: "want a string, got " + kind(value)}
	}
	return s, nil
}

// kind names the kind of a value.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	}
	return "a number"
}

// Value returns a copy of the value, which consists of nil, bool, float64, string, []any
// and map[string]any. The error is that of [NewResult], or that the value is nested more
// than 10,000 deep, which is also one of [Result.Text] and [Result.Decode].
func (r *Result) Value() (any, error) {
	value, err := r.get()
	if r.json == nil {
		value = clone(value)
	}
	return value, err
}

// get returns the value, which is new if it is made of json, and must not be changed if it
// is not.
func (r *Result) get() (value any, err error) {
	if r.json == nil {
		return r.value, r.err
	}
	err = json.Unmarshal(r.json, &value)
	return value, err
}

func clone(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = clone(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name := range v {
			out[name] = clone(v[name])
		}
		return out
	}
	return v
}

// Decode stores the value in the value to which v points, as [json.Unmarshal] does, whose
// errors it returns.
func (r *Result) Decode(v any) error {
	text := r.json
	if text == nil {
		var err error
		if text, err = r.JSON(); err != nil {
			return err
		}
	}
	return json.Unmarshal(text, v)
}

// Fields yields the fields of an object by their names, in sorted order, or the elements of
// an array by their numbers "0", "1" and so on; of another value, and where Value returns an
// error, nothing. They are what the command jsonnet writes with -m into a file for each
// field, and with -y into a document for each element: their JSON or, with -S, their Text.
func (r *Result) Fields() iter.Seq2[string, *Result] {
	return func(yield func(string, *Result) bool) {
		value, err := r.get()
		if err != nil {
			return
		}
		switch v := value.(type) {
		case []any:
			for i := range v {
				if !yield(strconv.Itoa(i), r.part(v[i], i)) {
					return
				}
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				if !yield(name, r.part(v[name], name)) {
					return
				}
			}
		}
	}
}

// part returns the Result of a field or an element.
func (r *Result) part(value, step any) *Result {
	return &Result{value: value, origins: r.origins, path: append(slices.Clip(r.path), step)}
}

// Origins returns the places that made the part of the value at a path of fields (string)
// and elements (int), the nearest first. There are none if they are unknown.
//
// For a result of a VM, the first call evaluates the program again, with the files that it
// has read, and the Result keeps this evaluation. Natives are called again, so they must
// give the same values. Each call has the VM's limit of time; where it is too short, there
// are no origins.
func (r *Result) Origins(path ...any) []diag.Position {
	if r.origins == nil {
		return nil
	}
	return r.origins(slices.Concat(r.path, path)...)
}
