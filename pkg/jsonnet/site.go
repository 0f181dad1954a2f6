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

// nowhere is the file of code that the desugarer has made up.
var nowhere = &sourceFile{}

// spot is a place in a file. The begin of a step has the kind of step as its
// column and, for an element, the index as its line.
type spot struct{ line, column int32 }

type step int32

const (
	atStage step = iota
	atField
	atElement
)

// sourceOf returns the file that an expression stands in.
func sourceOf(n ast.Node) *sourceFile { return &sourceFile{n.Loc().File, n.Loc().FileName} }

// siteOf returns where an expression stands. It keeps nothing of the syntax
// tree alive.
func (c *compiler) siteOf(n ast.Node) *site {
	loc := n.Loc()
	file := nowhere
	switch {
	case c.source.source == loc.File && c.source.name == loc.FileName:
		file = c.source
	case loc.File != nil || loc.FileName != "":
		file = sourceOf(n)
	}
	return &site{
		file: file, context: n.Context(),
		begin: spot{int32(loc.Begin.Line), int32(loc.Begin.Column)},
		end:   spot{int32(loc.End.Line), int32(loc.End.Column)},
	}
}

// placeOf returns where the value of an expression is written: behind the locals
// and assertions that it may begin with.
func (c *compiler) placeOf(n ast.Node) *site {
	for {
		switch t := n.(type) {
		case *ast.Local:
			n = t.Body
			continue
		case *ast.Conditional:
			if !t.Loc().IsSet() {
				// It was an assertion.
				n = t.BranchTrue
				continue
			}
		}
		return c.siteOf(n)
	}
}

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
