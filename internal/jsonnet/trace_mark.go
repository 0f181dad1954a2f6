package jsonnet

import "slices"

// made is the code of a value that a native has made, in a traced evaluation. It only
// serves to find the origins, because the value is there.
type made struct {
	native   *native
	operands []operand
	at       *site
	// path is the path of the value in the whole result of the native.
	path []any
}

func (*made) eval(*evaluator, *frame) value { panic("jsonnet: what a native has made has a value") }

// handed is the code of an element that a native passes on, changed or not.
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

// operands returns the arguments of a call in a frame, which must not be reused.
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

// snapshot returns a copy of a frame that is not reused.
func (f *frame) snapshot() *frame {
	return &frame{slots: append([]*thunk(nil), f.slots...), env: f.env, self: f.self, layer: f.layer}
}

// mark gives the elements and fields of a value that a native has made code of type made,
// if they have none.
func (ev *evaluator) mark(v value, n *native, operands func() []operand, at *site) {
	var known []operand
	ev.marking(v, nil, func(path []any) *unit {
		if known == nil {
			known = operands()
		}
		return &unit{body: &made{n, known, at, path}, site: at}
	})
}

func (ev *evaluator) marking(v value, path []any, code func(path []any) *unit) {
	switch r := v.ref.(type) {
	case *array:
		for i, t := range r.elements {
			// Functions without code are constants, which others share.
			if t.code == nil && t.value.ref != nil && t.value.kind() != functionKind {
				here := append(slices.Clip(path), i)
				t.code = code(here)
				ev.marking(t.value, here, code)
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
				here := append(slices.Clip(path), f.name)
				f.code = code(here)
				ev.marking(f.constant, here, code)
			}
		}
	}
}
