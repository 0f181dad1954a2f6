package jsonnet

import (
	"slices"

	"github.com/mop-platform/mop/pkg/diag"
)

// functionCode is a function literal.
type functionCode struct {
	parameters []parameter
	body       *unit
	// defaults is what the default values capture of the frame of a call.
	defaults *captures
}

// parameter is a parameter of a function or native.
type parameter struct {
	name string
	// value is the default of a function's parameter; nil is none.
	value *unit
	// optional marks a native's parameter that may be left out, and lazy one
	// that gets a thunk.
	optional, lazy bool
}

func (f *function) parameters() []parameter {
	if f.native != nil {
		return f.native.parameters
	}
	return f.code.parameters
}

// native is a function written in Go.
type native struct {
	name       string
	parameters []parameter
	// run computes the result; a parameter that is not given has no value.
	run func(ev *evaluator, arguments []value, at *site) value
	// value is the native as a value.
	value value
	// host is set for a function of std.native.
	host bool
}

// accepts reports whether the native can be called with n positional arguments.
func (n *native) accepts(count int) bool {
	if count > len(n.parameters) {
		return false
	}
	for _, p := range n.parameters[count:] {
		if !p.optional {
			return false
		}
	}
	return true
}

// lazyArgument is how a native gets the argument for a lazy parameter.
func lazyArgument(t *thunk) value { return value{ref: t} }

func (*thunk) kind() kind { panic("jsonnet: a thunk is no value") }

// apply is a call.
type apply struct {
	target     node
	positional []argument
	named      []namedArgument
	captures   *captures
	site       *site
	position   position
	// strict is set for a call with tailstrict.
	strict bool
}

type namedArgument struct {
	name  string
	value argument
}

// pending is a call that the caller of the current function is to make in the
// place of it.
type pending struct {
	function *function
	slots    []*thunk
	strict   bool
	site     *site
}

func (*pending) kind() kind { panic("jsonnet: a call is no value") }

func (n *apply) eval(ev *evaluator, f *frame) value {
	fn := ev.function(n.target.eval(ev, f), n.site)
	var room [8]*thunk
	given := n.given(ev, f, fn, room[:0])
	if f.strict && n.position != inner {
		if n.position == tail && fn.code != nil {
			return value{ref: &pending{fn, slices.Clone(given), n.strict, n.site}}
		}
		// The frame does not count any more.
		ev.depth--
		f.strict = false
	}
	return ev.invoke(fn, given, n.strict, n.site)
}

// given returns the arguments of the call in the order of the parameters of fn,
// in room where there is enough of it.
func (n *apply) given(ev *evaluator, f *frame, fn *function, room []*thunk) []*thunk {
	e := n.captures.close(f)
	for i := range n.positional {
		room = append(room, n.positional[i].thunk(f, e))
	}
	if len(n.named) == 0 && len(room) == len(fn.parameters()) {
		return room
	}
	named := make([]namedThunk, len(n.named))
	for i := range n.named {
		named[i] = namedThunk{n.named[i].name, n.named[i].value.thunk(f, e)}
	}
	return ev.arrange(fn, room, named, n.site)
}

type namedThunk struct {
	name  string
	value *thunk
}

// arrange returns the arguments of a call in the order of the parameters, nil
// for those that are not given, or fails where they do not fit.
func (ev *evaluator) arrange(fn *function, positional []*thunk, named []namedThunk, at *site) []*thunk {
	parameters := fn.parameters()
	if len(positional) > len(parameters) {
		ev.failf(at, "function expected %v positional argument(s), but got %v", len(parameters), len(positional))
	}
	given := make([]*thunk, len(parameters))
	copy(given, positional)
	for _, a := range named {
		i := 0
		for i < len(parameters) && parameters[i].name != a.name {
			i++
		}
		if i == len(parameters) {
			ev.failWith(at, "function has no parameter "+a.name, unfit(diag.NoParameter, a.name, parameters))
		}
		if given[i] != nil {
			ev.failf(at, "Argument %v already provided", a.name)
		}
		given[i] = a.value
	}
	for i, p := range parameters {
		if given[i] == nil && p.value == nil && !p.optional {
			ev.failWith(at, "Missing argument: "+p.name, unfit(diag.NoArgument, p.name, parameters))
		}
	}
	return given
}

// unfit says what is wrong with the argument of a name.
func unfit(k diag.Kind, name string, parameters []parameter) Error {
	names := make([]string, len(parameters))
	for i, p := range parameters {
		names[i] = p.name
	}
	return Error{Kind: k, Values: diag.Values{"name": name, "parameters": names, "near": diag.Suggest(name, names)}}
}

// call calls a function with positional arguments.
func (ev *evaluator) call(fn *function, at *site, arguments ...*thunk) value {
	if len(arguments) != len(fn.parameters()) {
		arguments = ev.arrange(fn, arguments, nil, at)
	}
	return ev.invoke(fn, arguments, false, at)
}

// invoke calls a function with its arguments in the order of the parameters.
func (ev *evaluator) invoke(fn *function, given []*thunk, strict bool, at *site) value {
	if fn.native != nil {
		return ev.invokeNative(fn.native, given, at)
	}
	for {
		v := ev.activate(fn, given, strict, at)
		next, ok := v.ref.(*pending)
		if !ok {
			return v
		}
		fn, given, strict, at = next.function, next.slots, next.strict, next.site
	}
}

// activate runs the body of a function once.
func (ev *evaluator) activate(fn *function, given []*thunk, strict bool, at *site) value {
	code := fn.code
	f := ev.enter(code.body, fn.env)
	copy(f.slots, given)
	ev.fillDefaults(code, f)
	if strict {
		for i := range code.parameters {
			ev.force(f.slots[i], at)
		}
		f.strict = true
	}
	depth := ev.depth
	ev.push(at)
	v := code.body.body.eval(ev, f)
	ev.pop(depth)
	ev.leave(f)
	return v
}

// fillDefaults sets the parameters that are not given; their values may use the
// others.
func (ev *evaluator) fillDefaults(code *functionCode, f *frame) {
	missing := false
	for i := range code.parameters {
		if f.slots[i] == nil {
			f.slots[i] = &thunk{code: code.parameters[i].value}
			missing = true
		}
	}
	if !missing {
		return
	}
	e := code.defaults.close(f)
	for i := range code.parameters {
		if t := f.slots[i]; t.value.ref == nil && t.env == nil && t.code == code.parameters[i].value {
			t.env = e
		}
	}
}

func (ev *evaluator) invokeNative(n *native, given []*thunk, at *site) value {
	base := len(ev.arguments)
	for i, p := range n.parameters {
		var v value
		switch {
		case given[i] == nil:
		case p.lazy:
			v = lazyArgument(given[i])
		default:
			v = ev.force(given[i], at)
		}
		ev.arguments = append(ev.arguments, v)
	}
	v := ev.finishNative(n, base, at)
	if ev.traced {
		ev.mark(v, n, func() []operand { return givenOperands(given) }, at)
	}
	return v
}

// finishNative runs a native whose arguments stand on the stack from base on.
func (ev *evaluator) finishNative(n *native, base int, at *site) value {
	top := len(ev.arguments)
	ev.workOn(ev.arguments[base:top], at)
	v := n.run(ev, ev.arguments[base:top:top], at)
	clear(ev.arguments[base:top])
	ev.arguments = ev.arguments[:base]
	return v
}

// nativeCall is a call of a native that is known when the code is compiled:
// the arguments need no thunks.
type nativeCall struct {
	native    *native
	arguments []nativeArgument
	captures  *captures
	site      *site
}

// nativeArgument is an argument that is evaluated at once or, for a lazy
// parameter, when it is needed.
type nativeArgument struct {
	node node
	lazy argument
}

func (n *nativeCall) eval(ev *evaluator, f *frame) value {
	base := len(ev.arguments)
	var e *env
	for i := range n.arguments {
		a := &n.arguments[i]
		var v value
		switch k := a.node.(type) {
		case nil:
			if e == nil {
				e = n.captures.close(f)
			}
			v = lazyArgument(a.lazy.thunk(f, e))
		case *constant:
			v = k.value
		default:
			depth := ev.depth
			ev.push(n.site)
			v = a.node.eval(ev, f)
			ev.pop(depth)
		}
		ev.arguments = append(ev.arguments, v)
	}
	for range n.native.parameters[len(n.arguments):] {
		ev.arguments = append(ev.arguments, value{})
	}
	v := ev.finishNative(n.native, base, n.site)
	if ev.traced {
		ev.mark(v, n.native, func() []operand { return n.operands(f.snapshot()) }, n.site)
	}
	return v
}
