package document

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/message"
)

// maxDepth is how deeply values may be nested. The parser has this limit for text without
// aliases, and encoding/json has it for JSON.
const maxDepth = 10_000

// decoder turns nodes into values. It makes a value with an anchor once, and the aliases
// share it. The sizes say how large the value would be if written out.
//
// The library can decode into an any by itself, but then compares each key of a mapping
// with every other, again at each alias.
type decoder struct {
	options Options
	// before is the number of lines before the text.
	before int
	// limit is the largest size of all documents together. Without aliases a text does not
	// reach it.
	limit int
	// size is the size of the documents before, copied the number of merged fields.
	size, copied int
	// done holds the finished values with an anchor, open the nodes of unfinished ones.
	done map[*yaml.Node]extent
	open map[*yaml.Node]bool
	// faults are the faults that do not end the reading.
	faults Faults
	// changed are the changed integers of the document, changedAt their indexes by node.
	changed   []Integer
	changedAt map[*yaml.Node]int
	// words is the field Words of the [Document].
	words  []Fault
	budget *budget.Budget
	meter  budget.Meter
}

func newDecoder(ctx context.Context, o Options, text []byte) *decoder {
	b := budget.Of(ctx)
	return &decoder{options: o, limit: 1<<20 + 10*len(text), budget: b, meter: b.Meter()}
}

// extent is a value and its size.
type extent struct {
	value any
	// size counts 1 for each value and for each byte of text.
	size  int
	depth int
}

// decode returns the documents of a text, one piece of a stream. before is the number of
// lines before the text. The error is a [Faults] or an [*Interrupted].
func (d *decoder) decode(text []byte, before int) ([]Document, error) {
	d.before = before
	var documents []Document
	parser := newParser(d.budget, text, before)
	for {
		n, err := parser.next()
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, err
		}
		d.done, d.open = map[*yaml.Node]extent{}, map[*yaml.Node]bool{}
		d.faults, d.words, d.changed, d.changedAt = nil, nil, nil, map[*yaml.Node]int{}
		v, err := d.node(n)
		if err == nil {
			err = d.faults.err()
		}
		if err != nil {
			return nil, err
		}
		d.size += v.size
		d.locate(n.Content[0], nil)
		document := Document{Line: d.line(n.Content[0]), Value: v.value, Changed: d.changed, Words: d.words}
		if root := n.Content[0]; d.options.Places {
			document.Places = Places{tree: sync.OnceValue(func() tree { return newTree(root) })}
		}
		documents = append(documents, document)
	}
}

// mostPlaced is how many integers get a path, which can be as long as the text.
const mostPlaced = 100

// locate sets the paths of the first changed integers at and below a node.
func (d *decoder) locate(n *yaml.Node, path []any) {
	if len(d.changed) == 0 {
		return
	}
	if i, ok := d.changedAt[n]; ok && i < mostPlaced {
		d.changed[i].Path = slices.Clone(path)
	}
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			d.locate(c, append(path, i))
		case i%2 == 1:
			d.locate(c, append(path, n.Content[i-1].Value))
		}
	}
}

func (d *decoder) line(n *yaml.Node) int { return d.before + n.Line }

func (d *decoder) fault(n *yaml.Node, format string, args ...any) error {
	return Faults{{Line: d.line(n), Problem: fmt.Sprintf(format, args...)}}
}

// work notes work on n values or bytes up to a node.
func (d *decoder) work(n int, at *yaml.Node) error {
	if err := d.meter.Work(n); err != nil {
		return &Interrupted{Line: d.line(at), Err: err}
	}
	return nil
}

func (d *decoder) node(n *yaml.Node) (extent, error) {
	if err := d.work(1, n); err != nil {
		return extent{}, err
	}
	if n.Kind == yaml.ScalarNode && n.Anchor == "" {
		return d.scalar(n)
	}
	if v, ok := d.done[n]; ok {
		return v, nil
	}
	if d.open[n] {
		return extent{}, d.fault(n, "anchor %s contains itself", message.Quote(n.Anchor))
	}
	if n.Anchor != "" {
		d.open[n] = true
		defer delete(d.open, n)
	}
	var v extent
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
		v, err = d.scalar(n)
	}
	if err != nil {
		return extent{}, err
	}
	if d.size+v.size > d.limit {
		return extent{}, d.tooLarge(n)
	}
	if v.depth > maxDepth {
		return extent{}, d.fault(n, "nested more than %d deep", maxDepth)
	}
	if n.Anchor != "" {
		d.done[n] = v
	}
	return v, nil
}

func (d *decoder) tooLarge(n *yaml.Node) error {
	return d.fault(n, "aliases expand to more than %d values and bytes of text", d.limit)
}

// contain adds the extent of a value that v contains.
func (v *extent) contain(inner extent) {
	v.size += inner.size
	v.depth = max(v.depth, inner.depth+1)
}

func (d *decoder) sequence(n *yaml.Node) (extent, error) {
	elements := make([]any, 0, len(n.Content))
	v := extent{size: 1}
	for _, c := range n.Content {
		e, err := d.node(c)
		if err != nil {
			return v, err
		}
		elements = append(elements, e.value)
		if v.contain(e); d.size+v.size > d.limit {
			return v, d.tooLarge(n)
		}
	}
	v.value = elements
	return v, nil
}

// mapping makes an object. A key that is set twice is a fault, but merged fields may be set
// again.
func (d *decoder) mapping(n *yaml.Node) (extent, error) {
	object := make(map[string]any, len(n.Content)/2)
	v := extent{value: object, size: 1}
	var merges []*yaml.Node
	var own map[string]bool // the fields that are not merged, nil without merges
	for i := 0; i < len(n.Content); i += 2 {
		k, c := n.Content[i], n.Content[i+1]
		if isMerge(k) {
			merges = append(merges, k)
			if d.options.Meaning == Tanka {
				continue
			}
			if own == nil {
				own = make(map[string]bool, len(object))
				for key := range object {
					own[key] = true
				}
			}
			if err := d.merge(c, &v, object, func(string) bool { return true }); err != nil {
				return v, err
			}
			continue
		}
		key, err := d.key(k)
		if err != nil {
			return v, err
		}
		if _, ok := object[key]; ok && (own == nil || own[key]) {
			d.twice(n, i, key)
		}
		e, err := d.node(c)
		if err != nil {
			return v, err
		}
		object[key] = e.value
		if own != nil {
			own[key] = true
		}
		v.size += len(key)
		if v.contain(e); d.size+v.size > d.limit {
			return v, d.tooLarge(n)
		}
	}
	if d.options.Meaning != Tanka || len(merges) == 0 {
		return v, nil
	}
	if len(merges) > 1 {
		d.faults = append(d.faults, Fault{Line: d.line(merges[1]), Problem: `key "<<" is set twice`, First: d.line(merges[0])})
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i] == merges[0] {
			err := d.merge(n.Content[i+1], &v, object, func(key string) bool {
				_, ok := object[key]
				return !ok
			})
			return v, err
		}
	}
	return v, nil
}

// mostTwice is for how many keys that are set twice the decoder looks for the first one.
const mostTwice = 100

// twice reports that the key at an index of a mapping was set before.
func (d *decoder) twice(n *yaml.Node, at int, key string) {
	k := n.Content[at]
	if len(d.faults) >= mostTwice {
		d.faults = append(d.faults, Fault{Line: d.line(k), Problem: fmt.Sprintf("key %s is set twice", message.Quote(key))})
		return
	}
	for i := 0; i < at; i += 2 {
		before, err := d.key(n.Content[i])
		if err != nil || before != key || isMerge(n.Content[i]) {
			continue
		}
		problem := fmt.Sprintf("key %s is set twice", message.Quote(key))
		if first := n.Content[i]; first.Kind == yaml.ScalarNode && k.Kind == yaml.ScalarNode && (first.Value != key || k.Value != key) {
			problem += fmt.Sprintf(", by %s and %s without quotes", first.Value, k.Value)
		}
		d.faults = append(d.faults, Fault{Line: d.line(k), Problem: problem, First: d.line(n.Content[i])})
		return
	}
}

// isMerge reports whether a key merges the fields of other objects
// (https://yaml.org/type/merge.html).
func isMerge(k *yaml.Node) bool { return k.Kind == yaml.ScalarNode && k.ShortTag() == "!!merge" }

// sizeOfField is about how many bytes a field of an object takes.
const sizeOfField = 50

// merge sets fields of an object from n, the value of a key <<. This is a mapping, or a
// sequence of mappings, of which the first takes precedence. merge sets only the fields
// that take accepts.
func (d *decoder) merge(n *yaml.Node, v *extent, object map[string]any, take func(key string) bool) error {
	from := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		from = n.Content
	}
	brought := map[string]any{}
	for _, m := range from {
		e, err := d.node(m)
		if err != nil {
			return err
		}
		more, ok := e.value.(map[string]any)
		if !ok {
			return d.fault(m, "key <<: want a mapping or a sequence of mappings, got %s", kind(e.value))
		}
		if d.copied += len(more); d.copied > d.limit {
			return d.tooLarge(m)
		}
		if err := d.work(sizeOfField*len(more), m); err != nil {
			return err
		}
		for key, value := range more {
			if _, ok := brought[key]; !ok {
				brought[key] = value
			}
		}
		v.size += e.size
		v.depth = max(v.depth, e.depth)
	}
	for key, value := range brought {
		if take(key) {
			object[key] = value
		}
	}
	return nil
}

// key returns the text of a key.
func (d *decoder) key(n *yaml.Node) (string, error) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode {
		v, err := d.node(n)
		if err != nil {
			return "", err
		}
		return "", d.fault(n, "key: want a string, got %s", kind(v.value))
	}
	if n.ShortTag() == "!!str" && n.Style != 0 {
		return n.Value, nil
	}
	v, err := d.resolve(n)
	if err != nil {
		return "", err
	}
	s, isText := v.(string)
	switch {
	case d.options.Meaning == Tanka && n.ShortTag() == "!!timestamp":
		return "", d.fault(n, "key %s: want a string, got a date; quote it", n.Value)
	case isText:
		return s, nil
	case d.options.Meaning == Jsonnet && v != nil:
		return n.Value, nil
	case d.options.Meaning == Kubernetes:
		if text, ok := keyText(v); ok {
			if _, isWord := v.(bool); isWord && n.Tag == "!!str" {
				d.words = append(d.words, Fault{Line: d.line(n), Problem: fmt.Sprintf("key %s is %s, as to kubectl", n.Value, message.Quote(text))})
			}
			return text, nil
		}
	}
	return "", d.fault(n, "key %s: want a string, got %s; quote it", n.Value, kind(v))
}

// keyText returns the text of a key that is no string. ok is false if sigs.k8s.io/yaml
// cannot convert it into a text.
func keyText(key any) (text string, ok bool) {
	switch key := key.(type) {
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

// validText returns text with U+FFFD in place of each byte that is not UTF-8, because a tag
// !!binary may encode other bytes than text.
func validText(text string) string {
	if utf8.ValidString(text) {
		return text
	}
	return string([]rune(text))
}

// kind names the type of a value.
func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	case []any:
		return "an array"
	case map[string]any:
		return "an object"
	}
	return "a number"
}
