package jsonnet

import (
	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
)

// Error is why a program ended. In its chain are the error as go-jsonnet has it, a
// [gojsonnet.RuntimeError], and the Cause.
type Error struct {
	// Runtime has the message in go-jsonnet's words, and the calls that led here.
	Runtime gojsonnet.RuntimeError
	// Kind is what happened, where more can be said of it than the message does, and
	// Values are what that is about.
	Kind   diag.Kind
	Values diag.Values
	// Cause is the error of an importer or a native function, or the
	// [*budget.Exceeded]; nil where the program itself is at fault.
	Cause error
	// Loop are the places that follow one another again and again in too deep a stack,
	// the nearest first; nil where none do.
	Loop []gojsonnet.TraceFrame

	// path is where in the value that was being written it happened, nil where code
	// was running; whole is whether that value is the result.
	path   []any
	whole  bool
	result *Result
	// written is where in the result writing had come to that became too deep.
	written []any
	// spent is set where a budget is.
	spent bool
}

func (e *Error) Error() string { return e.Runtime.Error() }

// Unwrap returns what the error is to those who know go-jsonnet's, and its cause.
func (e *Error) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Runtime}
	}
	return []error{e.Runtime, e.Cause}
}

// Path returns where in the value that was being written the error is, which stands
// in no code: a string is the name of a field, an int the index of an element. It is
// nil where code was running, or a budget is spent.
func (e *Error) Path() []any {
	if e.spent {
		return nil
	}
	return e.path
}

// Origins returns what made the part of the result at the path, as
// [Result.Origins] does; the file of the program where nothing else is known.
// There are none if the value is not the result: the stack trace then leads to
// where it is written.
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

// failWith is fail with what is known besides the message.
func (ev *evaluator) failWith(at *site, message string, known Error) {
	ev.reserve(shownTimes*float64(len(message)), at)
	ev.end(at, message, known)
}

// shownTimes is how often a message is copied before it is shown.
const shownTimes = 4

func (ev *evaluator) end(at *site, message string, known Error) {
	known.Runtime = gojsonnet.RuntimeError{Msg: message, StackTrace: ev.traceback(at)}
	known.path, known.whole = ev.writing(at)
	panic(failure{&known})
}

// failOf fails with the error of an importer or a native function.
func (ev *evaluator) failOf(at *site, cause error) {
	ev.failWith(at, cause.Error(), Error{Cause: cause})
}

// exceeded fails because a budget is spent.
func (ev *evaluator) exceeded(at *site, spent *budget.Exceeded) {
	failed := &Error{Runtime: gojsonnet.RuntimeError{Msg: spent.Error(), StackTrace: ev.traceback(at)}, Kind: diag.Spent(spent), Cause: spent, spent: true}
	if path, whole := ev.writing(at); whole {
		failed.path, failed.whole = path, true
	}
	panic(failure{failed})
}
