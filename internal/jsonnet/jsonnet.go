// Package jsonnet evaluates Jsonnet as google/go-jsonnet does, many times faster.
//
// A [Cache] compiles each file once, for any number of evaluations, which may run at the
// same time:
//
//	cache := jsonnet.NewCache(0)
//	result, err := cache.Eval(ctx, jsonnet.Input{File: "main.jsonnet", Importer: importer})
//	if err == nil {
//		text, err = result.JSON()
//	}
//
// The language is go-jsonnet's to the byte: its parser, desugarer and static analysis make
// the syntax tree, and errors have its messages and stack traces.
//
// An evaluation has a limit of depth. The budget of its context limits its time and memory,
// see package budget: the evaluation ends soon after the budget does.
package jsonnet

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"weak"
)

// DefaultMaxStack is the default of [Input.MaxStack], as in go-jsonnet.
const DefaultMaxStack = 500

// MostStack is the largest useful [Input.MaxStack]: at a greater depth, the limit of Go's
// own stack ends an evaluation.
const MostStack = 100_000

// Input is a program and what its evaluation needs.
type Input struct {
	// File is imported and evaluated. If it is "", Snippet is evaluated; SnippetName is its
	// name in messages, in std.thisFile and for imports.
	File                 string
	Snippet, SnippetName string
	// Importer finds imported files; nil finds none. One evaluation does not call it from
	// several goroutines at a time. It can be a [ReaderAhead].
	Importer Importer
	// ExtVars are the values of std.extVar. TLAs are the arguments if the value of the
	// program is a function.
	ExtVars, TLAs map[string]Variable
	// Natives are the functions of std.native.
	Natives []Native
	// NativesBy says in messages where a program gets its native functions. If it is set,
	// std.native of an unknown name is an error, and not null as in go-jsonnet.
	NativesBy string
	// MaxStack limits the depth of calls; 0 is [DefaultMaxStack].
	MaxStack int
	// Trace receives the output of std.trace, at most a screen of each call. It counts against
	// the budget's limit of output. nil discards the output.
	Trace io.Writer
	// Warn receives warnings, which do not stop the evaluation; nil discards them.
	Warn func(Warning)
	// Parts must be set if [Result.Release] is to free parts.
	Parts bool
	// Again says that the program has been evaluated and outlined before, with the same
	// Trace: Trace does not receive the output on the way to its parts again.
	Again bool
	// MaxMade limits about how many bytes of strings, arrays, objects and variables the
	// evaluation and the manifestation may make; 0 is no limit. It counts this evaluation
	// alone, and also what is garbage already. The code of files does not count; the Cache
	// limits it.
	MaxMade int64
	// traced makes the evaluation keep the variables that a [Tracer] needs.
	traced bool
	// mostNested is less than the constant in tests with less stack; 0 is the constant.
	mostNested int
}

// Warning is a problem with the arguments of a function that does not stop the evaluation.
type Warning struct {
	Problem string
	Code    string
	// StackTrace has the calls that led to it, as in a RuntimeError.
	StackTrace []TraceFrame
}

// Warned is a possible result of a native function: a value with warnings, which have no
// StackTrace.
type Warned struct {
	Value    any
	Warnings []Warning
}

// Variable is the value of an external variable or top-level argument.
type Variable struct {
	text string
	code bool
	name string
	// compiled keeps the code of a variable from [Cache.Compile].
	compiled *compilation
	// value is that of a variable from [Value], which is given then.
	value any
	given bool
}

// Value is a variable whose value is a value of Go: nil, a boolean, a number, a string, a
// []any or a map[string]any of such values. Nothing is compiled for it. It must not be
// changed during an evaluation. A value of another type is an error when the variable is
// used.
func Value(v any) Variable { return Variable{value: v, given: true} }

// String is a variable whose value is a string.
func String(s string) Variable { return Variable{text: s} }

// Code is a variable whose value is that of an expression. An error in it appears when the
// variable is used.
func Code(code string) Variable { return Variable{text: code, code: true} }

// Named returns v with a name for its code in messages and for imports, instead of
// <extvar:x> or <top-level-arg:x>.
func (v Variable) Named(name string) Variable {
	v.name = name
	return v
}

// Compile returns v, which is [Code] with a name, with its code compiled, so that it need not
// be parsed again. The error is that of [Parse].
func (c *Cache) Compile(ctx context.Context, v Variable) (Variable, error) {
	if c.profile != nil {
		// The evaluation that uses v counts the time.
		_, err := Parse(ctx, v.name, v.text)
		return v, err
	}
	key := programKey{v.name, v.text}
	v.compiled = c.peek(key)
	return v, v.compiled.compile(ctx, c, key, nil)
}

// Result is the value of a program. Most of it has not been computed yet: its methods
// compute it, so they can return the same errors as Eval. It is not safe for concurrent
// use.
type Result struct {
	in    Input
	ev    *evaluator
	value value
	// failed is the error of JSON or Value. After it, later calls would find unfinished work
	// that counts as done, such as assertions.
	failed error

	// trace is the Trace of the Input.
	trace io.Writer
	// early has the places that [Cache.Eval] has noted, before it is known which objects are apart.
	early watch
	// held has the objects to release, parts those that Part returned.
	held  []held
	parts parts
}

// Eval evaluates a program up to the type of its value.
//
// The error is an [*Error], that of [Parse] if the program cannot be parsed, a
// [*SourceError], that of the importer for Input.File, or the cause of the end of ctx.
func (c *Cache) Eval(ctx context.Context, in Input) (*Result, error) {
	ev := c.newEvaluator(ctx, in)
	r := &Result{in: in, ev: ev, trace: ev.trace, parts: parts{shared: map[weak.Pointer[object]]bool{}}}
	if in.Again {
		ev.trace = io.Discard
	}
	ev.watched.on = in.Parts
	err := ev.guard(ev.profiler.during(evaluating, func() { r.value = ev.program(in) }))
	r.early, ev.watched = ev.watched, watch{}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// newEvaluator returns an evaluator within the budget of ctx.
func (c *Cache) newEvaluator(ctx context.Context, in Input) *evaluator {
	ev := &evaluator{
		traced: in.traced,
		cache:  c, importer: in.Importer, ahead: newAhead(ctx, c, in.Importer), trace: in.Trace, maxStack: in.MaxStack, mostNested: in.mostNested, profiler: c.profile.newProfiler(),
		calls: make([]*site, 64), frame: &frame{},
		stdFiles: map[string]*object{}, imports: map[*compilation]*thunk{}, loaded: map[importKey]*compilation{}, shapes: map[shapePair]*shape{},
		extVars: map[string]*thunk{}, nativeFunctions: map[string]*native{},
		bounds: newBounds(ctx, in.MaxMade),
	}
	if ev.maxStack == 0 {
		ev.maxStack = DefaultMaxStack
	}
	if ev.mostNested == 0 {
		ev.mostNested = mostNested
	}
	if ev.trace == nil {
		ev.trace = io.Discard
	}
	ev.warnings, ev.nativesBy = in.Warn, in.NativesBy
	for name, v := range in.ExtVars {
		ev.extVars[name] = ev.variable(externalVariable, name, v)
	}
	for _, n := range in.Natives {
		ev.nativeFunctions[n.Name] = c.profile.follow(hostNative(n), "std.native")
	}
	return ev
}

// guard runs f and returns the failure that ends it, if one does.
func (ev *evaluator) guard(f func()) (err error) {
	bottom := ev.frame
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		failed, ok := r.(thrown)
		if !ok {
			panic(r)
		}
		err = failed.err
		// The evaluation of these has ended.
		for _, o := range ev.asserting {
			o.asserted = false
		}
		ev.asserting = ev.asserting[:0]
		for fr := bottom.above; fr != nil; fr = fr.above {
			clear(fr.slots)
			fr.slots, fr.env, fr.self, fr.strict = nil, nil, nil, false
		}
		ev.frame, ev.depth, ev.nested = bottom, 0, 0
		clear(ev.arguments)
		ev.arguments = ev.arguments[:0]
	}()
	f()
	return nil
}

var (
	duringEvaluation    = stage("During evaluation")
	duringManifestation = stage("During manifestation")
	topLevelCall        = stage("Top-level function call")
)

// program evaluates the program of in.
func (ev *evaluator) program(in Input) value {
	var code *unit
	var err error
	if in.File != "" {
		var c *compilation
		if c, err = ev.load("", in.File); err == nil {
			code = c.code
			ev.imports[c] = nil
		}
	} else {
		code, err = ev.cache.compileSnippet(ev.bounds.ctx, in.SnippetName, in.Snippet, ev.profiler)
	}
	if err != nil {
		panic(thrown{err})
	}
	ev.main = code
	v := ev.force(&thunk{code: code}, duringEvaluation)
	fn, ok := v.ref.(*function)
	if !ok {
		return v
	}
	var named []namedThunk
	for _, name := range slices.Sorted(maps.Keys(in.TLAs)) {
		named = append(named, namedThunk{name, ev.variable("top-level-arg", name, in.TLAs[name])})
	}
	return ev.invoke(fn, ev.arrange(fn, nil, named, topLevelCall), false, topLevelCall)
}

// externalVariable names the code of an external variable.
const externalVariable = "extvar"

// variable returns the thunk of a variable. Errors in its code appear when it is used.
func (ev *evaluator) variable(what, name string, v Variable) *thunk {
	t := ev.variableCode(what, name, v)
	if ev.traced {
		origin := Origin{ExtVar: name, Effect: From}
		if what != externalVariable {
			origin = Origin{TLA: name, Effect: From}
		}
		return &thunk{code: &unit{body: &given{origin, t}}}
	}
	return t
}

// variableCode is variable without the origin of the value.
func (ev *evaluator) variableCode(what, name string, v Variable) *thunk {
	if v.given {
		return &thunk{code: &unit{body: &goValue{v.value}}}
	}
	if !v.code {
		return ready(text(validUTF8(v.text)))
	}
	if v.name == "" {
		v.name = "<" + what + ":" + name + ">"
	}
	compiled, err := ev.cache.compileFile(ev.bounds.ctx, programKey{v.name, v.text}, ev.imports, ev.profiler)
	if err != nil {
		return &thunk{code: &unit{body: &unparsed{err}}}
	}
	return &thunk{code: compiled.code}
}

// goValue is code for a value of Go.
type goValue struct{ value any }

func (n *goValue) eval(ev *evaluator, _ *frame) value { return ev.fromGo(n.value, topLevelCall) }

// unparsed is code that could not be parsed.
type unparsed struct{ err error }

func (n *unparsed) eval(*evaluator, *frame) value { panic(thrown{n.err}) }

// JSON returns the value as go-jsonnet prints it, with a newline at the end.
func (r *Result) JSON() ([]byte, error) {
	buffer := r.ev.cache.buffer()
	var b []byte
	err := r.compute(func() {
		b = append(r.ev.appendJSON((*buffer)[:0], r.value, outputStyle, duringManifestation), '\n')
	})
	switch {
	case err != nil:
		return nil, err
	case len(b) > largeString:
		return b, nil
	}
	*buffer = b
	defer r.ev.cache.buffers.Put(buffer)
	return bytes.Clone(b), nil
}

// Value returns the value as nil, bool, float64, string, []any or map[string]any.
func (r *Result) Value() (any, error) {
	var v any
	r.ev.expanded = expansion{}
	err := r.compute(func() { v = r.ev.toGo(r.value, duringManifestation) })
	return v, err
}

// compute runs f, unless an earlier call has failed; then it returns that error.
func (r *Result) compute(f func()) error {
	if r.failed == nil {
		r.failed = r.locate(r.ev.guard(r.ev.profiler.during(manifestation, f)))
	}
	return r.failed
}

// Text returns the value of the program, which must be a string.
func (r *Result) Text() (string, error) {
	var s string
	err := r.ev.guard(r.ev.profiler.during(manifestation, func() {
		t, ok := r.value.ref.(*str)
		if !ok {
			r.ev.failf(duringManifestation, "expected string result, got: %s", r.value.kind())
		}
		s = t.String()
	}))
	return s, err
}
