package jsonnet

import (
	"slices"
	"strings"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/document"
)

// importedYAML is the name of the native in code that is generated for an import of YAML.
// Its third argument is the text; its fourth says whether all documents are wanted.
const importedYAML = "yaml:"

// parsed returns the origins of a value that a native has read from a text: the call, and
// the line of the text if that is a literal or a file.
func (t *tracer) parsed(m *made) []Origin {
	n, from, path, meaning := m.native, m.operands[0], m.path, document.Jsonnet
	switch {
	case n.name == importedYAML:
		from, meaning = m.operands[2], document.Kubernetes
		if t.value(m.operands[3]).num == 0 {
			path = append([]any{0}, path...)
		}
	case n.host && n.name == "parseYaml":
		meaning = document.Tanka
	}
	call := m.at.origin()
	found, single := t.text(from)
	if !single {
		return append(call, PartOf.of(found)...)
	}
	text := t.str(t.value(from), nil).String()
	last := found[len(found)-1]
	if line, ok := document.Find(t.bounds.ctx, []byte(text), meaning, path); ok {
		if at, ok := last.lineOf(text, line); ok {
			return append(append(call, From.of(found[:len(found)-1])...), Origin{Location: at, Effect: From})
		}
	}
	return append(call, PartOf.of(found)...)
}

// piece returns the origins of a piece of a text, the first argument: the call and the text.
func (t *tracer) piece(m *made) []Origin {
	found, _ := t.text(m.operands[0])
	return append(m.at.origin(), PartOf.of(found)...)
}

// text returns the origins of a text of which a value shows a part, and whether the text is
// a single literal or file. If it is made of several parts, the origin is the place that
// joins them, because it is not known which of them shows.
func (t *tracer) text(o operand) (found []Origin, single bool) {
	found = t.operand(o)
	if i := slices.IndexFunc(found, func(o Origin) bool { return o.Effect == PartOf }); i >= 0 {
		return found[:i], false
	}
	return found, len(found) > 0
}

// lineOf returns the location of a line of the text of an origin: a literal or a file.
func (o *Origin) lineOf(text string, line int) (at ast.LocationRange, ok bool) {
	switch {
	case o.Location.FileName != "" && !o.Location.IsSet():
		return inFile(o.Location.FileName, line), true
	case !o.literal:
		return at, false
	}
	// The number of lines shows how the literal is written.
	breaks := strings.Count(text, "\n")
	first := o.Location.Begin.Line
	switch o.Location.End.Line - first {
	case breaks:
		// In quotes.
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

// inFile is the location of a line of a file that was imported as text; line 0 is the whole
// file.
func inFile(name string, line int) ast.LocationRange {
	at := ast.Location{Line: line}
	return ast.MakeLocationRange(name, &ast.Source{DiagnosticFileName: ast.DiagnosticFileName(name)}, at, at)
}
