package jsonnet

// made is the code of what a native has made, in an evaluation that is traced.
// It is there to be followed: the value is known.
type made struct {
	native   *native
	operands []operand
	at       *site
}

func (*made) eval(*evaluator, *frame) value { panic("jsonnet: what a native has made has a value") }

// handed is the code of an element that a native hands on, changed or not.
type handed struct{ from *thunk }

func (n *handed) eval(ev *evaluator, _ *frame) value { return ev.force(n.from, nil) }

// operand is an argument of a native: a thunk, or code in a frame.
type operand struct {
	thunk *thunk
	node  node
	frame *frame
}

func givenOperands(given []*thunk) []operand {
	operands := make([]operand, len(given))
	for i, t := range given {
		operands[i].thunk = t
	}
	return operands
}

// operands returns the arguments of a call in a frame, which must stay.
func (n *nativeCall) operands(f *frame) []operand {
	operands := make([]operand, len(n.native.parameters))
	var e *env
	for i := range n.arguments {
		a := &n.arguments[i]
		if a.node != nil {
			operands[i] = operand{node: a.node, frame: f}
			continue
		}
		if e == nil {
			e = n.captures.close(f)
		}
		operands[i].thunk = a.lazy.thunk(f, e)
	}
	return operands
}

// snapshot returns a frame with the variables of f, which stays.
func (f *frame) snapshot() *frame {
	return &frame{slots: append([]*thunk(nil), f.slots...), env: f.env, self: f.self, layer: f.layer}
}

// mark gives what a native has made, and what is in it, code that tells so: all
// elements and fields that have none. code is called at most once.
func (ev *evaluator) mark(v value, code func() *unit) {
	var u *unit
	ev.marking(v, func() *unit {
		if u == nil {
			u = code()
		}
		return u
	})
}

func (ev *evaluator) marking(v value, code func() *unit) {
	switch r := v.ref.(type) {
	case *array:
		for _, t := range r.elements {
			// Functions without code are constants, which others share.
			if t.code == nil && t.value.ref != nil && t.value.kind() != functionKind {
				t.code = code()
				ev.marking(t.value, code)
			}
		}
		ev.work(len(r.elements)>>4, nil)
	case *object:
		if r.layers == nil || len(r.layers) != 1 || r.layers[0].fields == nil || r.layers[0].fields.shared {
			return
		}
		fields := r.layers[0].fields.fields
		for i := range fields {
			if f := &fields[i]; f.code == nil && f.constant.given() {
				f.code = code()
				ev.marking(f.constant, code)
			}
		}
	}
}
