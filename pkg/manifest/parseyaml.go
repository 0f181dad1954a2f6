package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v2"
)

// decodeYAML returns the value of one document, in the types of [Document]. It
// means what sigs.k8s.io/yaml means by it, which goes through the text of JSON
// and takes twice as long. A key that is set twice is an error, and so are two
// that become equal as strings, of which that package keeps either.
func decodeYAML(text []byte) (any, error) {
	var value any
	err := yaml.UnmarshalStrict(text, &value)
	if err != nil && mergeKey.Match(text) {
		// To the decoder, a key beside a merge that brings it is set twice.
		if err := yaml.UnmarshalStrict(withoutMerges(text), new(any)); err != nil {
			return nil, err
		}
		value = nil
		err = yaml.Unmarshal(text, &value)
	}
	if err != nil {
		return nil, err
	}
	return jsonValueOf(value, 0)
}

// mergeKey is the key that brings the keys of other objects.
var mergeKey = regexp.MustCompile(`<<\s*:`)

// withoutMerges returns text with other keys, all different, for those that
// merge.
func withoutMerges(text []byte) []byte {
	n := 0
	return mergeKey.ReplaceAllFunc(text, func(key []byte) []byte {
		n++
		return fmt.Appendf(nil, "<<%d%s", n, bytes.TrimPrefix(key, []byte("<<")))
	})
}

// maxDepth is about the depth at which encoding/json gives up too.
const maxDepth = 10_000

// jsonValueOf returns a value of the YAML decoder in the types of [Document]. Of
// several errors in an object it returns the first in order of the alphabet.
func jsonValueOf(value any, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("exceeded max depth")
	}
	switch value := value.(type) {
	case nil, bool:
		return value, nil
	case string:
		return validText(value), nil
	case int:
		return int64(value), nil
	case uint64:
		// Not even an API server has a type for it.
		return float64(value), nil
	case map[any]any:
		return jsonObjectOf(value, depth)
	case []any:
		for i := range value {
			element, err := jsonValueOf(value[i], depth+1)
			if err != nil {
				return nil, err
			}
			value[i] = element
		}
		return value, nil
	}
	// A rare type, for which encoding/json knows best: a number with a fraction
	// or an exponent, a time.
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	var again any
	err = json.Unmarshal(encoded, &again)
	return Whole(again), err
}

func jsonObjectOf(object map[any]any, depth int) (any, error) {
	out := make(map[string]any, len(object))
	var first error
	fail := func(err error) {
		if first == nil || err.Error() < first.Error() {
			first = err
		}
	}
	for k, v := range object {
		key, ok := keyText(k)
		if !ok {
			fail(fmt.Errorf("want a string as a key, got %v", k))
			continue
		}
		if _, ok := out[key]; ok {
			fail(fmt.Errorf("key %q already set in map", key))
		}
		value, err := jsonValueOf(v, depth+1)
		if err != nil {
			fail(err)
		}
		out[key] = value
	}
	return out, first
}

// keyText returns a key as a string; ok is false where sigs.k8s.io/yaml does not
// make one of it.
func keyText(key any) (text string, ok bool) {
	switch key := key.(type) {
	case string:
		return validText(key), true
	case int:
		return strconv.Itoa(key), true
	case int64:
		return strconv.FormatInt(key, 10), true
	case float64:
		switch s := strconv.FormatFloat(key, 'g', -1, 32); s {
		case "+Inf":
			return ".inf", true
		case "-Inf":
			return "-.inf", true
		case "NaN":
			return ".nan", true
		default:
			return s, true
		}
	case bool:
		return strconv.FormatBool(key), true
	}
	return "", false
}

// validText returns text with U+FFFD in the place of each byte that is not
// UTF-8.
func validText(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}
