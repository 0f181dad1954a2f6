package jsonnet

import (
	"slices"
)

// functionCode is a function literal.
type functionCode struct {
	parameters []parameter
	body       *unit
	// defaults are the variables of a call's frame that the default values capture.
	defaults *captures
}

// parameter is a parameter of a function or native.
type parameter struct {
	name string
	// value is the default of a parameter; nil is none.
	value *unit
	// optional marks a parameter of a native that may be left out, lazy one whose argument is
	// passed as a thunk, shown one whose argument shows in the result.
	optional, lazy, shown bool
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
	// run computes the result; the argument of an omitted parameter is the zero value.
	run func(ev *evaluator, arguments []value, at *site) value
	// value is the native as a value.
	value value
	// host is set for a function of std.native.
	host bool
	// result is the type of the result, "" if the linter knows it.
	result string
	// origins returns the origins of the result, or of a value in it. If it is nil, they are
	// the call and the arguments that show.
	origins func(*tracer, *made) []Origin
	// passes is set if the result can be an array or object that is not made anew.
	passes bool
}

// from sets the origins of the result.
func (n *native) from(origins func(*tracer, *made) []Origin) *native {
	n.origins = origins
	return n
}

// passing sets the origins of a result that can be an argument itself.
func (n *native) passing(origins func(*tracer, *made) []Origin) *native {
	n.passes = true
	return n.from(origins)
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

// lazyArgument is the argument that a native gets for a lazy parameter.
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

// pending is a tail call: the caller of the current function makes it instead of that
// function.
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
		// The frame of this function does not count any more.
		ev.depth--
		f.strict = false
	}
	return ev.invoke(fn, given, n.strict, n.site)
}

// given returns the arguments of the call in the order of the parameters of fn, in room if
// they fit.
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

// nativeCall is a call of a native that is known when the code is compiled: its arguments
// need no thunks.
type nativeCall struct {
	native    *native
	arguments []nativeArgument
	captures  *captures
	site      *site
}

// nativeArgument is an argument that is evaluated at once or, for a lazy parameter, when it
// is needed.
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
