package eval

import (
	"path"
	"slices"
	"strings"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnet"
)

// Origin is a place that made a part of a result what it is.
type Origin struct {
	// At is the place. Of a variable the File is what tells how it was given, in
	// angle brackets as the names of all that is no file: see [Variable.GivenBy].
	At     diag.Position
	Effect Effect
}

// Effect tells what an origin has to do with the value.
type Effect int

const (
	// Sets is the effect of the expression of the field or element itself. It is
	// the zero value.
	Sets Effect = iota
	// AddsTo is that of the expression of a field with +:, which adds to what the
	// next one that sets the value or adds to it made.
	AddsTo
	// From is the effect of an expression whose value the origin before it hands
	// on.
	From
	// PartOf is that of an expression whose value shows in what the origin before
	// it makes, with those that follow.
	PartOf
)

// String returns "sets", "adds to" or, of both others, "from".
func (e Effect) String() string { return [...]string{"sets", "adds to", "from", "from"}[e] }

// Origins returns the places that made the part of Value at a path of fields
// (string) and elements (int), those of the user's files and variables. The first
// sets the value or, with +:, adds to one; the places that the value comes from
// follow, as far as they can be told, and then what it adds to. A part that no
// code of the user's has made has the origins of what holds it. There are none
// with [GoJsonnet].
//
// It is safe for concurrent use. To tell them, the first call evaluates the
// program again, as far as the parts need it, and the Result keeps that.
func (r Result) Origins(path ...any) []Origin {
	if r.opened == nil {
		return nil
	}
	return r.opened.Origins(path)
}

// Release lets go of what [Result.Origins] has kept in memory. That can be called
// again, at the price of another evaluation.
func (r Result) Release() {
	if r.opened != nil {
		r.opened.Release()
	}
}

// originsOf returns origins as places, each once.
func (r *run) originsOf(found []jsonnet.Origin) []Origin {
	origins := make([]Origin, 0, len(found))
	for _, o := range found {
		at := r.originPosition(o)
		if !slices.ContainsFunc(origins, func(before Origin) bool { return before.At == at }) {
			origins = append(origins, Origin{at, Effect(o.Effect)})
		}
	}
	return origins
}

func (r *run) originPosition(o jsonnet.Origin) diag.Position {
	switch {
	case o.ExtVar != "":
		return r.in.ExtVars[o.ExtVar].position(externalVariable+o.ExtVar, 0)
	case o.TLA != "":
		return r.in.TLAs[o.TLA].position(topLevelArgument+o.TLA, 0)
	}
	if v, what, ok := r.variable(o.Location.FileName); ok {
		return v.position(what, o.Location.Begin.Column-1)
	}
	return r.position(o.Location)
}

// variable returns the variable whose code is a file, and what it is.
func (r *run) variable(file string) (v Variable, what string, ok bool) {
	if !isSnippet(file) {
		return v, "", false
	}
	what = strings.Trim(file, "<>")
	if name, is := strings.CutPrefix(what, externalVariable); is {
		v, ok = r.in.ExtVars[name]
	} else if name, is := strings.CutPrefix(what, topLevelArgument); is {
		v, ok = r.in.TLAs[name]
	}
	return v, what, ok
}

// isOrigin reports whether a location is in a file of the user's or in what a
// variable gives.
func (r *run) isOrigin(loc ast.LocationRange) bool {
	_, _, ok := r.variable(loc.FileName)
	return ok || r.isUsers(loc)
}

// isUsers reports whether a location is in a file of the user's.
func (r *run) isUsers(loc ast.LocationRange) bool {
	if loc.File == nil || !loc.IsSet() || loc.File.DiagnosticFileName == "<std>" {
		return false
	}
	p := r.position(loc)
	return p.Line > 0 && (p.File == exprFile && r.in.Expr != "" || !isSnippet(path.Base(p.File)))
}
