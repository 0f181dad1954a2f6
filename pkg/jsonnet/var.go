package jsonnet

import (
	"github.com/mop-platform/mop/internal/convert"
)

// Var is the value of an external variable or a top-level argument: [String], [Code] or
// [Value]. It is immutable. The zero Var is null.
type Var struct {
	value any
	code  string
	// isCode says that the value is that of code.
	isCode bool
	err    error
}

// String is a variable whose value is the string s.
func String(s string) Var { return Var{value: s} }

// Code is a variable whose value is that of the Jsonnet expression code. An error in it is
// one of the evaluation.
func Code(code string) Var { return Var{code: code, isCode: true} }

// Value is a variable whose value is a Go value: whatever encoding/json can marshal. It is
// copied, and no code is made and compiled for it. If JSON cannot express v, each evaluation
// with the variable fails.
func Value(v any) Var {
	value, faults := convert.Value(v)
	return Var{value: value, err: faults.Err()}
}

// Get returns what v is made of: Jsonnet if isCode is set, else a value of nil, bool, int64,
// float64, string, []any and map[string]any, which must not be changed. The error is that
// of a [Value] that JSON cannot express. Get is for packages that give variables to an
// evaluation of their own.
func (v Var) Get() (value any, code string, isCode bool, err error) {
	return v.value, v.code, v.isCode, v.err
}
