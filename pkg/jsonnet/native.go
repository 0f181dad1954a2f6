package jsonnet

import (
	"errors"
	"fmt"
	"slices"

	"github.com/mop-platform/mop/internal/eval"
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

// native returns n for the evaluator.
func (n Native) native() eval.Native {
	return eval.Foreign(n.Name, n.Params, func(c eval.Caller, args []any) (any, error) { return n.Func(c, args) })
}
