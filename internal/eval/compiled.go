package eval

import (
	"context"
	"maps"
	"slices"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// compiled is the engine of package jsonnet.
type compiled struct{}

func (compiled) run(r *run) (Result, error) {
	out, err := r.open(jsonnet.Input{})
	if err != nil {
		return Result{}, err
	}
	result := Result{opened: &Opened{run: r, tracer: out.Tracer()}}
	if r.in.Written {
		result.JSON, err = out.JSON()
	} else {
		result.Value, err = out.Value()
	}
	if err != nil {
		return Result{}, err
	}
	return result, nil
}

// open evaluates the program only until the type of its value is known. in has further
// options.
func (r *run) open(in jsonnet.Input) (*jsonnet.Result, error) {
	in.File, in.Importer, in.Trace, in.NativesBy = r.in.File, r.imp, r.in.Trace, r.in.NativesBy
	in.MaxStack, in.MaxMade = r.in.Interpreter.maxStack(), r.in.Interpreter.MaxMade
	cache := r.imp.files.compiled
	if p := r.in.Interpreter.Profile; p != nil {
		cache = p.Cache()
	}
	var err error
	if in.ExtVars, err = named(r.imp.ctx, cache, externalVariable, r.in.ExtVars); err != nil {
		return nil, err
	}
	if in.TLAs, err = named(r.imp.ctx, cache, topLevelArgument, r.in.TLAs); err != nil {
		return nil, err
	}
	for _, n := range r.natives() {
		in.Natives = append(in.Natives, nativeFunction(r.imp, n, func(value any, warnings []jsonnet.Warning) any {
			return jsonnet.Warned{Value: value, Warnings: warnings}
		}))
	}
	if r.in.Warn != nil {
		in.Warn = r.warn
	}
	name, code, err := r.program()
	if err != nil {
		return nil, err
	}
	if name != "" {
		in.File, in.Snippet, in.SnippetName = "", code, name
	}
	return cache.Eval(r.imp.ctx, in)
}

// externalVariable and topLevelArgument begin the name of a variable's code. The variable's
// name follows.
const (
	externalVariable = "external variable "
	topLevelArgument = "top-level argument "
)

// named returns variables whose code has the same names as with the other engine. A
// variable that cannot be parsed is an error even if it is not used.
func named(ctx context.Context, cache *jsonnet.Cache, what string, variables map[string]Variable) (map[string]jsonnet.Variable, error) {
	all := make(map[string]jsonnet.Variable, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		v := variables[name]
		if err := v.check(what + name); err != nil {
			return nil, err
		}
		switch v.kind {
		case stringVariable:
			all[name] = jsonnet.String(v.text)
			continue
		case valueVariable:
			all[name] = jsonnet.Value(v.value)
			continue
		}
		called := snippet(what + name)
		code, err := cache.Compile(ctx, jsonnet.Code(v.code()).Named(called))
		if err != nil {
			return nil, err
		}
		all[name] = code
	}
	return all, nil
}
