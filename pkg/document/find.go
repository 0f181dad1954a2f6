package document

import (
	"bytes"

	"go.yaml.in/yaml/v3"
)

// Find returns the line, from 1, on which the part at a path of a text begins: of a
// field that is an array or object, that of the key. The steps of the path are the names of fields and the
// indexes of elements. With the Meaning [Jsonnet] it leads through what [Value]
// gives, else through the documents, of which the first step is the index.
//
// ok is false where there is no such part, or it is merged from another.
func Find(text []byte, m Meaning, path []any) (line int, ok bool) {
	before := 0
	if m == Jsonnet {
		pieces, marked := chunks(text)
		n := 0
		if (marked || len(pieces) > 1) && len(path) > 0 {
			n, _ = path[0].(int)
			path = path[1:]
		}
		if n >= len(pieces) {
			return 0, false
		}
		text, before = pieces[n].Text, pieces[n].Line-1
		path = append([]any{0}, path...)
	}
	if len(path) == 0 {
		return 0, false
	}
	n, _ := path[0].(int)
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	for range n + 1 {
		document = yaml.Node{}
		if decoder.Decode(&document) != nil {
			return 0, false
		}
	}
	if len(document.Content) == 0 {
		return 0, false
	}
	at := document.Content[0]
	line = at.Line
	for _, step := range path[1:] {
		if at.Kind == yaml.AliasNode {
			at = at.Alias
		}
		if line, at = part(at, step); at == nil {
			return 0, false
		}
	}
	return before + line, true
}

// part returns the field or element of a node and the line where it begins; nil if
// it has none of its own.
func part(n *yaml.Node, step any) (line int, found *yaml.Node) {
	switch step := step.(type) {
	case int:
		if n.Kind == yaml.SequenceNode && step < len(n.Content) {
			return n.Content[step].Line, n.Content[step]
		}
	case string:
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			if key.Value != step {
				continue
			}
			if value.Kind == yaml.ScalarNode {
				return value.Line, value
			}
			return key.Line, value
		}
	}
	return 0, nil
}
