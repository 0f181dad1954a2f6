package jsonnet

import (
	"fmt"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
)

// site is a place in the source, as it appears in a stack trace, or a step of
// the machinery that has none. Almost every node has one, so it is small: a
// third of what ast.LocationRange takes.
type site struct {
	// file is nil for a step.
	file *sourceFile
	// context names what the place is in, for example "function <f>"; nil is
	// none. Of a stage and a field it is the message and the name.
	context    *string
	begin, end spot
}

// sourceFile is the file of a site, under the name that imports have for it.
type sourceFile struct {
	source *ast.Source
	name   string
}

// spot is a place in a file. The begin of a step has the kind of step as its
// column and, for an element, the index as its line.
type spot struct{ line, column int32 }

type step int32

const (
	atStage step = iota
	atField
	atElement
)

// location returns the site as go-jsonnet has those in the source.
func (s *site) location() ast.LocationRange {
	return ast.MakeLocationRange(s.file.name, s.file.source,
		ast.Location{Line: int(s.begin.line), Column: int(s.begin.column)},
		ast.Location{Line: int(s.end.line), Column: int(s.end.column)})
}

// stage is a site without a place.
func stage(message string) *site { return newStep(atStage, &message) }

func newStep(s step, context *string) *site {
	return &site{context: context, begin: spot{column: int32(s)}}
}

func (s *site) isStep(kind step) bool { return s.file == nil && s.begin.column == int32(kind) }

// frame returns the site as a frame of a stack trace.
func (s *site) frame() gojsonnet.TraceFrame {
	switch {
	case s.isStep(atStage):
		return gojsonnet.TraceFrame{Loc: ast.MakeLocationRangeMessage(*s.context)}
	case s.isStep(atField):
		return gojsonnet.TraceFrame{Loc: ast.MakeLocationRangeMessage(fmt.Sprintf("Field %#v", *s.context))}
	case s.isStep(atElement):
		return gojsonnet.TraceFrame{Loc: ast.MakeLocationRangeMessage(fmt.Sprintf("Array element %d", s.begin.line))}
	}
	f := gojsonnet.TraceFrame{Loc: s.location()}
	if s.context != nil {
		f.Name = *s.context
	}
	return f
}
