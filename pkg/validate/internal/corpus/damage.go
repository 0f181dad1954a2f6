package corpus

import (
	"encoding/json"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// The corpus has one of so many damages. It has fewer of pods, which many kinds contain,
// and fewest of templates and metadata, for which all kinds share the same rules.
const (
	oneOf       = 3
	oneOfPods   = 10
	oneOfShared = 60
)

// chosen says whether a damage of an object is in the corpus. New good manifests do not
// change the choice for the others.
func (d damage) chosen(object string) bool {
	n := uint32(oneOf)
	switch {
	case strings.HasPrefix(object, "v1 Pod "):
		n = oneOfPods
	case slices.Contains(d.path, "template"), len(d.path) > 0 && slices.Contains([]string{"apiVersion", "kind", "metadata"}, d.path[0]):
		n = oneOfShared
	case d.kind == "drop":
		// The required fields differ most between releases.
		return true
	}
	return hash(object+d.how())%n == 0
}

// how is the name of the damage and the path to it.
func (d damage) how() string { return d.kind + " " + strings.Join(d.path, ".") }

func hash(text string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(text)) //nolint:errcheck // a hash takes all
	sum := h.Sum32()
	// The beginning of a text hardly affects the lower bits of FNV.
	return sum ^ sum>>15
}

// A damage is a change of an object in one place.
type damage struct {
	kind string
	path []string
	// value replaces the old one; drop removes it.
	value any
}

// drop in the place of a value removes the field.
type drop struct{}

// damages returns all damages of an object, in the order of its paths. The name selects the
// texts and numbers.
func damages(name string, object map[string]any) []damage {
	var all []damage
	walk(nil, object, func(path []string, value any) {
		add := func(kind string, value any) { all = append(all, damage{kind, path, value}) }
		if len(path) > 0 {
			add("drop", drop{})
			add("null", nil)
			add("type", otherType(value))
		}
		where := name + strings.Join(path, ".")
		switch value := value.(type) {
		case map[string]any:
			add("unknown", with(value, "surelyUnknown", json.Number("1")))
			if field, ok := pick(slices.Sorted(maps.Keys(value)), where+" typo"); ok {
				changed := with(value, misspelt(field), value[field])
				delete(changed, field)
				add("typo", changed)
			}
			add("empty", map[string]any{})
		case []any:
			add("empty", []any{})
			if len(value) > 0 {
				add("dup", append(slices.Clone(value), value[0]))
				add("many", slices.Repeat(value[:1], 40))
			}
		case string:
			for i := range 3 {
				text, _ := pick(texts, where+strconv.Itoa(i))
				add("text "+strconv.Itoa(i), text)
			}
		case json.Number:
			for i := range 3 {
				number, _ := pick(numbers, where+strconv.Itoa(i))
				add("number "+strconv.Itoa(i), json.Number(number))
			}
		case bool:
			add("not", !value)
		}
	})
	return all
}

// texts and numbers are values that some fields do not accept.
var (
	texts = []string{
		"", " ", "a", "A", "UPPER", "a_b", "-a", "a-", "a b", "a.b", "a/b", "a/b/c", "/a", "../a", "a:b", "*", "*.a.b", "ü", "a\nb",
		"0", "1", "-1", "1.5", "65536", "100%", "101%", "1Gi", "1x", "1e3", "-5Mi", "99999999999", "true",
		"10.0.0.1", "010.0.0.1", "::1", "::ffff:1.2.3.4", "10.0.0.0/8", "10.0.0.1/8", "1.2.3.4.5", "http://a.b/c", "https://a.b:1/c?d#e",
		"2024-01-01T00:00:00Z", "v1", "apps/v1", "Never", "Always", "TCP", "web", "example.com/web", "example.com/", "kubernetes.io/web",
		strings.Repeat("a", 64), strings.Repeat("a", 254), strings.Repeat("a.", 127) + "a",
	}
	numbers = []string{
		"0", "-1", "1", "2", "1.5", "100", "101", "256", "3600", "65535", "65536", "100000", "2147483647", "2147483648", "4294967296",
		"1000", "9007199254740993", "9223372036854775807", "9223372036854775808",
	}
)

// pick returns one of the texts, selected by the hash of a name; false if there is none.
func pick(from []string, by string) (string, bool) {
	if len(from) == 0 {
		return "", false
	}
	return from[int(hash(by))%len(from)], true
}

// otherType returns a value of another JSON type.
func otherType(value any) any {
	switch value := value.(type) {
	case string:
		if _, err := strconv.ParseInt(value, 10, 64); err == nil {
			return json.Number(value)
		}
		return true
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	case []any:
		return map[string]any{}
	}
	return []any{}
}

// misspelt returns a name with two letters exchanged, or one more.
func misspelt(name string) string {
	if n := len(name); n > 2 && name[n-2] != name[n-1] {
		return name[:n-2] + name[n-1:] + name[n-2:n-1]
	}
	return name + "x"
}

func with(object map[string]any, name string, value any) map[string]any {
	object = maps.Clone(object)
	object[name] = value
	return object
}

// walk calls f with a value and all values in it, and their paths.
func walk(path []string, value any, f func([]string, any)) {
	f(path, value)
	switch value := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			walk(append(slices.Clip(path), name), value[name], f)
		}
	case []any:
		for i, item := range value {
			walk(append(slices.Clip(path), strconv.Itoa(i)), item, f)
		}
	}
}

// apply returns a copy of an object with the damage.
func (d damage) apply(object any) any {
	if len(d.path) == 0 {
		return d.value
	}
	rest := damage{d.kind, d.path[1:], d.value}
	_, gone := d.value.(drop)
	gone = gone && len(d.path) == 1
	switch object := object.(type) {
	case map[string]any:
		object = maps.Clone(object)
		if gone {
			delete(object, d.path[0])
		} else {
			object[d.path[0]] = rest.apply(object[d.path[0]])
		}
		return object
	case []any:
		i, _ := strconv.Atoi(d.path[0]) // [walk] made it
		if gone {
			return slices.Delete(slices.Clone(object), i, i+1)
		}
		object = slices.Clone(object)
		object[i] = rest.apply(object[i])
		return object
	}
	return object
}
