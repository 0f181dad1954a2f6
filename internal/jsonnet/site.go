package jsonnet

import (
	"fmt"

	"github.com/google/go-jsonnet/ast"
)

// site is a place in the source, as in a stack trace, or a step of the evaluator, which has
// no place. Almost every node has a site, so it is small: a third of ast.LocationRange.
type site struct {
	// file is nil for a step.
	file *sourceFile
	// context names the code around the place, for example "function <f>"; nil is none. For a
	// stage it is the message, for a field its name.
	context    *string
	begin, end spot
}

// sourceFile is the file of a site, with its name in imports.
type sourceFile struct {
	source *ast.Source
	name   string
}

// spot is a place in a file. For a step, the column of begin is the kind of the step; for
// an element, its line is the index.
type spot struct{ line, column int32 }

type step int32

const (
	atStage step = iota
	atField
	atElement
)

// location returns the place of the site as go-jsonnet has it.
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
func (s *site) frame() TraceFrame {
	switch {
	case s.isStep(atStage):
		return TraceFrame{Loc: ast.MakeLocationRangeMessage(*s.context)}
	case s.isStep(atField):
		return TraceFrame{Loc: ast.MakeLocationRangeMessage(fmt.Sprintf("Field %#v", *s.context))}
	case s.isStep(atElement):
		return TraceFrame{Loc: ast.MakeLocationRangeMessage(fmt.Sprintf("Array element %d", s.begin.line))}
	}
	f := TraceFrame{Loc: s.location()}
	if s.context != nil {
		f.Name = *s.context
	}
	return f
}
