package eval

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// goJsonnet is the engine of google/go-jsonnet. It makes a VM for each run, because a VM is
// not safe for concurrent use, and its caches hold values that depend on the external
// variables.
type goJsonnet struct{}

func (goJsonnet) run(r *run) (Result, error) {
	vm := gojsonnet.MakeVM()
	vm.Importer(&theirImporter{r.imp, map[jsonnet.Contents]gojsonnet.Contents{}})
	vm.MaxStack = r.in.Interpreter.maxStack()
	vm.SetTraceOut(io.Discard)
	if r.in.Trace != nil {
		vm.SetTraceOut(r.in.Trace)
	}
	for _, n := range r.natives() {
		f := nativeFunction(r.imp, n, func(value any, warnings []jsonnet.Warning) any {
			for _, w := range warnings {
				r.warn(w)
			}
			return value
		})
		params := make(ast.Identifiers, len(f.Params))
		for i, p := range f.Params {
			params[i] = ast.Identifier(p)
		}
		vm.NativeFunction(&gojsonnet.NativeFunction{Name: f.Name, Params: params, Func: f.Func})
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
		node, err = jsonnet.Parse(r.imp.ctx, name, code)
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

// theirImporter is an importer for google/go-jsonnet, which wants the same contents for a
// file each time.
type theirImporter struct {
	ours  *importer
	known map[jsonnet.Contents]gojsonnet.Contents
}

// Import implements [gojsonnet.Importer].
func (i *theirImporter) Import(importedFrom, importedPath string) (gojsonnet.Contents, string, error) {
	contents, name, err := i.ours.Import(importedFrom, importedPath)
	if err != nil {
		return gojsonnet.Contents{}, "", err
	}
	theirs, ok := i.known[contents]
	if !ok {
		theirs = gojsonnet.MakeContentsRaw(contents.Data())
		i.known[contents] = theirs
	}
	return theirs, name, nil
}

// bind parses each variable and passes it to set, in order of their names.
func bind(ctx context.Context, what string, variables map[string]Variable, set func(string, ast.Node)) error {
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if err := variables[name].check(what + " " + name); err != nil {
			return err
		}
		node, err := jsonnet.Parse(ctx, snippet(what+" "+name), variables[name].code())
		if err != nil {
			return err
		}
		set(name, node)
	}
	return nil
}
