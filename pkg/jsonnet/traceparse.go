package jsonnet

import (
	"slices"
	"strings"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/pkg/document"
)

// parsed returns the origins of what is at a path of what a native has read from a
// text: the line of the text where that is a literal or a file.
func (t *tracer) parsed(n *native, a []operand, path []any) []Origin {
	found := t.operand(a[0])
	made := func(o Origin) bool { return o.Effect == PartOf }
	if len(found) == 0 || slices.ContainsFunc(found, made) {
		return PartOf.of(found)
	}
	text := t.str(t.value(a[0]), nil).String()
	meaning := document.Jsonnet
	if n.host && n.name == "parseYaml" {
		meaning = document.Tanka
	}
	last := found[len(found)-1]
	if line, ok := document.Find([]byte(text), meaning, path); ok {
		if at, ok := last.lineOf(text, line); ok {
			return append(From.of(found[:len(found)-1]), Origin{Location: at, Effect: From})
		}
	}
	return PartOf.of(found)
}

// lineOf returns the location of a line of the text that the origin is: a literal
// or a file.
func (o *Origin) lineOf(text string, line int) (at ast.LocationRange, ok bool) {
	switch {
	case o.Location.FileName != "" && !o.Location.IsSet():
		return inFile(o.Location.FileName, line), true
	case !o.literal:
		return at, false
	}
	// How the literal is written shows in the number of its lines.
	breaks := strings.Count(text, "\n")
	first := o.Location.Begin.Line
	switch o.Location.End.Line - first {
	case breaks:
		// As it is, in quotes.
	case breaks + 1, breaks + 2:
		// Between ||| and |||, or |||- and |||.
		first++
	default:
		return at, false
	}
	at = o.Location
	at.Begin = ast.Location{Line: first + line - 1}
	at.End = at.Begin
	return at, true
}

// inFile is the location of a line of a file that was imported as text, 0 for the
// whole.
func inFile(name string, line int) ast.LocationRange {
	at := ast.Location{Line: line}
	return ast.MakeLocationRange(name, &ast.Source{DiagnosticFileName: ast.DiagnosticFileName(name)}, at, at)
}
