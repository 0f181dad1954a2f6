package jsonnet

import (
	"fmt"
	"io"
	"math"
)

// evaluator runs compiled code. It belongs to one goroutine and one evaluation.
type evaluator struct {
	cache    *Cache
	importer Importer
	ahead    *ahead
	bounds   bounds
	expanded expansion
	trace    io.Writer
	// warnings is Input.Warn.
	warnings func(Warning)
	profiler *profiler
	// watched has the notes for [Result.Release].
	watched watch
	// asserting are the objects whose assertions are being checked.
	asserting []*object

	// traced is set to find the origins of values: all thunks keep their variables.
	traced bool

	// calls are the sites that asked for the thunks, fields and functions that are being
	// evaluated, the outermost first. go-jsonnet counts the same ones.
	calls []*site
	// depth is the number of calls in use.
	depth, maxStack int
	// nested estimates the use of Go's stack. Its unit is an expression inside another one.
	nested, mostNested int
	// frame is the frame of the running code.
	frame *frame
	// arguments is the stack of arguments of natives.
	arguments []value

	// main is the program.
	main *unit
	// std is nil before it is used as an object.
	std      *object
	stdFiles map[string]*object
	// imports has the imported files, and the main file without a thunk.
	imports map[*compilation]*thunk
	// loaded has the code of what the importer has returned.
	loaded          map[importKey]*compilation
	extVars         map[string]*thunk
	nativeFunctions map[string]*native
	// nativesBy is Input.NativesBy.
	nativesBy string
	// shapes are the shapes of sums of objects, by the shapes of the operands.
	shapes map[shapePair]*shape
}

// frame holds the variables of a piece of code that runs: its own in slots, those from
// around it in env. Frames are reused; nothing keeps one.
type frame struct {
	slots []*thunk
	env   *env
	self  *object
	layer int
	// strict marks a call with tailstrict: a tail call replaces its frame.
	strict bool
	// code is the running code.
	code *unit
	// below is the frame of the caller. above is a frame for a callee, nil before the first
	// call.
	below, above *frame
	room         []*thunk
}

// enter makes a frame for code the current one.
func (ev *evaluator) enter(code *unit, e *env) *frame {
	n := int(code.slots)
	ev.make(frameBytes + thunkBytes*n)
	f := ev.frame.above
	if f == nil {
		f = &frame{below: ev.frame, room: make([]*thunk, 8)}
		ev.frame.above = f
	}
	if n > len(f.room) {
		f.room = make([]*thunk, 2*n)
	}
	f.slots = f.room[:n]
	f.env = e
	f.code = code
	ev.nested += int(code.height)
	if e != nil {
		f.self, f.layer = e.self, e.layer
	}
	ev.frame = f
	return f
}

// leave returns to the frame below f and clears f.
func (ev *evaluator) leave(f *frame) {
	clear(f.slots)
	f.slots, f.env, f.self, f.strict = nil, nil, nil, false
	ev.nested -= int(f.code.height)
	ev.frame = f.below
}

// thrown is an error of the program. It unwinds the evaluator as a panic.
type thrown struct{ err error }

func (ev *evaluator) failf(at *site, format string, args ...any) {
	for _, a := range args {
		if s, ok := a.(string); ok {
			ev.reserve(4*float64(len(s)), at)
		}
	}
	ev.fail(at, fmt.Sprintf(format, args...))
}

// warn reports warnings.
func (ev *evaluator) warn(at *site, warnings ...Warning) {
	if ev.warnings == nil {
		return
	}
	for _, w := range warnings {
		w.StackTrace = ev.traceback(at)
		ev.warnings(w)
	}
}

// traceback returns the calls that led to a site, the outermost first.
func (ev *evaluator) traceback(at *site) []TraceFrame {
	frames := make([]TraceFrame, 0, ev.depth+1)
	for _, s := range ev.calls[:ev.depth] {
		frames = append(frames, s.frame())
	}
	if at != nil {
		frames = append(frames, at.frame())
	}
	return frames
}

// mostNested keeps Go's own stack below its limit where maxStack does not: Go ends a
// process with a stack of more than 512 MB. A tail call drops its frame from the count, but
// stays on Go's stack if the call is the right operand of an operator. Nested expressions
// take stack too: each up to 300 bytes, a call up to four times that.
const (
	mostNested = 1_500_000
	callNested = 4
)

// push notes that a site needs a value.
func (ev *evaluator) push(at *site) {
	if ev.depth >= ev.maxStack || ev.nested >= ev.mostNested {
		ev.tooDeep(at)
	}
	if ev.depth == len(ev.calls) {
		ev.calls = append(ev.calls, make([]*site, max(64, len(ev.calls)))...)
	}
	ev.calls[ev.depth] = at
	ev.depth++
	ev.nested += callNested
	ev.work(1, at)
}

// pop goes back to the depth before a push.
func (ev *evaluator) pop(depth int) {
	ev.depth = depth
	ev.nested -= callNested
}

// force returns the value of a thunk.
func (ev *evaluator) force(t *thunk, at *site) value {
	if t.value.ref != nil {
		return t.value
	}
	depth := ev.depth
	ev.push(at)
	v := ev.run(t.code, t.env)
	ev.pop(depth)
	if ev.watched.on {
		ev.watched.note(v, pin{thunk: t, env: t.env})
	}
	t.value = v
	if !ev.traced {
		t.env = nil
	}
	return v
}

// run evaluates a unit of code in an env.
func (ev *evaluator) run(code *unit, e *env) value {
	f := ev.enter(code, e)
	v := code.body.eval(ev, f)
	ev.leave(f)
	return v
}

// The functions below return a value of one type, or fail.

func (ev *evaluator) wrongType(v value, want kind, at *site) {
	ev.failf(at, "Unexpected type %v, expected %v", v.kind(), want)
}

func (ev *evaluator) number(v value, at *site) float64 {
	if !v.isNumber() {
		ev.wrongType(v, numberKind, at)
	}
	return v.num
}

// integer accepts only integers of 32 bits, as go-jsonnet does.
func (ev *evaluator) integer(v value, at *site) int {
	n := ev.number(v, at)
	i := int(int32(n))
	if float64(i) != n {
		ev.failf(at, "Expected an integer, but got %v", n)
	}
	return i
}

func (ev *evaluator) boolean(v value, at *site) bool {
	if v.ref != booleanRef {
		ev.wrongType(v, booleanKind, at)
	}
	return v.num != 0
}

func (ev *evaluator) str(v value, at *site) *str {
	s, ok := v.ref.(*str)
	if !ok {
		ev.wrongType(v, stringKind, at)
	}
	if s.left != nil {
		// The caller needs its bytes.
		ev.flat(s, at)
	}
	return s
}

func (ev *evaluator) array(v value, at *site) *array {
	a, ok := v.ref.(*array)
	if !ok {
		ev.wrongType(v, arrayKind, at)
	}
	return a
}

func (ev *evaluator) object(v value, at *site) *object {
	o, ok := v.ref.(*object)
	if !ok {
		ev.wrongType(v, objectKind, at)
	}
	return o
}

func (ev *evaluator) function(v value, at *site) *function {
	f, ok := v.ref.(*function)
	if !ok {
		ev.wrongType(v, functionKind, at)
	}
	return f
}

// finite returns a computed number, or fails if it is not finite.
func (ev *evaluator) finite(n float64, at *site) value {
	if math.IsNaN(n) {
		ev.fail(at, "Not a number")
	}
	if math.IsInf(n, 0) {
		ev.fail(at, "Overflow")
	}
	return number(n)
}
