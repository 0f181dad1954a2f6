package eval

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/convert"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Caller is what a [Foreign] function may use besides its arguments.
type Caller interface {
	Context() context.Context
	// ReadFile is [Call.ReadFile], but the caller may change the contents.
	ReadFile(name string) ([]byte, error)
}

// Foreign returns a Native for the function of another program, whose result may be whatever
// [convert.Value] takes. It copies params.
func Foreign(name string, params []string, f func(c Caller, args []any) (any, error)) Native {
	return Native{Name: name, Params: slices.Clone(params), Func: func(c Call, args []any) (any, error) {
		result, err := f(foreignCall{c}, args)
		if err != nil || plain.Valid(result) {
			return result, err
		}
		value, faults := convert.Value(result)
		for i, f := range faults {
			faults[i].Subject = "the result"
			if f.Subject != (manifest.Path{}).String() {
				faults[i].Subject += " at " + f.Subject
			}
		}
		return value, faults.Err()
	}}
}

type foreignCall struct{ Call }

// ReadFile implements [Caller]. The contents are a copy, because others read them too.
func (c foreignCall) ReadFile(name string) ([]byte, error) {
	data, err := c.Call.ReadFile(name)
	return bytes.Clone(data), err
}

// Given is a variable as another program gives it: a result of [convert.Value], which must
// not be changed, or code if isCode is set. An error is that of each evaluation with it.
func Given(value any, code string, isCode bool, err error) Variable {
	text, isText := value.(string)
	switch {
	case err != nil:
		faults, ok := diag.From(err)
		if !ok {
			faults = diag.List{{Problem: err.Error(), Err: err}}
		}
		return Variable{kind: valueVariable, faults: faults}
	case isCode:
		return Code(code)
	case isText:
		return String(text)
	}
	return Variable{kind: valueVariable, value: value}
}

// Limit returns the name of the limit of one evaluation that an error says was exceeded:
// "time", "memory" or "stack"; "" is none.
func Limit(err error) string {
	var spent *budget.Exceeded
	if errors.As(err, &spent) {
		switch spent.What {
		case budget.Time:
			return "time"
		case budget.Memory, budget.Allocation:
			return "memory"
		}
		return ""
	}
	found, _ := diag.From(err)
	for _, d := range found {
		switch d.Code {
		case failure.EndlessRecursion, failure.Recursion, failure.DeepCalls, failure.StackFull, failure.EndlessValue:
			return "stack"
		}
	}
	return ""
}
