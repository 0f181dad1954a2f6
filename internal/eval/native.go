package eval

import (
	"context"
	"errors"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet"
)

// Native is a function written in Go, which Jsonnet calls as
// std.native(Name)(...).
type Native struct {
	Name string
	// Params are the names of the parameters.
	Params []string
	// Func computes the result. args has an argument for each parameter. Arguments and the
	// result consist of nil, bool, float64, string, []any and map[string]any. An error
	// becomes a Jsonnet error at the place of the call. If it carries a [diag.Diagnostic],
	// its hints are kept, and if that has a position, it is the error itself. Func must
	// check the arguments' types, may be called by several goroutines, and must give equal
	// results for equal arguments and files. If it panics, that is an error too. Nothing
	// waits for it once the context has ended; then what it does has no effect.
	Func func(c Call, args []any) (any, error)
	// Prompt says that Func returns soon after its context has ended. The evaluation waits
	// for such a function, whose error may say more than that of the context.
	Prompt bool
}

// Call has what a native function may use besides its arguments. The zero Call is one
// without an evaluation, for tests of the function: its context has no end, and it reads no
// file.
type Call struct{ calling *calling }

// calling is one call of a native function. What the function does has an effect only when
// it has returned, because an evaluation whose context has ended does not wait for it.
type calling struct {
	imp *importer

	mu                   sync.Mutex
	warned               []jsonnet.Warning
	read, missing, globs []string
}

// note calls f with the call, unless there is none.
func (c Call) note(f func(*calling)) {
	if c.calling == nil {
		return
	}
	c.calling.mu.Lock()
	defer c.calling.mu.Unlock()
	f(c.calling)
}

// Warn reports a problem that stops nothing. kind may be "". The warning has the place of
// the call, but none with [GoJsonnet].
func (c Call) Warn(problem, code string) {
	c.note(func(n *calling) { n.warned = append(n.warned, jsonnet.Warning{Problem: problem, Code: code}) })
}

// Context returns the evaluation's context. A function that takes long or makes large
// values must ask its budget.
func (c Call) Context() context.Context {
	if c.calling == nil {
		return context.Background()
	}
	return c.calling.imp.ctx
}

var errNoEvaluation = errors.New("no evaluation, and no files")

// ReadFile returns the contents of the named file, which the caller must not change. The
// evaluation counts the file as read or as missing, like an imported one.
func (c Call) ReadFile(name string) ([]byte, error) {
	if c.calling == nil {
		return nil, errNoEvaluation
	}
	imp := c.calling.imp
	contents, err := imp.files.get(imp.ctx, name)
	if err != nil {
		if isMissing(err) {
			c.note(func(n *calling) { n.missing = append(n.missing, name) })
		}
		return nil, err
	}
	c.Record(name)
	return contents.Data(), nil
}

// Record counts the named file as read, because a program has read it for the function.
func (c Call) Record(name string) { c.note(func(n *calling) { n.read = append(n.read, name) }) }

// RecordGlob counts a pattern of [Source.Glob] as expanded, because the function depends on
// which files exist.
func (c Call) RecordGlob(pattern string) {
	c.note(func(n *calling) { n.globs = append(n.globs, pattern) })
}

// call calls f with the arguments, and returns its warnings.
func (i *importer) call(f Native, args []any) (v any, warned []jsonnet.Warning, err error) {
	c := &calling{imp: i}
	var result any
	var failed error
	run := func() {
		if err := budget.Guarded(func() { result, failed = f.Func(Call{c}, args) }); err != nil {
			failed = err
		}
	}
	if f.Prompt {
		run()
	} else if err := budget.Away(i.ctx, run); err != nil {
		return nil, nil, err
	}
	for _, name := range c.read {
		i.read[name] = true
	}
	for _, name := range c.missing {
		i.missing[name] = true
	}
	for _, pattern := range c.globs {
		i.globs[pattern] = true
	}
	return result, c.warned, failed
}

// nativeFunction returns n for an engine. result returns a value with warnings in the
// engine's form.
func nativeFunction(imp *importer, n Native, result func(value any, warnings []jsonnet.Warning) any) jsonnet.Native {
	return jsonnet.Native{
		Name:   n.Name,
		Params: n.Params,
		Func: func(args []any) (any, error) {
			v, warned, err := imp.call(n, args)
			if err != nil {
				imp.failed = nativeFailure(n.Name, err)
				return nil, imp.failed
			}
			if len(warned) > 0 {
				for i := range warned {
					warned[i].Problem = n.Name + ": " + warned[i].Problem
				}
				v = result(v, warned)
			}
			return v, nil
		},
	}
}
