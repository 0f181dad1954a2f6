package jsonnet

import (
	"github.com/google/go-jsonnet/ast"
)

// nowhere is the file of code that the desugarer has made.
var nowhere = &sourceFile{}

// sourceOf returns the file of an expression.
func sourceOf(n ast.Node) *sourceFile { return &sourceFile{n.Loc().File, n.Loc().FileName} }

// siteOf returns the place of an expression. The site keeps nothing of the syntax tree
// alive.
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

// placeOf returns the place where the value of an expression is written, after the locals
// and assertions at its beginning.
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
