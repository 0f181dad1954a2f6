package document

import (
	"bytes"
	"context"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/mop-platform/mop/internal/budget"
)

// Places gives the lines of the parts of a document. The zero value gives none. It is safe
// for concurrent use.
type Places struct {
	tree func() tree
	// json returns the root of a JSON text.
	json func() *jsonPlace
}

// tree is a document that is searched many times.
type tree struct {
	root *yaml.Node
	// fields are the indexes of the keys of objects with many fields.
	fields map[*yaml.Node]map[string]int
}

// PlacesOf returns the places in the text of one document, YAML or JSON. It reads the text
// when a line is first asked for. If the text has faults or the budget of ctx ends, the
// Places give no lines.
func PlacesOf(ctx context.Context, text []byte) Places {
	return Places{tree: sync.OnceValue(func() tree {
		b := budget.Of(ctx)
		document, err := newParser(b, text, 0).next()
		if err != nil {
			// JSON can be indented with tabs.
			document, err = newParser(b, bytes.ReplaceAll(text, []byte("\t"), []byte(" ")), 0).next()
		}
		if err != nil || len(document.Content) == 0 {
			return tree{}
		}
		return newTree(document.Content[0])
	})}
}

func newTree(root *yaml.Node) tree {
	t := tree{root, map[*yaml.Node]map[string]int{}}
	t.index(root)
	return t
}

// manyFields is the number of fields from which on a map pays off.
const manyFields = 64

// index notes the fields of the large objects at and below a node.
func (t tree) index(n *yaml.Node) {
	if n.Kind == yaml.MappingNode && len(n.Content)/2 >= manyFields {
		fields := make(map[string]int, len(n.Content)/2)
		for i := len(n.Content) - 2; i >= 0; i -= 2 {
			fields[n.Content[i].Value] = i
		}
		t.fields[n] = fields
	}
	for _, c := range n.Content {
		t.index(c)
	}
}

// child is [child] for a node of the tree.
func (t tree) child(node *yaml.Node, step any) (key, value *yaml.Node) {
	fields, ok := t.fields[node]
	name, isName := step.(string)
	if !ok || !isName {
		return child(node, step)
	}
	if i, ok := fields[name]; ok {
		return node.Content[i], node.Content[i+1]
	}
	return nil, nil
}

// Line returns the line, from 1, of the part at a path of fields (string) and elements
// (int). If there is none, it returns the line of the innermost part around the path. It is
// 0 for the whole, and if it is unknown.
func (p Places) Line(path ...any) int {
	if p.json != nil {
		return p.json().line(path)
	}
	if len(path) == 0 || p.tree == nil {
		return 0
	}
	t := p.tree()
	at, node := 0, t.root
	for _, step := range path {
		key, value := t.child(node, step)
		if value == nil {
			break
		}
		at, node = key.Line, value
	}
	return at
}

// child returns the field or element of a node and its key. The key of an element is the
// element itself. Both are nil if the node has no such part of its own.
func child(node *yaml.Node, step any) (key, value *yaml.Node) {
	if node == nil {
		return nil, nil
	}
	switch step := step.(type) {
	case int:
		if node.Kind == yaml.SequenceNode && step < len(node.Content) {
			return node.Content[step], node.Content[step]
		}
	case string:
		for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == step {
				return node.Content[i], node.Content[i+1]
			}
		}
	}
	return nil, nil
}
