package document

import (
	"bytes"
	"context"
	"encoding/json"

	"go.yaml.in/yaml/v3"

	"github.com/mop-platform/mop/internal/budget"
)

// Find returns the first line, counted from 1, of the part at a path of a text. For a field
// that is an array or object, it is the line of the key. The steps of the path are the
// names of fields and the indexes of elements. With the Meaning [Jsonnet] the path leads
// through the result of [Value]. Otherwise its first step is the index of the document;
// [Kubernetes] counts only documents that are not null.
//
// ok is false if there is no such part, if it is merged from another object, or if the
// budget of ctx ends.
func Find(ctx context.Context, text []byte, m Meaning, path []any) (line int, ok bool) {
	line, found := find(ctx, text, m, path)
	if found != len(path) {
		return 0, false
	}
	return line, true
}

// Nearest is [Find] for the longest beginning of a path that leads to a part. ok is false
// if that beginning has fewer than two steps.
func Nearest(ctx context.Context, text []byte, m Meaning, path []any) (line int, ok bool) {
	line, found := find(ctx, text, m, path)
	if found < 2 {
		return 0, false
	}
	return line, true
}

// find returns the line of the part that the longest possible beginning of a path leads to,
// and the number of steps in that beginning, -1 for none.
func find(ctx context.Context, text []byte, m Meaning, path []any) (line, found int) {
	before, given := 0, len(path)
	if m == Jsonnet {
		meter := budget.Of(ctx).Meter()
		pieces, marked, err := chunks(text, &meter)
		if err != nil {
			return 0, -1
		}
		n := 0
		if (marked || len(pieces) > 1) && len(path) > 0 {
			n, _ = path[0].(int)
			path = path[1:]
		}
		if n >= len(pieces) {
			return 0, -1
		}
		text, before = pieces[n].Text, pieces[n].Line-1
		path = append([]any{0}, path...)
	}
	if len(path) == 0 {
		return 0, -1
	}
	if bytes.IndexByte(text, '\t') >= 0 && json.Valid(text) {
		// No tab may precede a line of YAML, and strings of JSON hold none.
		text = bytes.ReplaceAll(text, []byte("\t"), []byte(" "))
	}
	n, _ := path[0].(int)
	parser := newParser(budget.Of(ctx), text, 0)
	var document *yaml.Node
	for i := 0; i <= n; i++ {
		var err error
		if document, err = parser.next(); err != nil {
			return 0, -1
		}
		if m == Kubernetes && (len(document.Content) == 0 || document.Content[0].ShortTag() == "!!null") {
			i--
		}
	}
	if len(document.Content) == 0 {
		return 0, -1
	}
	at := document.Content[0]
	line = at.Line
	for i, step := range path[1:] {
		if at.Kind == yaml.AliasNode {
			at = at.Alias
		}
		key, value := child(at, step)
		if value == nil {
			return before + line, given - (len(path) - 1 - i)
		}
		at, line = value, key.Line
		if value.Kind == yaml.ScalarNode {
			line = value.Line
		}
	}
	return before + line, given
}

// PathAt returns the path of the value that the byte at an offset of a JSON text belongs
// to. If the text is broken before that offset, it returns the path up to the fault.
func PathAt(text []byte, offset int) []any {
	d := json.NewDecoder(bytes.NewReader(text))
	type container struct {
		object, named bool
	}
	var path []any
	var around []container
	for {
		token, err := d.Token()
		if err != nil {
			return path
		}
		last := len(around) - 1
		delim, isDelim := token.(json.Delim)
		switch {
		case isDelim && (delim == '}' || delim == ']'):
			around = around[:last]
			path = path[:last]
			continue
		case last >= 0 && around[last].object && !around[last].named:
			path = append(path[:last], token)
			around[last].named = true
			continue
		case last >= 0 && around[last].object:
			around[last].named = false
		case last >= 0 && len(path) == last:
			path = append(path, 0)
		case last >= 0:
			path[last] = path[last].(int) + 1
		}
		if d.InputOffset() > int64(offset) {
			return path
		}
		if isDelim {
			around = append(around, container{object: delim == '{'})
		}
	}
}
