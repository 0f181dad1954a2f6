package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	mopjsonnet "github.com/mop-platform/mop/internal/jsonnet"
)

// goJsonnet is the engine of google/go-jsonnet. It makes a VM for each run, because a VM is
// not safe for concurrent use, and its caches hold values that depend on the external
// variables.
type goJsonnet struct{}

func (goJsonnet) run(r *run) (Result, error) {
	vm := jsonnet.MakeVM()
	vm.Importer(r.imp)
	vm.MaxStack = r.in.Interpreter.maxStack()
	vm.SetTraceOut(io.Discard)
	if r.in.Trace != nil {
		vm.SetTraceOut(r.in.Trace)
	}
	for _, n := range r.natives() {
		vm.NativeFunction(nativeFunction(r.imp, n, func(value any, warnings []mopjsonnet.Warning) any {
			for _, w := range warnings {
				r.warn(w)
			}
			return value
		}))
	}
	if err := bind(r.imp.ctx, "external variable", r.in.ExtVars, vm.ExtNode); err != nil {
		return Result{}, err
	}
	if err := bind(r.imp.ctx, "top-level argument", r.in.TLAs, vm.TLANode); err != nil {
		return Result{}, err
	}
	name, code, err := r.program()
	if err != nil {
		return Result{}, err
	}
	var node ast.Node
	if name == "" {
		node, _, err = vm.ImportAST(byName, r.in.File)
	} else {
		node, err = mopjsonnet.Parse(r.imp.ctx, name, code)
	}
	if err != nil {
		return Result{}, err
	}
	text, err := vm.Evaluate(node)
	if err != nil {
		return Result{}, r.foreign(err)
	}
	var result Result
	if err := json.Unmarshal([]byte(text), &result.Value); err != nil {
		return Result{}, fmt.Errorf("output of the interpreter: %w", err)
	}
	return result, nil
}

// bind parses each variable and passes it to set, in order of their names.
func bind(ctx context.Context, what string, variables map[string]Variable, set func(string, ast.Node)) error {
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if err := variables[name].check(what + " " + name); err != nil {
			return err
		}
		node, err := mopjsonnet.Parse(ctx, snippet(what+" "+name), variables[name].code())
		if err != nil {
			return err
		}
		set(name, node)
	}
	return nil
}
