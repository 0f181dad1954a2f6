package manifest

import (
	"slices"

	"github.com/mop-platform/mop/internal/plain"
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
func (p Path) String() string { return plain.PathText(p) }

// ParsePath reads a path as [Path.String] writes it. It also accepts a dot before the first
// field, single quotes, and behind a dot any name without a dot, bracket or quote:
// .metadata.labels['a.b'], data.my-key. The error says what it wants in the place of what.
func ParsePath(text string) (Path, error) {
	path, err := plain.ParsePath(text)
	return path, err
}

// Equal reports whether two JSON values are equal. An int64 and a float64 of the same value
// are equal; null is not equal to an absent value.
func Equal(a, b any) bool { return plain.Equal(a, b) }
