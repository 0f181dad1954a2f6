// Package layout finds the lines of the parts of YAML, and writes comments on them.
package layout

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/intake"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Part is the place of a part of a YAML document: the whole, a field or an element.
type Part struct {
	// around is the part that holds it, nil for the whole, and step leads from there to it.
	// A path for each part would take the square of the nesting.
	around *Part
	step   any
	depth  int
	// First and Last are its lines, counted from 1, including the field's name.
	First, Last int
	// remark is the line that a comment about the part can follow, 0 if there is none.
	remark int
}

// Path returns the path to the part.
func (p *Part) Path() manifest.Path {
	if p.depth == 0 {
		return nil
	}
	path := make(manifest.Path, p.depth)
	for ; p.around != nil; p = p.around {
		path[p.depth-1] = p.step
	}
	return path
}

// Of returns the parts of each document of a YAML stream, in their order: outer ones
// before those within them. It leaves out documents without content. The error is a
// [document.Faults] or a [*document.Interrupted].
func Of(ctx context.Context, text []byte) ([][]*Part, error) {
	var documents [][]*Part
	lines := lines{text: text}
	for n, err := range document.Nodes(ctx, text) {
		if err != nil {
			return nil, err
		}
		if len(n.Content) == 0 {
			continue
		}
		root := n.Content[0]
		if root.Kind == yaml.ScalarNode && root.Value == "" && root.Style == 0 {
			continue
		}
		parts, err := partsOf(budget.Of(ctx), root, lines.last(root.Line))
		if err != nil {
			return nil, err
		}
		documents = append(documents, parts)
	}
	return documents, nil
}

// OfText is [Of] for the document in a text, with the lines of the file. It returns
// nil if there is none. The error is like that of [intake.Text.Parse].
func OfText(ctx context.Context, t intake.Text) ([]*Part, error) {
	documents, err := Of(ctx, t.Bytes())
	before := t.At().Line - 1
	var faults document.Faults
	stopped := (*document.Interrupted)(nil)
	switch {
	case errors.As(err, &faults):
		for i := range faults {
			faults[i].Line += before
		}
	case errors.As(err, &stopped):
		stopped.Line += before
	}
	if err != nil || len(documents) == 0 {
		return nil, intake.InFile(t.At().File, err)
	}
	for _, p := range documents[0] {
		p.First, p.Last = p.First+before, p.Last+before
		if p.remark > 0 {
			p.remark += before
		}
	}
	return documents[0], nil
}

// lines goes through the lines of a text.
type lines struct {
	text   []byte
	number int // how many it has passed
}

// last goes to the last line of the document that begins at line first, and returns its
// number.
func (l *lines) last(first int) int {
	for line := range bytes.Lines(l.text) {
		if l.number >= first && (document.Marks(line, "---") || document.Marks(line, "...")) {
			break
		}
		l.number++
		l.text = l.text[len(line):]
	}
	return max(l.number, first)
}

// At returns the innermost part of a document at a line. ok is false if the document
// has no such line.
func At(parts []*Part, line int) (part *Part, ok bool) {
	for _, p := range parts {
		if p.First <= line && line <= p.Last {
			part, ok = p, true
		}
	}
	return part, ok
}

// partsOf returns the parts of the document with this root and last line.
func partsOf(b *budget.Budget, root *yaml.Node, last int) ([]*Part, error) {
	l := collector{meter: b.Meter()}
	if err := l.add(&Part{}, nil, root); err != nil {
		return nil, &document.Interrupted{Line: root.Line, Err: err}
	}
	// A part ends before the next part that is not within it. The parts within it come
	// after it. next has the later parts that do not lie deeper than a nearer one, the
	// nearest last.
	var next []*Part
	for i, p := range slices.Backward(l.parts) {
		for len(next) > 0 && next[len(next)-1].depth > p.depth {
			next = next[:len(next)-1]
		}
		p.Last = last
		if len(next) > 0 {
			p.Last = max(p.First, next[len(next)-1].First-1)
		}
		next = append(next, p)
		p.remark = remarkLine(l.parts[i:], l.keys[i], l.values[i])
	}
	return l.parts, nil
}

// collector collects the parts of a document, with their keys and values.
type collector struct {
	parts        []*Part
	keys, values []*yaml.Node
	meter        budget.Meter
}

// add adds a part and the parts in it.
func (l *collector) add(p *Part, key, value *yaml.Node) error {
	if err := l.meter.Work(1); err != nil {
		return err
	}
	p.First = value.Line
	if key != nil {
		p.First = key.Line
	}
	l.parts, l.keys, l.values = append(l.parts, p), append(l.keys, key), append(l.values, value)
	for i, c := range value.Content {
		step, key := any(i), (*yaml.Node)(nil)
		if value.Kind == yaml.MappingNode {
			if i%2 == 0 {
				continue
			}
			key = value.Content[i-1]
			step = key.Value
		}
		if err := l.add(&Part{around: p, step: step, depth: p.depth + 1}, key, c); err != nil {
			return err
		}
	}
	return nil
}

// remarkLine returns the line that a comment about the first of parts can follow, in the
// YAML that package manifest writes; 0 if there is none. The later parts have their lines
// already.
func remarkLine(parts []*Part, key, value *yaml.Node) int {
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

// Annotate returns the YAML of one object, as [manifest.Object.YAML] gives it, with comments. remark
// returns the comment on a part, without line breaks, "" for none. A space, a hash sign and
// a space precede the comment. It is at the end of the first line of the part, or of the
// last line if the part is a text of several lines. If a line has several comments, the
// outer one comes first, before " > ". Every line begins with its text without comments. A
// part whose key has several lines has no comment.
func Annotate(ctx context.Context, text []byte, remark func(manifest.Path) string) ([]byte, error) {
	documents, err := Of(ctx, text)
	if err != nil {
		return nil, err
	}
	comments := map[int]string{}
	meter := budget.Of(ctx).Meter()
	for _, parts := range documents {
		for _, p := range parts {
			if err := meter.Work(p.depth); err != nil {
				return nil, &document.Interrupted{Line: p.First, Err: err}
			}
			comment := remark(p.Path())
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
