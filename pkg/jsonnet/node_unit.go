package jsonnet

// unit is a piece of code that is evaluated on its own: the body of a function,
// of a thunk, of a field.
type unit struct {
	body node
	// slots is the number of variables that it has itself, height how deep its
	// expressions are nested.
	slots, height int32
	// site is where it stands.
	site *site
}

// ref says where a frame has a variable: in slot n for n >= 0, else at -n-1 of
// its env.
type ref int

func (f *frame) variable(r ref) *thunk {
	if r >= 0 {
		return f.slots[r]
	}
	return f.env.vars[-r-1]
}

// captures says which variables of a frame some code inside it needs.
type captures struct {
	refs []ref
	// self is set where the code uses self or super.
	self bool
}

// none reports whether the code needs nothing: it means the same everywhere.
func (c *captures) none() bool { return len(c.refs) == 0 && !c.self }

// close returns an env with what is captured from a frame, nil for nothing.
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

// position tells what becomes of the value of an expression.
type position uint8

const (
	// inner values are used by code of the unit.
	inner position = iota
	// tail values are the unit's.
	tail
	// tailOperand values are the right operand of what is the unit's value. A
	// call there is no tail call, but go-jsonnet counts it as one.
	tailOperand
)

func (p position) operand() position {
	if p == inner {
		return inner
	}
	return tailOperand
}

// argument is an expression whose value may not be needed: an element of an
// array, an argument of a function.
type argument struct {
	// constant is set where the value is known.
	constant *thunk
	// code is nil where a variable is handed on.
	code     *unit
	variable ref
}

// thunk returns the argument in a frame; e is the group's env there.
func (a *argument) thunk(f *frame, e *env) *thunk {
	switch {
	case a.constant != nil:
		return a.constant
	case a.code == nil:
		return f.variable(a.variable)
	}
	return &thunk{code: a.code, env: e}
}
