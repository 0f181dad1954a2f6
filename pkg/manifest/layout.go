package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/mop-platform/mop/pkg/document"
)

// Part is where a part of a YAML document stands: the whole, a field or an
// element.
type Part struct {
	Path Path
	// First and Last are its lines, counted from 1, with the field's name.
	First, Last int
	// remark is the line at whose end a comment about it can stand, 0 if there
	// is none.
	remark int
}

// Layout returns the parts of each document of a YAML stream, in the order in
// which they stand: outer ones before those within them. Documents without
// content are left out.
func Layout(text []byte) ([][]Part, error) {
	var documents [][]Part
	dec := yaml.NewDecoder(bytes.NewReader(text))
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for {
		var n yaml.Node
		err := dec.Decode(&n)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "yaml: "))
		}
		if len(n.Content) == 0 {
			continue
		}
		root := n.Content[0]
		if root.Kind == yaml.ScalarNode && root.Value == "" && root.Style == 0 {
			continue
		}
		last := root.Line
		for last < len(lines) && !document.Marks(lines[last], "---") && !document.Marks(lines[last], "...") {
			last++
		}
		documents = append(documents, partsOf(root, last))
	}
}

// PartAt returns the innermost part of a document at a line. ok is false where the
// document does not reach there.
func PartAt(parts []Part, line int) (part Part, ok bool) {
	for _, p := range parts {
		if p.First <= line && line <= p.Last {
			part, ok = p, true
		}
	}
	return part, ok
}

// partsOf returns the parts of the document with a root and a last line.
func partsOf(root *yaml.Node, last int) []Part {
	var parts []Part
	var keys, values []*yaml.Node
	var add func(path Path, key, value *yaml.Node)
	add = func(path Path, key, value *yaml.Node) {
		first := value
		if key != nil {
			first = key
		}
		parts = append(parts, Part{Path: path, First: first.Line})
		keys, values = append(keys, key), append(values, value)
		switch value.Kind {
		case yaml.MappingNode:
			for i := 0; i+1 < len(value.Content); i += 2 {
				add(path.Field(value.Content[i].Value), value.Content[i], value.Content[i+1])
			}
		case yaml.SequenceNode:
			for i, element := range value.Content {
				add(path.Index(i), nil, element)
			}
		}
	}
	add(nil, nil, root)
	// A part ends before the next one that is not within it, and what is within
	// it comes after it.
	for i := range slices.Backward(parts) {
		p := &parts[i]
		p.Last = last
		for _, next := range parts[i+1:] {
			if len(next.Path) <= len(p.Path) {
				p.Last = max(p.First, next.First-1)
				break
			}
		}
		p.remark = remarkLine(parts[i:], keys[i], values[i])
	}
	return parts
}

// remarkLine returns the line at whose end a comment about the first of parts
// can stand, in the YAML that this package writes; 0 if there is none. The parts
// after it know theirs.
func remarkLine(parts []Part, key, value *yaml.Node) int {
	const block = yaml.LiteralStyle | yaml.FoldedStyle
	switch {
	case value.Kind == yaml.ScalarNode && value.Style&block != 0:
		return value.Line // of the |, before the text
	case value.Kind == yaml.ScalarNode, len(value.Content) == 0:
		return parts[0].Last
	case key == nil || value.Line == key.Line:
		return parts[1].remark // the first one within it begins on the same line
	case key.Style&block != 0:
		return 0
	}
	return value.Line - 1 // the end of the key
}

// Annotate returns the YAML of one object, as [Object.YAML] gives it, with
// comments: what remark says of a part, "" for nothing, behind " # " at the end
// of a line on which the part begins, or ends where it is a text of several
// lines. Where there are several on a line, the outer comes first, before " > ".
// Every line begins with what it was without comments. A remark has no line
// breaks.
func Annotate(text []byte, remark func(Path) string) ([]byte, error) {
	documents, err := Layout(text)
	if err != nil {
		return nil, err
	}
	comments := map[int]string{}
	for _, parts := range documents {
		for _, p := range parts {
			comment := remark(p.Path)
			if comment == "" || p.remark == 0 {
				continue
			}
			separator := " # "
			if comments[p.remark] != "" {
				separator = " > "
			}
			comments[p.remark] += separator + comment
		}
	}
	var out bytes.Buffer
	line := 0
	for text := range bytes.Lines(text) {
		line++
		content, end := bytes.CutSuffix(text, []byte("\n"))
		out.Write(content)
		out.WriteString(comments[line])
		if end {
			out.WriteByte('\n')
		}
	}
	return out.Bytes(), nil
}
