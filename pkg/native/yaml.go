package native

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/mop-platform/mop/pkg/manifest"
)

func parseYAML(args []string) (any, error) {
	docs, err := yamlDocuments(args[0])
	return docs, err
}

// maxDepth is how deep the values of YAML may be nested: as deep as the parser
// lets the text be without aliases, and encoding/json lets JSON be.
const maxDepth = 10000

// yamlDocuments returns the documents of a stream as JSON values. What is not
// quoted has the type that yaml.v3 gives it; dates become strings as in JSON.
// Keys that are no strings and numbers that JSON does not have are errors.
//
// The library can decode into an any by itself, but then compares each key of a
// mapping with every other, again at each alias.
func yamlDocuments(text string) ([]any, error) {
	docs := []any{}
	d := yamlDecoder{limit: 1<<20 + 10*len(text)}
	parser := yaml.NewDecoder(strings.NewReader(text))
	for {
		var n yaml.Node
		if err := parser.Decode(&n); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
		}
		d.done, d.open = map[*yaml.Node]yamlValue{}, map[*yaml.Node]bool{}
		v, err := d.node(&n)
		if err != nil {
			return nil, err
		}
		d.size += v.size
		docs = append(docs, v.value)
	}
}

// yamlDecoder turns nodes into values. A value with an anchor is made once and
// shared by its aliases; the sizes say how large it would be if written out.
type yamlDecoder struct {
	// limit is the largest size of all documents together. It is out of reach
	// without aliases.
	limit int
	// size is that of the documents before, copied the number of fields that
	// were merged.
	size, copied int
	// done holds the values with an anchor, open those that are being made.
	done map[*yaml.Node]yamlValue
	open map[*yaml.Node]bool
}

// yamlValue is a value and its extent.
type yamlValue struct {
	value any
	// size counts 1 for each value and for each byte of text.
	size  int
	depth int
}

func (d *yamlDecoder) node(n *yaml.Node) (yamlValue, error) {
	if v, ok := d.done[n]; ok {
		return v, nil
	}
	if d.open[n] {
		return yamlValue{}, fmt.Errorf("line %d: anchor %q contains itself", n.Line, n.Anchor)
	}
	if n.Anchor != "" {
		d.open[n] = true
		defer delete(d.open, n)
	}
	var v yamlValue
	var err error
	switch n.Kind {
	case yaml.DocumentNode:
		return d.node(n.Content[0])
	case yaml.AliasNode:
		return d.node(n.Alias)
	case yaml.MappingNode:
		v, err = d.mapping(n)
	case yaml.SequenceNode:
		v, err = d.sequence(n)
	default:
		v, err = scalar(n)
	}
	if err != nil {
		return yamlValue{}, err
	}
	if d.size+v.size > d.limit {
		return yamlValue{}, d.tooLarge(n)
	}
	if v.depth > maxDepth {
		return yamlValue{}, fmt.Errorf("line %d: nested more than %d deep", n.Line, maxDepth)
	}
	if n.Anchor != "" {
		d.done[n] = v
	}
	return v, nil
}

func (d *yamlDecoder) tooLarge(n *yaml.Node) error {
	return fmt.Errorf("line %d: aliases expand to more than %d values and bytes of text", n.Line, d.limit)
}

// contain adds the extent of a value that v contains.
func (v *yamlValue) contain(inner yamlValue) {
	v.size += inner.size
	v.depth = max(v.depth, inner.depth+1)
}

func (d *yamlDecoder) sequence(n *yaml.Node) (yamlValue, error) {
	elements := make([]any, 0, len(n.Content))
	v := yamlValue{size: 1}
	for _, c := range n.Content {
		e, err := d.node(c)
		if err != nil {
			return v, err
		}
		elements = append(elements, e.value)
		v.contain(e)
	}
	v.value = elements
	return v, nil
}

func (d *yamlDecoder) mapping(n *yaml.Node) (yamlValue, error) {
	object := make(map[string]any, len(n.Content)/2)
	lines := make(map[string]int, len(n.Content)/2)
	v := yamlValue{value: object, size: 1}
	var merge []*yaml.Node
	for i := 0; i < len(n.Content); i += 2 {
		k, c := n.Content[i], n.Content[i+1]
		key, err := d.key(k)
		if err != nil {
			return v, err
		}
		if line, ok := lines[key]; ok {
			return v, fmt.Errorf("line %d: key %q is set twice, first in line %d", k.Line, key, line)
		}
		lines[key] = k.Line
		if k.ShortTag() == "!!merge" {
			merge = merged(c)
			continue
		}
		e, err := d.node(c)
		if err != nil {
			return v, err
		}
		object[key] = e.value
		v.size += len(key)
		v.contain(e)
	}
	for _, m := range merge {
		e, err := d.node(m)
		if err != nil {
			return v, err
		}
		more, ok := e.value.(map[string]any)
		if !ok {
			return v, fmt.Errorf("line %d: key <<: want a mapping or a sequence of mappings, got %s", m.Line, manifest.Describe(e.value))
		}
		if d.copied += len(more); d.copied > d.limit {
			return v, d.tooLarge(m)
		}
		for key, value := range more {
			if _, ok := object[key]; !ok {
				object[key] = value
			}
		}
		v.size += e.size
		v.depth = max(v.depth, e.depth)
	}
	return v, nil
}

// merged returns what the value of a key << merges, the first before the
// others (https://yaml.org/type/merge.html). Keys of the mapping itself come
// before all.
func merged(n *yaml.Node) []*yaml.Node {
	if n.Kind == yaml.SequenceNode {
		return n.Content
	}
	return []*yaml.Node{n}
}

func (d *yamlDecoder) key(n *yaml.Node) (string, error) {
	v, err := d.node(n)
	if err != nil {
		return "", err
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	s, ok := v.value.(string)
	switch {
	case n.ShortTag() == "!!timestamp":
		return "", fmt.Errorf("line %d: key %s: want a string, got a date; quote it", n.Line, n.Value)
	case !ok && n.Kind == yaml.ScalarNode:
		return "", fmt.Errorf("line %d: key %s: want a string, got %s; quote it", n.Line, n.Value, manifest.Describe(v.value))
	case !ok:
		return "", fmt.Errorf("line %d: key: want a string, got %s", n.Line, manifest.Describe(v.value))
	}
	return s, nil
}

func scalar(n *yaml.Node) (yamlValue, error) {
	var v any
	if n.ShortTag() == "!!str" {
		v = n.Value
	} else if err := n.Decode(&v); err != nil {
		return yamlValue{}, fmt.Errorf("line %d: %s", n.Line, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	switch x := v.(type) {
	case int:
		v = float64(x)
	case int64:
		v = float64(x)
	case uint64:
		v = float64(x)
	case float64:
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return yamlValue{}, fmt.Errorf("line %d: %s: JSON has no such number", n.Line, n.Value)
		}
	case time.Time:
		text, err := x.MarshalText()
		if err != nil {
			return yamlValue{}, fmt.Errorf("line %d: %s: %w", n.Line, n.Value, err)
		}
		v = string(text)
	case string:
		// What !!binary encodes need not be text.
		v = strings.ToValidUTF8(x, "\uFFFD")
	}
	size := 1
	if s, ok := v.(string); ok {
		size += len(s)
	}
	return yamlValue{value: v, size: size}, nil
}

// writeYAML returns v, a JSON value, as YAML indented by four spaces.
func writeYAML(v any) ([]byte, error) { return yaml.Marshal(manifest.WithIntegers(v)) }
