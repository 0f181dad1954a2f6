package manifest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/internal/pattern"
)

// Path is the place of an object in an evaluated value: the steps from the outermost to the
// innermost, a string for a field, an int for an element. The empty path is the value
// itself.
type Path []any

// Field returns p extended by a field's name. p is unchanged.
func (p Path) Field(name string) Path { return append(slices.Clip(p), name) }

// Index returns p extended by an element's index. p is unchanged.
func (p Path) Index(i int) Path { return append(slices.Clip(p), i) }

// In returns the part at the path in a value of encoding/json's types, and whether there is
// one.
func (p Path) In(value any) (any, bool) {
	for _, step := range p {
		switch container := value.(type) {
		case map[string]any:
			name, isName := step.(string)
			v, ok := container[name]
			if !isName || !ok {
				return nil, false
			}
			value = v
		case []any:
			i, isIndex := step.(int)
			if !isIndex || i < 0 || i >= len(container) {
				return nil, false
			}
			value = container[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// String returns the path as Jsonnet spells the access, without a leading dot:
// policies.tempo, items[0], ["a.b"].c. Different paths have different texts. The empty path
// is ".".
func (p Path) String() string {
	if len(p) == 0 {
		return "."
	}
	var b strings.Builder
	for i, step := range p {
		switch step := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		case string:
			if !plainField(step) {
				b.WriteString("[" + quote(step) + "]")
				continue
			}
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
	}
	return b.String()
}

var identifier = pattern.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

// keywords are Jsonnet's reserved words, which cannot follow a dot
// (https://jsonnet.org/ref/spec.html, section "Lexing").
var keywords = []string{
	"assert", "else", "error", "false", "for", "function", "if", "import",
	"importbin", "importstr", "in", "local", "null", "self", "super",
	"tailstrict", "then", "true",
}

func plainField(name string) bool {
	return identifier().MatchString(name) && !slices.Contains(keywords, name)
}

// quote returns name as a string literal that both JSON and Jsonnet read.
func quote(name string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(name); err != nil {
		panic("manifest: a string that JSON cannot encode: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}
