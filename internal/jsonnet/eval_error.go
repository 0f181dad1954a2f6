package jsonnet

import (
	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
)

// Error is the error that ended a program. Its chain has Runtime and Cause.
type Error struct {
	// Runtime has the message in go-jsonnet's words, and the calls that led to the error.
	Runtime RuntimeError
	// Code is the code of the problem and Values are its details, if more is known than the
	// message says.
	Code   string
	Values map[string]any
	// Inner and Outer are the paths of a [failure.EndlessValue]: the place where it contains
	// itself, and the place where it begins.
	Inner, Outer []any
	// Cause is the error of an importer or a native function, or the [*budget.Exceeded]; nil
	// if the program itself is wrong.
	Cause error
	// Loop has the places that repeat in a stack that is too deep, the nearest first; nil if
	// none do.
	Loop []TraceFrame

	// path is the place of the error in the value that was being written, nil if code was
	// running. whole says that the value is the result.
	path   []any
	whole  bool
	result *Result
	// written is the path in the result of a value that is too deep to be written.
	written []any
	// spent is set if a budget is spent.
	spent bool
}

func (e *Error) Error() string { return e.Runtime.Error() }

// Unwrap returns Runtime and Cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Runtime}
	}
	return []error{e.Runtime, e.Cause}
}

// Path returns the path of an error that occurred while a value was written and no code was
// running. In it, a string is the name of a field, and an int the index of an element. It
// is nil if code was running, or if a budget is spent.
func (e *Error) Path() []any {
	if e.spent {
		return nil
	}
	return e.path
}

// Origins returns the origins of the part of the result at the path, as [Tracer.Origins]
// does, or the file of the program if no origin is known. It returns nil if the value is
// not the result: the stack trace then leads to the place that writes it.
func (e *Error) Origins(visible func(ast.LocationRange) bool) []Origin {
	if e.result == nil {
		return nil
	}
	if origins, _ := e.result.Tracer().Origins(visible, e.path...); len(origins) > 0 {
		return origins
	}
	return []Origin{{Location: e.result.ev.main.site.location()}}
}

// fail ends the evaluation with an error at a site.
func (ev *evaluator) fail(at *site, message string) {
	ev.reserve(shownTimes*float64(len(message)), at)
	ev.end(at, message, Error{})
}

// failWith is fail with the details that are known.
func (ev *evaluator) failWith(at *site, message string, known Error) {
	ev.reserve(shownTimes*float64(len(message)), at)
	ev.end(at, message, known)
}

// shownTimes is how often a message is copied before it is shown.
const shownTimes = 4

func (ev *evaluator) end(at *site, message string, known Error) {
	known.Runtime = RuntimeError{Msg: message, StackTrace: ev.traceback(at)}
	known.path, known.whole = ev.writing(at)
	panic(thrown{&known})
}

// failOf fails with the error of an importer or a native function.
func (ev *evaluator) failOf(at *site, cause error) {
	ev.failWith(at, cause.Error(), Error{Cause: cause})
}

// exceeded fails because a budget is spent.
func (ev *evaluator) exceeded(at *site, spent *budget.Exceeded) {
	failed := &Error{Runtime: RuntimeError{Msg: spent.Error(), StackTrace: ev.traceback(at)}, Code: failure.Spent(spent), Cause: spent, spent: true}
	if path, whole := ev.writing(at); whole {
		failed.path, failed.whole = path, true
	}
	panic(thrown{failed})
}
