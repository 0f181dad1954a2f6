// Package jsonnet evaluates Jsonnet, as google/go-jsonnet does and many times
// faster.
//
// A [Cache] compiles each file once, for any number of evaluations, which may
// run at the same time:
//
//	cache := jsonnet.NewCache()
//	result, err := cache.Eval(ctx, jsonnet.Input{File: "main.jsonnet", Importer: importer})
//	if err == nil {
//		text, err = result.JSON()
//	}
//
// The language is go-jsonnet's to the byte: its parser, desugarer and static
// analysis make the syntax tree, its errors come out, with its stack traces.
// Importers and native functions are those of its VM.
//
// What is evaluated is bounded in depth, and in time and memory by the budget of
// its context, see package budget: it ends soon after that does.
package jsonnet

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"weak"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/mop-platform/mop/pkg/diag"
)

// DefaultMaxStack is the depth at which an evaluation ends, as in go-jsonnet.
const DefaultMaxStack = 500

// MostStack is the largest [Input.MaxStack] that makes sense: deeper than that, Go's own
// stack ends an evaluation.
const MostStack = 100_000

// Input is what is evaluated.
type Input struct {
	// File is imported and evaluated. Where it is "", Snippet is, under the
	// name SnippetName in messages, std.thisFile and for imports.
	File                 string
	Snippet, SnippetName string
	// Importer finds what is imported; nil finds nothing. It is not called by
	// several goroutines at a time. It can be a [ReaderAhead].
	Importer gojsonnet.Importer
	// ExtVars are the values of std.extVar, TLAs the arguments for a program
	// that gives a function.
	ExtVars, TLAs map[string]Variable
	// Natives are the functions of std.native.
	Natives []*gojsonnet.NativeFunction
	// MaxStack limits the depth of calls; 0 is [DefaultMaxStack].
	MaxStack int
	// Trace receives the output of std.trace, of each call not more than a screen,
	// which counts as output of the budget; nil discards it.
	Trace io.Writer
	// Warn receives what is odd but stops nothing; nil discards it.
	Warn func(Warning)
	// Parts is set where [Result.Release] is to let go of parts.
	Parts bool
	// Again is set where the program has been evaluated and outlined before, for
	// the same Trace: what leads to its parts is not traced again.
	Again bool
	// traced is set where the values of the evaluation are to be followed.
	traced bool
}

// Warning is what a function says of its arguments: what is odd, and of what kind
// that is.
type Warning struct {
	Problem string
	Kind    diag.Kind
	// StackTrace are the calls that led to it, as in a [gojsonnet.RuntimeError].
	StackTrace []gojsonnet.TraceFrame
}

// Warned is a result that a native function can give: Value, with warnings
// without a StackTrace.
type Warned struct {
	Value    any
	Warnings []Warning
}

// Variable is the value of an external variable or top-level argument.
type Variable struct {
	text string
	code bool
	name string
}

// String is a variable whose value is a string.
func String(s string) Variable { return Variable{text: s} }

// Code is a variable whose value is that of an expression.
func Code(code string) Variable { return Variable{text: code, code: true} }

// Named returns v with a name for its code in messages and for imports, in the
// place of <extvar:x> or <top-level-arg:x>.
func (v Variable) Named(name string) Variable {
	v.name = name
	return v
}

// Result is the value of a program. Most of it has not been computed yet: its
// methods do that, and so they can fail as Eval can. It is not safe for
// concurrent use.
type Result struct {
	in    Input
	ev    *evaluator
	value value
	// failed is the error that JSON or Value ended with: what was under way then
	// counts as done in places, such as assertions.
	failed error

	// trace is the Trace of the Input.
	trace io.Writer
	// early is what was noted before it was known which objects are apart.
	early watch
	// held are the objects to release, and parts what was asked for of them.
	held  []held
	parts parts
}

// Eval evaluates a program as far as to know what kind of value it is.
//
// The error is an [*Error], that of [gojsonnet.SnippetToAST] where the program cannot
// be parsed, a [*SourceError], or the cause why ctx has ended.
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
		cache:  c, importer: in.Importer, ahead: newAhead(ctx, c, in.Importer), trace: in.Trace, maxStack: in.MaxStack, profiler: c.profile.newProfiler(),
		calls: make([]*site, 64), frame: &frame{},
		stdFiles: map[string]*object{}, imports: map[*compilation]*thunk{}, shapes: map[shapePair]*shape{},
		extVars: map[string]*thunk{}, nativeFunctions: map[string]*native{},
		bounds: newBounds(ctx),
	}
	if ev.maxStack == 0 {
		ev.maxStack = DefaultMaxStack
	}
	if ev.trace == nil {
		ev.trace = io.Discard
	}
	ev.warnings = in.Warn
	for name, v := range in.ExtVars {
		ev.extVars[name] = ev.variable(externalVariable, name, v)
	}
	for _, n := range in.Natives {
		ev.nativeFunctions[n.Name] = c.profile.follow(hostNative(n), "std.native")
	}
	return ev
}

// guard runs f and returns the failure that ends it.
func (ev *evaluator) guard(f func()) (err error) {
	bottom := ev.frame
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		failed, ok := r.(failure)
		if !ok {
			panic(r)
		}
		err = failed.err
		// What was running is gone.
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

// program evaluates what in asks for.
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
		panic(failure{err})
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

// externalVariable is how the code of one is called.
const externalVariable = "extvar"

// variable returns the thunk of a variable. What its code does wrong shows when
// it is used.
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

// variableCode is variable without a trace of where it is from.
func (ev *evaluator) variableCode(what, name string, v Variable) *thunk {
	if !v.code {
		return ready(text(validUTF8(v.text)))
	}
	if v.name == "" {
		v.name = "<" + what + ":" + name + ">"
	}
	code, err := ev.cache.compileSnippet(ev.bounds.ctx, v.name, v.text, ev.profiler)
	if err != nil {
		return &thunk{code: &unit{body: &unparsed{err}}}
	}
	return &thunk{code: code}
}

// unparsed is code that could not be parsed.
type unparsed struct{ err error }

func (n *unparsed) eval(*evaluator, *frame) value { panic(failure{n.err}) }

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

// Value returns the value as nil, bool, float64, string, []any or
// map[string]any.
func (r *Result) Value() (any, error) {
	var v any
	r.ev.expanded = expansion{}
	err := r.compute(func() { v = r.ev.toGo(r.value, duringManifestation) })
	return v, err
}

// compute runs f, unless it or another has failed before.
func (r *Result) compute(f func()) error {
	if r.failed == nil {
		r.failed = r.locate(r.ev.guard(r.ev.profiler.during(manifestation, f)))
	}
	return r.failed
}

// Text returns the value of a program that gives a string.
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
