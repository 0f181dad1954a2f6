package eval

import (
	"errors"
	"maps"
	"strings"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	mopjsonnet "github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/message"
)

// calleeError is why an import or a native function failed.
type calleeError struct {
	// callee is what failed, such as import "x", or the name of the function, and
	// problem why.
	callee, problem string
	// native is set for a function.
	native bool
	kind   diag.Kind
	values diag.Values
	// advice returns values that take work to find, which is done where somebody is told;
	// nil has none.
	advice func() diag.Values
	hints  []string
	// found are the places that are at fault, where those are known.
	found diag.List
	// spent is the budget that is.
	spent *budget.Exceeded
}

func importFailure(importedPath, problem string) *calleeError {
	return &calleeError{callee: "import " + message.Quote(importedPath), problem: problem}
}

// nativeFailure is that of a function, whose name stands before the problem.
func nativeFailure(name string, err error) *calleeError {
	failed := &calleeError{callee: name, problem: err.Error(), native: true}
	if l, ok := diag.From(err); ok && len(l) > 0 {
		failed.kind, failed.values, failed.hints = l[0].Kind, l[0].Values, l[0].Hints
		if l[0].At.File != "" {
			failed.found = l
		}
	}
	return failed
}

func (e *calleeError) Error() string { return e.callee + ": " + e.problem }

// Unwrap returns the [*budget.Exceeded], if it is one.
func (e *calleeError) Unwrap() error {
	if e.spent == nil {
		return nil
	}
	return e.spent
}

// in returns e as what ends the whole work on an input.
func (e *calleeError) in(in Input) error {
	if e.found != nil {
		return e.found
	}
	return diag.List{e.diagnostic(in.subject(), e.Error(), nil)}
}

func (e *calleeError) diagnostic(subject, problem string, origins []diag.Position) diag.Diagnostic {
	return diag.Diagnostic{Kind: e.kind, Values: e.about(), Hints: e.hints, Subject: subject, Problem: problem, Origins: origins}
}

// about returns the values for hints.
func (e *calleeError) about() diag.Values {
	if e.advice == nil {
		return e.values
	}
	values := e.advice()
	if values == nil {
		values = diag.Values{}
	}
	maps.Copy(values, e.values)
	return values
}

// located is what errors of go-jsonnet's parser and of package jsonnet's have.
type located interface {
	error
	Loc() ast.LocationRange
}

// foreign returns an error of google/go-jsonnet as package jsonnet has those of
// programs. Of what fails that interpreter keeps no more than a text: here, and
// nowhere else, it is looked at.
func (r *run) foreign(err error) error {
	var runtime jsonnet.RuntimeError
	if !errors.As(err, &runtime) {
		return err
	}
	failed := &mopjsonnet.Error{Runtime: runtime, Cause: r.foreignCause(runtime.Msg)}
	if failed.Cause == nil {
		failed.Kind, failed.Values = foreignKind(runtime.Msg)
	}
	if failed.Kind == diag.Recursion {
		failed.Kind, failed.Loop = mopjsonnet.Loop(runtime.StackTrace)
	}
	return failed
}

// foreignKind returns what a runtime error of google/go-jsonnet is, and what it is about.
func foreignKind(text string) (diag.Kind, diag.Values) {
	for _, k := range []struct {
		begin string
		kind  diag.Kind
	}{
		{"max stack frames exceeded.", diag.Recursion},
		{"couldn't manifest function", diag.FunctionValue},
		{"Missing argument: ", diag.NoArgument},
		{"function has no parameter ", diag.NoParameter},
		{"Undefined external variable: ", diag.NoVariable},
	} {
		if rest, ok := strings.CutPrefix(text, k.begin); ok {
			return k.kind, diag.Values{"name": message.Line(rest, message.Short)}
		}
	}
	return "", nil
}

// foreignCause returns what a runtime error has the text of: the last import or native
// function that failed, or what is wrong with the text of a file that was imported,
// which is parsed again; nil for neither.
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
		if _, err := mopjsonnet.Parse(r.imp.ctx, name, contents.String()); errors.As(err, &wrong) && err.Error() == text {
			return wrong
		}
	}
	return nil
}

// problemAt returns what is wrong with a text without the place, which go-jsonnet has
// before it.
func problemAt(err located) string {
	loc := err.Loc()
	return strings.TrimSpace(strings.TrimPrefix(err.Error(), loc.String()))
}
