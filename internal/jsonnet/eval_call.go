package jsonnet

import (
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/spelling"
)

type namedThunk struct {
	name  string
	value *thunk
}

// arrange returns the arguments of a call in the order of the parameters, nil for those
// that are not given. It fails if they do not fit.
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
			ev.failWith(at, "function has no parameter "+a.name, unfit(failure.NoParameter, a.name, parameters))
		}
		if given[i] != nil {
			ev.failf(at, "Argument %v already provided", a.name)
		}
		given[i] = a.value
	}
	for i, p := range parameters {
		if given[i] == nil && p.value == nil && !p.optional {
			ev.failWith(at, "Missing argument: "+p.name, unfit(failure.NoArgument, p.name, parameters))
		}
	}
	return given
}

// unfit returns the error for an argument of a name that does not fit.
func unfit(code, name string, parameters []parameter) Error {
	names := make([]string, len(parameters))
	for i, p := range parameters {
		names[i] = p.name
	}
	return Error{Code: code, Values: map[string]any{"name": name, "parameters": names, "near": spelling.Suggest(name, names)}}
}

// call calls a function with positional arguments.
func (ev *evaluator) call(fn *function, at *site, arguments ...*thunk) value {
	if len(arguments) != len(fn.parameters()) {
		arguments = ev.arrange(fn, arguments, nil, at)
	}
	return ev.invoke(fn, arguments, false, at)
}

// invoke calls a function with its arguments in the order of the parameters, and then the
// tail calls that replace it.
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

// fillDefaults sets the parameters that are not given. Their default values may use other
// parameters.
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

// finishNative runs a native with the arguments on the stack from base on.
func (ev *evaluator) finishNative(n *native, base int, at *site) value {
	top := len(ev.arguments)
	ev.workOn(ev.arguments[base:top], at)
	v := n.run(ev, ev.arguments[base:top:top], at)
	clear(ev.arguments[base:top])
	ev.arguments = ev.arguments[:base]
	return v
}
