package eval

import (
	"maps"
	"slices"
	"sync"

	"github.com/mop-platform/mop/pkg/jsonnet"
)

// compiled is the engine of package jsonnet.
type compiled struct{}

func (compiled) run(r *run) (Result, error) {
	in := jsonnet.Input{
		File: r.in.File, Importer: r.imp, Trace: r.in.Trace,
		MaxStack: r.in.Interpreter.maxStack(), Timeout: r.in.Interpreter.Timeout, MaxMemory: r.in.Interpreter.MaxMemory,
	}
	var err error
	if in.ExtVars, err = named("external variable", r.in.ExtVars); err != nil {
		return Result{}, err
	}
	if in.TLAs, err = named("top-level argument", r.in.TLAs); err != nil {
		return Result{}, err
	}
	for _, n := range r.in.Natives {
		in.Natives = append(in.Natives, nativeFunction(r.imp, n))
	}
	name, code, err := r.program()
	if err != nil {
		return Result{}, err
	}
	if name != "" {
		in.File, in.Snippet, in.SnippetName = "", code, name
	}
	cache := r.imp.files.compiled
	if p := r.in.Interpreter.Profile; p != nil {
		cache = p.Cache()
	}
	out, err := cache.Eval(r.imp.ctx, in)
	if err != nil {
		return Result{}, err
	}
	value, err := out.Value()
	if err != nil {
		return Result{}, err
	}
	var mu sync.Mutex
	return Result{Value: value, origins: func(path []any) []Origin {
		// An evaluator is for one goroutine.
		mu.Lock()
		defer mu.Unlock()
		origins, err := out.Origins(r.isUsers, path...)
		if err != nil {
			// The value has been computed, so the time is over or the context is.
			return nil
		}
		return r.originsOf(origins)
	}}, nil
}

// named returns variables whose code is called as with the other engine. One
// that cannot be parsed is an error although it may not be used.
func named(what string, variables map[string]Variable) (map[string]jsonnet.Variable, error) {
	all := make(map[string]jsonnet.Variable, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		v := variables[name]
		if v.kind == stringVariable {
			all[name] = jsonnet.String(v.text)
			continue
		}
		called := snippet(what + " " + name)
		if _, err := jsonnet.Parse(called, v.code()); err != nil {
			return nil, err
		}
		all[name] = jsonnet.Code(v.code()).Named(called)
	}
	return all, nil
}
