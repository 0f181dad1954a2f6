package jsonnet

import (
	"bytes"
	"maps"
	"slices"
	"strconv"

	"github.com/mop-platform/mop/internal/jsonnet/internal/notation"
)

// AppendJSON appends a value of [Result.Value] as [Result.JSON] writes it, without a newline
// at the end.
func AppendJSON(b []byte, v any) []byte { return appendValue(b, v, 1) }

// appendValue appends a value whose parts have a depth.
func appendValue(b []byte, v any, depth int) []byte {
	line := func(depth int) { b = append(append(b, '\n'), bytes.Repeat([]byte(outputStyle.indent), depth)...) }
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case float64:
		return notation.AppendNumber(b, v)
	case string:
		return notation.AppendQuoted(b, v)
	case []any:
		if len(v) == 0 {
			return append(b, outputStyle.emptyArray...)
		}
		b = append(b, '[')
		for i := range v {
			if i > 0 {
				b = append(b, ',')
			}
			line(depth)
			b = appendValue(b, v[i], depth+1)
		}
		line(depth - 1)
		return append(b, ']')
	case map[string]any:
		if len(v) == 0 {
			return append(b, outputStyle.emptyObject...)
		}
		b = append(b, '{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b = append(b, ',')
			}
			line(depth)
			b = append(notation.AppendQuoted(b, name), outputStyle.colon...)
			b = appendValue(b, v[name], depth+1)
		}
		line(depth - 1)
		return append(b, '}')
	}
	return append(b, "null"...)
}
