package eval

import (
	"errors"
	"maps"
	"slices"
	"strings"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/diag"
)

// calleeError is the failure of an import or a native function.
type calleeError struct {
	// callee is the import, such as import "x", or the name of the function. problem is why
	// it failed.
	callee, problem string
	// native says that the callee is a function.
	native bool
	code   string
	values map[string]any
	// advice returns values that take work to find. It is called when the failure is
	// reported, and may be nil.
	advice func() map[string]any
	hints  []string
	// found are the faulty places, if they are known.
	found diag.List
	// cause is the error behind the problem.
	cause error
}

func importFailure(importedPath, problem string, cause error) *calleeError {
	return &calleeError{callee: "import " + message.Quote(importedPath), problem: problem, cause: cause}
}

// nativeFailure is the failure of a function, whose name precedes the problem.
func nativeFailure(name string, err error) *calleeError {
	failed := &calleeError{callee: name, problem: err.Error(), native: true, cause: err}
	if l, ok := diag.From(err); ok && len(l) > 0 {
		failed.code, failed.values, failed.hints = l[0].Code, l[0].Values, l[0].Hints
		if l[0].At.File != "" {
			failed.found = l
		}
	}
	return failed
}

func (e *calleeError) Error() string { return e.callee + ": " + e.problem }

// Unwrap returns the error behind the problem.
func (e *calleeError) Unwrap() error { return e.cause }

// in returns e as the failure of the whole work on an input.
func (e *calleeError) in(in Input) error {
	if e.found != nil {
		return e.places().Err()
	}
	return diag.List{e.diagnostic(in.subject(), e.Error(), nil)}.Err()
}

// places returns the faulty places, each with the error behind it.
func (e *calleeError) places() diag.List {
	out := slices.Clone(e.found)
	for i := range out {
		if out[i].Err == nil {
			out[i].Err = e.cause
		}
	}
	return out
}

func (e *calleeError) diagnostic(subject, problem string, origins []diag.Position) diag.Diagnostic {
	return diag.Diagnostic{Code: e.code, Values: e.about(), Hints: e.hints, Subject: subject, Problem: problem, Origins: origins, Err: e.cause}
}

// about returns the values for hints.
func (e *calleeError) about() map[string]any {
	if e.advice == nil {
		return e.values
	}
	values := e.advice()
	if values == nil {
		values = map[string]any{}
	}
	maps.Copy(values, e.values)
	return values
}

// located are the errors of go-jsonnet's parser and of package jsonnet.
type located interface {
	error
	Loc() ast.LocationRange
}

// foreign turns a runtime error of google/go-jsonnet into one of package jsonnet. That
// interpreter keeps only the text of a failure. No other code reads this text.
func (r *run) foreign(err error) error {
	var theirs gojsonnet.RuntimeError
	if !errors.As(err, &theirs) {
		return err
	}
	runtime := jsonnet.RuntimeError{Msg: theirs.Msg}
	for _, f := range theirs.StackTrace {
		runtime.StackTrace = append(runtime.StackTrace, jsonnet.TraceFrame(f))
	}
	failed := &jsonnet.Error{Runtime: runtime, Cause: r.foreignCause(runtime.Msg)}
	if failed.Cause == nil {
		failed.Code, failed.Values = foreignCode(runtime.Msg)
	}
	if failed.Code == failure.Recursion {
		failed.Code, failed.Loop = jsonnet.Loop(runtime.StackTrace)
	}
	return failed
}

// foreignCode returns the code of a runtime error of google/go-jsonnet, and its values.
func foreignCode(text string) (string, map[string]any) {
	for _, k := range []struct {
		begin string
		code  string
	}{
		{"max stack frames exceeded.", failure.Recursion},
		{"couldn't manifest function", failure.FunctionValue},
		{"Missing argument: ", failure.NoArgument},
		{"function has no parameter ", failure.NoParameter},
		{"Undefined external variable: ", failure.NoVariable},
	} {
		if rest, ok := strings.CutPrefix(text, k.begin); ok {
			return k.code, map[string]any{"name": message.Line(rest, message.Short)}
		}
	}
	return "", nil
}

// foreignCause returns the error whose text a runtime error has: the last import or native
// function that failed, or the fault in the text of an imported file, which it parses
// again. It returns nil if there is neither.
func (r *run) foreignCause(text string) error {
	if r.imp.failed != nil && r.imp.failed.Error() == text {
		return r.imp.failed
	}
	for name := range r.imp.read {
		if !strings.HasPrefix(text, name+":") {
			continue
		}
		contents, missing := r.imp.files.get(r.imp.ctx, name)
		if missing != nil {
			continue
		}
		var wrong located
		if _, err := jsonnet.Parse(r.imp.ctx, name, contents.String()); errors.As(err, &wrong) && err.Error() == text {
			return wrong
		}
	}
	return nil
}

// problemAt returns the problem of an error without the place, which go-jsonnet puts before
// it.
func problemAt(err located) string {
	loc := err.Loc()
	return strings.TrimSpace(strings.TrimPrefix(err.Error(), loc.String()))
}
