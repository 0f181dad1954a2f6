// Package plain has what is common to plain values, as encoding/json decodes them: it
// describes them for messages, compares them, and writes the paths to their parts. Whole
// numbers may be int64 too. It changes no value that it is given.
package plain

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// Got describes the field of object with that name, as the second half of a sentence "want
// ..., got ...".
func Got(object map[string]any, name string) string {
	v, ok := object[name]
	if !ok {
		return "got none"
	}
	return "got " + Describe(v)
}

// GotValue is [Got] for a value that was looked up: nil means that there is none.
func GotValue(v any) string {
	if v == nil {
		return "got none"
	}
	return "got " + Describe(v)
}

// DescribeType is [Describe] without the value of a boolean, a number or a string.
func DescribeType(v any) string {
	switch v.(type) {
	case bool:
		return "a boolean"
	case float64, int64:
		return "a number"
	case string:
		return "a string"
	}
	return Describe(v)
}

// IsSecret reports whether the value at a path of an object of a group and kind is one of
// the data of a Secret, or holds them. Messages must not show it.
func IsSecret(group, kind string, at []any) bool {
	return group == "" && kind == "Secret" && len(at) > 0 && (at[0] == "data" || at[0] == "stringData")
}

// Describe describes a JSON value for a message: its type and, unless it is an array or an
// object, the value. It cuts a long string.
func Describe(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprintf("boolean %t", v)
	case float64, int64:
		return "number " + Number(v)
	case string:
		const most = 40
		if r := []rune(v[:min(len(v), (most+1)*utf8.UTFMax)]); len(r) > most {
			v = string(r[:most]) + "…"
		}
		return "string " + Quote(v)
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	}
	return fmt.Sprintf("%T", v)
}

// APIVersion returns the group and the version of an apiVersion. The group is "" for
// the core group.
func APIVersion(s string) (group, version string) {
	if group, version, ok := strings.Cut(s, "/"); ok {
		return group, version
	}
	return "", s
}

// Valid reports whether v consists of the types of plain values alone, with text in UTF-8,
// so that it need not be converted.
func Valid(v any) bool { return valid(v, 0) }

func valid(v any, depth int) bool {
	switch v := v.(type) {
	case nil, bool, int64:
		return true
	case string:
		return utf8.ValidString(v)
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		if v == nil || depth > MostNested {
			return false
		}
		for _, e := range v {
			if !valid(e, depth+1) {
				return false
			}
		}
		return true
	case map[string]any:
		if v == nil || depth > MostNested {
			return false
		}
		for k, e := range v {
			if !utf8.ValidString(k) || !valid(e, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// MostNested is how deeply a value may be nested, as in a file. It ends what contains
// itself.
const MostNested = 10_000
