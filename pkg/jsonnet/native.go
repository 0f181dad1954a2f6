package jsonnet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mop-platform/mop/internal/convert"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/manifest"
)

// check returns an error if n cannot be called by a program.
func (n Native) check() error {
	switch {
	case n.Name == "":
		return errors.New("want a name, got none")
	case n.Func == nil:
		return fmt.Errorf("native %q: want a function, got nil", n.Name)
	}
	for i, p := range n.Params {
		if p == "" || slices.Contains(n.Params[:i], p) {
			return fmt.Errorf("native %q: want parameters with names that differ, got %q", n.Name, n.Params)
		}
	}
	return nil
}

// native returns n for the evaluator, which takes values of Jsonnet alone.
func (n Native) native() eval.Native {
	return eval.Native{Name: n.Name, Params: slices.Clone(n.Params), Func: func(c eval.Call, args []any) (any, error) {
		result, err := n.Func(call{c}, args)
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

// call is what a [Native] may use.
type call struct{ of eval.Call }

// Context implements [Call].
func (c call) Context() context.Context { return c.of.Context() }

// ReadFile implements [Call]. The contents are a copy, because others read them too.
func (c call) ReadFile(name string) ([]byte, error) {
	data, err := c.of.ReadFile(name)
	return bytes.Clone(data), err
}
