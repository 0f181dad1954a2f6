package jsonnet

import (
	"fmt"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
)

// site is a place in the source, as it appears in a stack trace, or a step of
// the machinery that has none.
type site struct {
	loc *ast.LocationRange
	// context names what the place is in, for example "function <f>"; nil is
	// none.
	context *string
	step    step
	// message is that of a stage, or the name of the field.
	message string
	index   int
}

type step uint8

const (
	inSource step = iota
	atStage
	atField
	atElement
)

func siteOf(n ast.Node) *site { return &site{loc: n.Loc(), context: n.Context()} }

// stage is a site without a place.
func stage(message string) *site { return &site{step: atStage, message: message} }

// frame returns the site as a frame of a stack trace.
func (s *site) frame() gojsonnet.TraceFrame {
	switch s.step {
	case atStage:
		return gojsonnet.TraceFrame{Loc: ast.MakeLocationRangeMessage(s.message)}
	case atField:
		return gojsonnet.TraceFrame{Loc: ast.MakeLocationRangeMessage(fmt.Sprintf("Field %#v", s.message))}
	case atElement:
		return gojsonnet.TraceFrame{Loc: ast.MakeLocationRangeMessage(fmt.Sprintf("Array element %d", s.index))}
	}
	f := gojsonnet.TraceFrame{Loc: *s.loc}
	if s.context != nil {
		f.Name = *s.context
	}
	return f
}
