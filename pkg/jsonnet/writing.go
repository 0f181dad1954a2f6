package jsonnet

import (
	"slices"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
)

// ManifestError is an error in the middle of writing a value, which stands in no
// code: the result of the program, or what a function of std or a native is
// given.
type ManifestError struct {
	runtime gojsonnet.RuntimeError
	path    []any
	// whole is whether the value is the result.
	whole  bool
	result *Result
}

func (e *ManifestError) Error() string { return e.runtime.Error() }

// Unwrap returns the error as go-jsonnet has it.
func (e *ManifestError) Unwrap() error { return e.runtime }

// Path returns where in the value that was written the error is: a string is the
// name of a field, an int the index of an element.
func (e *ManifestError) Path() []any { return e.path }

// Origins returns what made the part of the result at the path, as
// [Result.Origins] does; the file of the program where nothing else is known.
// There are none if the value is not the result: the stack trace then leads to
// where it is written.
func (e *ManifestError) Origins(visible func(ast.LocationRange) bool) []Origin {
	if e.result == nil {
		return nil
	}
	if origins, _ := e.result.Tracer().Origins(visible, e.path...); len(origins) > 0 {
		return origins
	}
	return []Origin{{Location: e.result.ev.main.site.location()}}
}

// writing returns the path in the value that is being written, nil where code is
// running, and whether it is the result of the program.
func (ev *evaluator) writing(at *site) (path []any, whole bool) {
	calls := ev.calls[:ev.depth]
	if at != nil && (ev.depth == 0 || calls[ev.depth-1] != at) {
		calls = append(slices.Clone(calls), at)
	}
	whole = true
	for _, s := range calls {
		switch {
		case s == nil:
		case s.file != nil:
			whole, path = false, nil
		case s.isStep(atField):
			path = append(path, *s.context)
		case s.isStep(atElement):
			path = append(path, int(s.begin.line))
		case s == duringManifestation:
			path = []any{}
		}
	}
	return path, whole
}

// locate adds to an error in the middle of writing the result where what was
// written comes from: at least the program.
func (r *Result) locate(err error) error {
	switch err := err.(type) {
	case *BudgetError:
		if err.path != nil {
			place := r.ev.main.site.frame()
			_ = r.ev.guard(func() {
				if nearest := r.ev.nearest(r.value, err.path).origin(); len(nearest) > 0 {
					place.Loc = nearest[0].Location
				}
			})
			err.runtime.StackTrace = append(err.runtime.StackTrace, place)
		}
	case *ManifestError:
		if err.whole {
			err.result = r
		}
	}
	return err
}

// nearest returns the place of the code that made what is at a path, as far as
// that has been evaluated.
func (ev *evaluator) nearest(v value, path []any) (at *site) {
	for _, step := range path {
		var code *unit
		switch r := v.ref.(type) {
		case *object:
			name, _ := step.(string)
			w, ok := ev.find(r, 0, name)
			if !ok {
				return at
			}
			code = r.layers[w.layer].fields.fields[w.field].code
			v = value{}
			if r.values != nil {
				v = r.values[w.slot]
			}
		case *array:
			i, _ := step.(int)
			if i >= len(r.elements) {
				return at
			}
			code, v = r.elements[i].code, r.elements[i].value
		default:
			return at
		}
		if code != nil && len(code.site.origin()) > 0 {
			at = code.site
		}
	}
	return at
}
