package jsonnet

import (
	"slices"
	"strings"

	"github.com/google/go-jsonnet/ast"
)

// value returns the value of an argument, the zero value if it is not given.
func (t *tracer) value(o operand) value {
	switch {
	case o.thunk != nil:
		return t.force(o.thunk, duringManifestation)
	case o.node != nil:
		return o.node.eval(t.evaluator, o.frame)
	}
	return value{}
}

// operand returns the origins of an argument that is passed on.
func (t *tracer) operand(o operand) []Origin {
	switch {
	case o.thunk != nil:
		return t.thunk(o.thunk)
	case o.node != nil && t.step():
		defer t.stepped()
		return t.node(o.node, o.frame, isContainer(t.value(o)))
	}
	return nil
}

// part returns the origins of an argument that a value is made from. For an array or
// object, those are the origins of all values in it.
func (t *tracer) part(o operand) []Origin {
	v := t.value(o)
	if !v.given() {
		return nil
	}
	if !isContainer(v) {
		return PartOf.of(t.operand(o))
	}
	return PartOf.of(t.inside(v, nil))
}

// inside appends the origins of all values in a value.
func (t *tracer) inside(v value, all []Origin) []Origin {
	if len(all) >= mostOrigins || !t.step() {
		return all
	}
	defer t.stepped()
	switch r := v.ref.(type) {
	case *array:
		for _, e := range r.elements {
			if v := t.force(e, duringManifestation); isContainer(v) {
				all = t.inside(v, all)
			} else {
				all = append(all, t.thunk(e)...)
			}
		}
	case *object:
		for _, name := range t.names(r, false) {
			w, _ := t.find(r, 0, name)
			if v := t.fieldAt(r, w, duringManifestation); isContainer(v) {
				all = t.inside(v, all)
			} else {
				all = append(all, t.field(r, w)...)
			}
		}
	}
	return all
}

// native returns the origins of a value that a native has made.
func (t *tracer) native(m *made) []Origin {
	if m.native.origins != nil {
		return m.native.origins(t, m)
	}
	found := m.at.origin()
	for i, p := range m.native.parameters {
		if p.shown {
			found = append(found, t.part(m.operands[i])...)
		}
	}
	return found
}

// first returns the origins of a result that is the first argument, second those of a
// result that is the second argument.
func (t *tracer) first(m *made) []Origin { return t.operand(m.operands[0]) }

func (t *tracer) second(m *made) []Origin { return t.operand(m.operands[1]) }

// variable returns the origins of an external variable.
func (t *tracer) variable(m *made) []Origin {
	return t.operand(operand{thunk: t.extVars[t.str(t.value(m.operands[0]), m.at).String()]})
}

// getting returns the origins of the result of std.get.
func (t *tracer) getting(m *made) []Origin {
	a := m.operands
	o, name := t.object(t.value(a[0]), m.at), t.str(t.value(a[1]), m.at).String()
	hide, ok := t.visibility(o, name)
	hidden := t.value(a[3])
	if ok && (!hidden.given() || hidden.num != 0 || hide != ast.ObjectFieldHidden) {
		w, _ := t.find(o, 0, name)
		return t.read(o, w)
	}
	return t.operand(a[2])
}

// extreme returns the origins of the smaller of two numbers, or the larger.
func (t *tracer) extreme(m *made) []Origin {
	x, y := t.value(m.operands[0]).num, t.value(m.operands[1]).num
	if larger := m.native.name == "max"; larger == (x >= y) {
		return t.first(m)
	}
	return t.second(m)
}

// fold returns the origins of the last call of a fold.
func (t *tracer) fold(m *made) []Origin {
	a, at, right := m.operands, m.at, m.native.name == "foldr"
	fn := t.function(t.value(a[0]), at)
	elements, ok := t.items(t.value(a[1]), at)
	if !ok {
		return at.origin()
	}
	if right {
		elements = slices.Clone(elements)
		slices.Reverse(elements)
	}
	sum := a[2].thunk
	if sum == nil {
		sum = &thunk{value: t.value(a[2]), code: &unit{body: &operandOf{a[2]}}}
	}
	for _, e := range elements {
		arguments := []*thunk{sum, e}
		if right {
			slices.Reverse(arguments)
		}
		sum = &thunk{code: &unit{body: &applied{fn, at}}, env: &env{vars: arguments}}
		// Force each one in turn: all at once could be too deep for the stack.
		t.force(sum, at)
	}
	return t.thunk(sum)
}

// operandOf is the code of a thunk for an operand that has no thunk.
type operandOf struct{ operand operand }

func (n *operandOf) eval(ev *evaluator, _ *frame) value {
	return n.operand.node.eval(ev, n.operand.frame)
}

// replaced returns the origins of the result of std.strReplace: the call, the text, and the
// text that replaced a part of it.
func (t *tracer) replaced(m *made) []Origin {
	a := m.operands
	found := append(m.at.origin(), t.part(a[0])...)
	if strings.Contains(t.str(t.value(a[0]), m.at).String(), t.str(t.value(a[1]), m.at).String()) {
		found = append(found, t.part(a[2])...)
	}
	return found
}

// joined returns the origins of the result of std.join: the call, and the parts of a string.
func (t *tracer) joined(m *made) []Origin {
	a, found := m.operands, m.at.origin()
	list, ok := t.value(a[1]).ref.(*array)
	if !ok {
		return found
	}
	found = append(found, t.part(a[1])...)
	joints := -1
	for _, e := range list.elements {
		if t.force(e, duringManifestation).ref != nullRef {
			joints++
		}
	}
	if joints > 0 {
		found = append(found, t.part(a[0])...)
	}
	return found
}

// formatted returns the origins of a text made by a format: the call, the format, and the
// values that it shows.
func (t *tracer) formatted(m *made) []Origin {
	a, found := m.operands, m.at.origin()
	format, ok := t.value(a[0]).ref.(*str)
	if !ok {
		return found
	}
	found = append(found, t.part(a[0])...)
	o, ok := t.value(a[1]).ref.(*object)
	if !ok {
		return append(found, t.part(a[1])...)
	}
	_, directives, ok := t.parseFormat(format.String(), m.at)
	if !ok {
		return found
	}
	for i := range directives {
		if w, ok := t.find(o, 0, directives[i].Key); ok && directives[i].HasKey {
			if v := t.fieldAt(o, w, m.at); isContainer(v) {
				found = append(found, PartOf.of(t.inside(v, nil))...)
			} else {
				found = append(found, PartOf.of(t.read(o, w))...)
			}
		}
	}
	return found
}
