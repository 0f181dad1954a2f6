package jsonnet

import (
	"fmt"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
)

// site is a place in the source, as it appears in a stack trace, or a step of
// the machinery that has none.
type site struct {
	// loc is a copy: a pointer into the syntax tree would keep all of it. Of a
	// stage and a field its FileName is the message and the name.
	loc ast.LocationRange
	// context names what the place is in, for example "function <f>"; nil is
	// none.
	context *string
	step    step
	index   int32
}

type step uint8

const (
	inSource step = iota
	atStage
	atField
	atElement
)

func siteOf(n ast.Node) *site { return &site{loc: *n.Loc(), context: n.Context()} }

// stage is a site without a place.
func stage(message string) *site {
	return &site{step: atStage, loc: ast.MakeLocationRangeMessage(message)}
}

// frame returns the site as a frame of a stack trace.
func (s *site) frame() gojsonnet.TraceFrame {
	switch s.step {
	case atField:
		return gojsonnet.TraceFrame{Loc: ast.MakeLocationRangeMessage(fmt.Sprintf("Field %#v", s.loc.FileName))}
	case atElement:
		return gojsonnet.TraceFrame{Loc: ast.MakeLocationRangeMessage(fmt.Sprintf("Array element %d", s.index))}
	}
	f := gojsonnet.TraceFrame{Loc: s.loc}
	if s.context != nil {
		f.Name = *s.context
	}
	return f
}
