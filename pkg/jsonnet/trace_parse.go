package jsonnet

import (
	"slices"
	"strings"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/pkg/document"
)

// importedYAML is the native of those who generate the code for an import of YAML:
// the third argument is the text, the fourth whether all documents are asked for.
const importedYAML = "yaml:"

// reads reports whether a native gives what stands in a text.
func (n *native) reads() bool {
	return n.name == "parseYaml" || n.name == "parseJson" || n.host && n.name == importedYAML
}

// parsed returns the origins of what is at a path of what a native has read from a
// text: the line of the text where that is a literal or a file.
func (t *tracer) parsed(n *native, a []operand, path []any) []Origin {
	from, meaning := a[0], document.Jsonnet
	switch {
	case n.name == importedYAML:
		from, meaning = a[2], document.Kubernetes
		if t.value(a[3]).num == 0 {
			path = append([]any{0}, path...)
		}
	case n.host && n.name == "parseYaml":
		meaning = document.Tanka
	}
	found, single := t.text(from)
	if !single {
		return PartOf.of(found)
	}
	text := t.str(t.value(from), nil).String()
	last := found[len(found)-1]
	if line, ok := document.Find(t.bounds.ctx, []byte(text), meaning, path); ok {
		if at, ok := last.lineOf(text, line); ok {
			return append(From.of(found[:len(found)-1]), Origin{Location: at, Effect: From})
		}
	}
	return PartOf.of(found)
}

// text returns the origins of a text of which a value shows some, and whether it is
// a single literal or file. Of one that is made of several parts it is the place
// where that is done: which of the parts shows is not known.
func (t *tracer) text(o operand) (found []Origin, single bool) {
	found = t.operand(o)
	if i := slices.IndexFunc(found, func(o Origin) bool { return o.Effect == PartOf }); i >= 0 {
		return found[:i], false
	}
	return found, len(found) > 0
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
