package jsonnet

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/jsonnet/internal/notation"
)

// parseNatives are the functions that read numbers and documents.
func parseNatives() []*native {
	return []*native{
		newNative("parseInt(*str)", parseInt),
		parseDigits("parseOctal", 8),
		parseDigits("parseHex", 16),
		newNative("parseJson(str)", parseJSON).from((*tracer).parsed),
		newNative("parseYaml(str)", parseYAML).from((*tracer).parsed),
	}
}

func parseInt(ev *evaluator, a []value, at *site) value {
	s := ev.str(a[0], at).String()
	var n int64
	var err error
	ev.away(len(s), at, func() { n, err = strconv.ParseInt(s, 10, 64) })
	if err != nil {
		ev.failf(at, "%s is not a base 10 integer", s)
	}
	return number(float64(n))
}

// parseDigits returns the native for a base. It uses std.jsonnet for a value that is no
// string or is empty.
func parseDigits(name string, base int) *native {
	return newNative(name+"(*str)", func(ev *evaluator, a []value, at *site) value {
		s, ok := a[0].ref.(*str)
		if !ok || s.bytes == 0 {
			return ev.written(name, a, at)
		}
		n := 0.0
		for _, r := range s.String() {
			digit := notation.Digit(r)
			if digit < 0 || digit >= base {
				ev.failf(at, "%s is not a base %d integer", s, base)
			}
			n = ev.finite(n*float64(base)+float64(digit), at).num
			ev.work(1, at)
		}
		return number(n)
	})
}

func parseJSON(ev *evaluator, a []value, at *site) value {
	var parsed any
	s := ev.str(a[0], at)
	ev.reserve(4*float64(s.bytes), at)
	var err error
	data := []byte(s.String())
	ev.away(len(data), at, func() { err = json.Unmarshal(data, &parsed) })
	if err != nil {
		ev.failf(at, "failed to parse JSON: %v", err)
	}
	ev.warnOfIntegers("std.parseJson", document.Changed(data), at)
	return ev.fromGo(parsed, at)
}

// parseYAML returns an array for a stream, and null for no document. A key is the text of
// the document. go-jsonnet instead uses the text of the boolean or number that a key could
// be, so that on, yes and y are the same key.
func parseYAML(ev *evaluator, a []value, at *site) value {
	s := ev.str(a[0], at)
	ev.reserve(4*float64(s.bytes), at)
	data := []byte(s.String())
	parsed, changed, err := document.Value(ev.bounds.ctx, data)
	if stopped := (*document.Interrupted)(nil); errors.As(err, &stopped) {
		ev.within(stopped.Err, at)
	}
	if err != nil {
		ev.failf(at, "failed to parse YAML: %v", err)
	}
	ev.warnOfIntegers("std.parseYaml", changed, at)
	ev.work(len(data)>>4, at)
	return ev.fromGo(parsed, at)
}

// warnOfIntegers warns of integers in a text that change their value in Jsonnet.
func (ev *evaluator) warnOfIntegers(function string, changed []document.Integer, at *site) {
	if len(changed) > 0 {
		ev.warn(at, Warning{Problem: function + ": " + document.Integers(changed).String(), Code: failure.LargeInteger})
	}
}
