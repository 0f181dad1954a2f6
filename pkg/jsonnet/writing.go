package jsonnet

import (
	"slices"

	gojsonnet "github.com/google/go-jsonnet"
)

// ManifestError is an error in the middle of writing a value, which stands in no
// code: the result of the program, or what a function of std or a native is
// given.
type ManifestError struct {
	runtime gojsonnet.RuntimeError
	path    []any
	// whole is whether the value is the result.
	whole   bool
	origins []Origin
}

func (e *ManifestError) Error() string { return e.runtime.Error() }

// Unwrap returns the error as go-jsonnet has it.
func (e *ManifestError) Unwrap() error { return e.runtime }

// Path returns where in the value that was written the error is: a string is the
// name of a field, an int the index of an element.
func (e *ManifestError) Path() []any { return e.path }

// Origins returns what made the part of the result at the path, the file of the
// program where nothing else is known. There are none if the value is not the
// result: the stack trace then leads to where it is written.
func (e *ManifestError) Origins() []Origin { return e.origins }

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
			place.Loc = r.madeBy(err.path)[0].Location
			err.runtime.StackTrace = append(err.runtime.StackTrace, place)
		}
	case *ManifestError:
		if err.whole {
			err.origins = r.madeBy(err.path)
		}
	}
	return err
}

// madeBy returns the origins of a part of the result, of which there is at least
// one: the program.
func (r *Result) madeBy(path []any) []Origin {
	if origins, _ := r.Origins(path...); len(origins) > 0 {
		return origins
	}
	return []Origin{{Location: r.ev.main.site.location()}}
}
