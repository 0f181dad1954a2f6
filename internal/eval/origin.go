package eval

import (
	"path"
	"slices"
	"strings"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/pkg/diag"
)

// Origin is a place that had an effect on a part of a result.
type Origin struct {
	// At is the place. For a variable, File says how it was given, in angle brackets like
	// all names that are no files: see [Variable.GivenBy].
	At     diag.Position
	Effect Effect
}

// Effect says what an origin does to the value.
type Effect int

const (
	// Sets is the effect of the expression of the field or element itself. It is
	// the zero value.
	Sets Effect = iota
	// AddsTo is the effect of the expression of a field with +:, which adds to the value
	// that the next origin with Sets or AddsTo makes.
	AddsTo
	// From is the effect of an expression whose value the origin before it passes on.
	From
	// PartOf is the effect of an expression whose value is a part of the value of the
	// origin before it, like those of the expressions that follow.
	PartOf
)

// String returns "sets", "adds to" or, for both others, "from".
func (e Effect) String() string { return [...]string{"sets", "adds to", "from", "from"}[e] }

// Origins returns the places in the user's files and variables that made the part of Value
// at a path of fields (string) and elements (int). The first place sets the value or, with
// +:, adds to one. Then come the known places that this value comes from, and then the
// places that made the value that it adds to. If no code of the user's has made a part, it
// has the origins of the value around it. There are none with [GoJsonnet].
//
// Origins is safe for concurrent use. The first call evaluates the program again, as far as
// the parts need it, and the Result keeps this evaluation.
func (r Result) Origins(path ...any) []Origin {
	if r.opened == nil {
		return nil
	}
	return r.opened.Origins(path)
}

// Release frees the memory that [Result.Origins] has kept. A later call of Origins costs
// another evaluation.
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

// variable returns the variable whose code has this file name, and what it is.
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

// isOrigin reports whether a location is in a file of the user's or in the code of a
// variable.
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
	return p.Line > 0 && (p.File == exprFile && r.in.Expr != "" || r.in.File != "" && p.File == r.in.File || !isSnippet(path.Base(p.File)))
}
