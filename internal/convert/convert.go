// Package convert makes plain values from any values of Go that JSON can express.
package convert

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
	"strings"
	"unicode/utf8"

	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/diag"
)

// Value returns the JSON value that a Go value stands for, as manifest.From takes it, and the
// faults of its parts. Objects are map[string]any, arrays []any, whole numbers int64 as far
// as 64 bits hold them, but for a float64, which stays one. The result is a copy: it shares
// no map and no slice with v. With faults the result is not to be used.
func Value(v any) (any, diag.List) {
	c := converter{}
	value := c.convert(v, 0)
	c.mask(value)
	// The order in which maps yield their keys is by chance.
	slices.SortFunc(c.faults, func(a, b diag.Diagnostic) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Problem, b.Problem))
	})
	return value, c.faults
}

// mask takes the values of a Secret out of the problems.
func (c *converter) mask(value any) {
	for i, f := range c.faults {
		// The path is one that plain.PathText has written.
		if at, _ := plain.ParsePath(f.Subject); inSecret(value, at) {
			c.faults[i].Problem, _, _ = strings.Cut(f.Problem, ", got ")
		}
	}
}

// inSecret reports whether a path leads through a Secret, which may be an item of a list, to
// its data.
func inSecret(value any, at []any) bool {
	for i, step := range at {
		switch v := value.(type) {
		case map[string]any:
			apiVersion, _ := v["apiVersion"].(string)
			kind, _ := v["kind"].(string)
			if group, _ := plain.APIVersion(apiVersion); plain.IsSecret(group, kind, at[i:]) {
				return true
			}
			name, _ := step.(string)
			value = v[name]
		case []any:
			index, isIndex := step.(int)
			if !isIndex || index >= len(v) {
				return false
			}
			value = v[index]
		}
	}
	return false
}

// converter converts Go values to JSON values.
type converter struct {
	// at is the path to the value that is being converted.
	at     []any
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
	c.faults = append(c.faults, diag.Diagnostic{Subject: plain.PathText(c.at[:min(len(c.at), mostSteps)]), Problem: problem, Err: err})
	return nil
}

// convert returns the JSON value of v, which is nested in depth others.
func (c *converter) convert(v any, depth int) any {
	if c.endless {
		return nil
	}
	if depth > plain.MostNested {
		c.endless = true
		return c.fail(fmt.Sprintf("is nested more than %d deep", plain.MostNested))
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
	case object:
		value, _ := v.Lookup()
		return c.convert(value, depth)
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
		return c.fail("want a number of JSON, got " + plain.Describe(string(n)))
	}
	return f
}

// object is what a manifest.Object offers, whose package stands above this one: Lookup of no
// fields returns its value.
type object interface {
	Lookup(fields ...string) (any, bool)
	GenerateName() string
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
