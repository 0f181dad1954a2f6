package manifest

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/mop-platform/mop/pkg/diag"
)

// From returns the object that a Go value stands for. The value may be
//   - an [Object],
//   - a map of any values that encoding/json can marshal: integers of all sizes, named
//     types, map[string]string, []string, structs, pointers,
//   - a value with the method UnstructuredContent() map[string]any, such as an
//     *unstructured.Unstructured of k8s.io/apimachinery,
//   - a struct with json tags, such as a *appsv1.Deployment of k8s.io/api, with its
//     apiVersion and kind set,
//   - a [json.RawMessage].
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
	if o, ok := v.(Object); ok {
		if o.value == nil {
			return Object{}, diag.List{{Subject: Path{}.String(), Problem: "want an object, got the zero Object"}}.Err()
		}
		return o, nil
	}
	value, faults := ValueOf(v)
	if len(faults) > 0 {
		return Object{}, faults.Err()
	}
	object, ok := value.(map[string]any)
	if !ok {
		return Object{}, diag.List{{Subject: Path{}.String(), Problem: "want an object, got " + Describe(value)}}.Err()
	}
	o, faults := New(nil, object)
	if len(faults) > 0 {
		return Object{}, faults.Err()
	}
	return o, nil
}

// ValueOf returns the JSON value that a Go value stands for, as [From] takes it, and the
// faults of its parts. Objects are map[string]any, arrays []any, whole numbers int64 as far
// as 64 bits hold them, but for a float64, which stays one. The result is a copy: it shares
// no map and no slice with v. With faults the result is not to be used.
func ValueOf(v any) (any, diag.List) {
	c := converter{}
	value := c.convert(v, 0)
	// The order in which maps yield their keys is by chance.
	slices.SortFunc(c.faults, func(a, b diag.Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Problem, b.Problem))
	})
	return value, c.faults
}

// IsValue reports whether v consists of the types that [ValueOf] returns, so that it need
// not be converted.
func IsValue(v any) bool { return isValue(v, 0) }

func isValue(v any, depth int) bool {
	switch v := v.(type) {
	case nil, bool, int64:
		return true
	case string:
		return utf8.ValidString(v)
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		if v == nil || depth > maxNesting {
			return false
		}
		for _, e := range v {
			if !isValue(e, depth+1) {
				return false
			}
		}
		return true
	case map[string]any:
		if v == nil || depth > maxNesting {
			return false
		}
		for k, e := range v {
			if !utf8.ValidString(k) || !isValue(e, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// maxNesting is how deeply a value may be nested, as in a file. It ends what contains
// itself.
const maxNesting = 10_000

// converter converts Go values to JSON values.
type converter struct {
	// at is the path to the value that is being converted.
	at     Path
	faults diag.List
	// endless says that the value is nested too deeply. The conversion ends at once then:
	// a value that contains itself twice would take for ever.
	endless bool
}

// mostSteps is how many steps of a path a fault has at most. Nothing of Kubernetes is that
// deep, and the path of a value that contains itself says enough with its beginning.
const mostSteps = 100

func (c *converter) fail(problem string) any { return c.failOf(problem, nil) }

// failOf is fail with the error behind the problem.
func (c *converter) failOf(problem string, err error) any {
	c.faults = append(c.faults, diag.Diagnostic{Subject: c.at[:min(len(c.at), mostSteps)].String(), Problem: problem, Err: err})
	return nil
}

// convert returns the JSON value of v, which is nested in depth others.
func (c *converter) convert(v any, depth int) any {
	if c.endless {
		return nil
	}
	if depth > maxNesting {
		c.endless = true
		return c.fail(fmt.Sprintf("is nested more than %d deep", maxNesting))
	}
	switch v := v.(type) {
	case nil, bool:
		return v
	case string:
		return c.text(v)
	case int64:
		return v
	case int:
		return int64(v)
	case float64:
		return c.float(v)
	case json.Number:
		return c.number(v)
	case map[string]any:
		if v == nil {
			return nil
		}
		return c.object(len(v), maps.All(v), depth)
	case []any:
		if v == nil {
			return nil
		}
		return c.array(len(v), slices.All(v), depth)
	case Object:
		return c.convert(v.value, depth)
	case json.RawMessage:
		if v == nil {
			return nil
		}
		return c.decoded(v, v)
	}
	return c.reflected(v, depth)
}

func (c *converter) object(n int, entries iter.Seq2[string, any], depth int) any {
	out := make(map[string]any, n)
	for k, e := range entries {
		c.at = append(c.at, k)
		if utf8.ValidString(k) {
			out[k] = c.convert(e, depth+1)
		} else {
			c.fail("want a key in UTF-8")
		}
		c.at = c.at[:len(c.at)-1]
	}
	return out
}

func (c *converter) array(n int, elements iter.Seq2[int, any], depth int) any {
	out := make([]any, n)
	for i, e := range elements {
		c.at = append(c.at, i)
		out[i] = c.convert(e, depth+1)
		c.at = c.at[:len(c.at)-1]
	}
	return out
}

func (c *converter) text(s string) any {
	if !utf8.ValidString(s) {
		return c.fail("want text in UTF-8")
	}
	return s
}

func (c *converter) float(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return c.fail(fmt.Sprintf("want a number of JSON, got %v", f))
	}
	return f
}

// number converts the text of a number.
func (c *converter) number(n json.Number) any {
	if i, err := n.Int64(); err == nil {
		return i
	}
	f, err := n.Float64()
	if err != nil || !json.Valid([]byte(n)) {
		return c.fail("want a number of JSON, got " + Describe(string(n)))
	}
	return f
}

// unstructured is what *unstructured.Unstructured of k8s.io/apimachinery offers.
type unstructured interface{ UnstructuredContent() map[string]any }

// reflected converts a value of any other type.
func (c *converter) reflected(v any, depth int) (out any) {
	r := reflect.ValueOf(v)
	if nilable(r) && r.IsNil() {
		return nil
	}
	switch v := v.(type) {
	case unstructured:
		var content map[string]any
		if !c.guarded(v, func() { content = v.UnstructuredContent() }) {
			return nil
		}
		return c.convert(content, depth)
	case json.Marshaler, encoding.TextMarshaler:
		return c.marshalled(v)
	}
	switch r.Kind() {
	case reflect.Pointer:
		return c.convert(r.Elem().Interface(), depth+1)
	case reflect.Bool:
		return r.Bool()
	case reflect.String:
		return c.text(r.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return c.number(json.Number(strconv.FormatUint(r.Uint(), 10)))
	case reflect.Float64:
		return c.float(r.Float())
	case reflect.Map:
		if r.Type().Key().Kind() == reflect.String && !r.Type().Key().Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
			return c.object(r.Len(), func(yield func(string, any) bool) {
				for k, e := range r.Seq2() {
					if !yield(k.String(), e.Interface()) {
						return
					}
				}
			}, depth)
		}
	case reflect.Slice, reflect.Array:
		// A []byte is text in base64.
		if r.Type().Elem().Kind() != reflect.Uint8 {
			return c.array(r.Len(), func(yield func(int, any) bool) {
				for i := range r.Len() {
					if !yield(i, r.Index(i).Interface()) {
						return
					}
				}
			}, depth)
		}
	}
	return c.marshalled(v)
}

func nilable(r reflect.Value) bool {
	switch r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return true
	}
	return false
}

// marshalled converts a value through its JSON text.
func (c *converter) marshalled(v any) any {
	var text []byte
	var err error
	if !c.guarded(v, func() { text, err = json.Marshal(v) }) {
		return nil
	}
	if err != nil {
		return c.failOf(fmt.Sprintf("want a value of JSON, got %T: %v", v, err), err)
	}
	return c.decoded(v, text)
}

// decoded converts the value in JSON text, which v stands for. Of a key that is set twice
// the last value counts, as encoding/json has it.
func (c *converter) decoded(v any, text []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var out any
	err := decoder.Decode(&out)
	if err == nil {
		if _, more := decoder.Token(); more != io.EOF {
			err = errors.New("more than one value")
		}
	}
	if err != nil {
		return c.failOf(fmt.Sprintf("want a value of JSON, got %T: %v", v, err), err)
	}
	return c.convert(out, 0)
}

// guarded calls f, which calls methods of v, and reports whether it returned. A panic is a
// fault.
func (c *converter) guarded(v any, f func()) (returned bool) {
	defer func() {
		if p := recover(); p != nil {
			err, _ := p.(error)
			c.failOf(fmt.Sprintf("want a value of JSON, got %T, which panics: %v", v, p), err)
		}
	}()
	f()
	return true
}
