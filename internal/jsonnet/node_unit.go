package jsonnet

// unit is a piece of code that is evaluated on its own: the body of a function, of a thunk
// or of a field.
type unit struct {
	body node
	// slots is the number of its own variables, height the depth of its nested expressions.
	slots, height int32
	// site is the place of the code.
	site *site
}

// ref is the place of a variable in a frame: slot n for n >= 0, else index -n-1 of its env.
type ref int

func (f *frame) variable(r ref) *thunk {
	if r >= 0 {
		return f.slots[r]
	}
	return f.env.vars[-r-1]
}

// captures says which variables of a frame the code inside it needs.
type captures struct {
	refs []ref
	// self is set if the code uses self or super.
	self bool
}

// none reports whether the code captures nothing: then its value is the same everywhere.
func (c *captures) none() bool { return len(c.refs) == 0 && !c.self }

// close returns an env with the captured variables of a frame, nil if there are none.
func (c *captures) close(f *frame) *env {
	if c.none() {
		return nil
	}
	e := newEnv(len(c.refs))
	for i, r := range c.refs {
		e.vars[i] = f.variable(r)
	}
	if c.self {
		e.self, e.layer = f.self, f.layer
	}
	return e
}

// position says what the value of an expression is used for.
type position uint8

const (
	// inner values are used by code of the unit.
	inner position = iota
	// tail values are the value of the unit.
	tail
	// tailOperand values are the right operand of the value of the unit. A call there is no
	// tail call, but go-jsonnet counts it as one.
	tailOperand
)

func (p position) operand() position {
	if p == inner {
		return inner
	}
	return tailOperand
}

// argument is an expression that is evaluated only if its value is needed: an element of an
// array, or an argument of a function.
type argument struct {
	// constant is set if the value is known at compile time.
	constant *thunk
	// code is nil if the argument is a variable.
	code     *unit
	variable ref
}

// thunk returns the argument in a frame; e is the env of the group there.
func (a *argument) thunk(f *frame, e *env) *thunk {
	switch {
	case a.constant != nil:
		return a.constant
	case a.code == nil:
		return f.variable(a.variable)
	}
	return &thunk{code: a.code, env: e}
}
