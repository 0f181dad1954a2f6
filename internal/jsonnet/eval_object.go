package jsonnet

import (
	"slices"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/spelling"
)

// shapeOf returns the shape of o.
func (ev *evaluator) shapeOf(o *object) *shape {
	if o.shape != nil {
		return o.shape
	}
	if o.left != nil && o.size <= mostShared && !o.restricted {
		left, right := ev.shapeOf(o.left), ev.shapeOf(o.right)
		if left.shared && right.shared {
			pair := shapePair{left, right}
			s := ev.shapes[pair]
			if s == nil {
				s = ev.cache.shape(pair, o)
				ev.shapes[pair] = s
			}
			o.flatten()
			o.shape, o.left, o.right = s, nil, nil
			return s
		}
	}
	ev.reserve(layerBytes*float64(o.size), nil)
	layers := o.flatten()
	fields := 0
	for _, l := range layers {
		if l.fields == nil {
			fields += len(l.special.kept)
			continue
		}
		fields += len(l.fields.fields)
	}
	var merged *shape
	ev.away(fieldBytes*fields, nil, func() { merged = mergedShape(layers) })
	o.shape = merged
	o.left, o.right = nil, nil
	ev.work(int(o.size)+o.shape.slots, nil)
	return o.shape
}

// restrict returns an object with all fields of o except one.
func (ev *evaluator) restrict(o *object, without string) *object {
	s := ev.shapeOf(o)
	kept := make(map[string]ast.ObjectFieldHide, len(s.all))
	for _, e := range s.all {
		if s.entries[e].name != without {
			kept[s.entries[e].name] = s.entries[e].hide
		}
	}
	layers := append([]*layer{{special: &specialLayer{kept: kept, span: int(o.size)}}}, o.flatten()...)
	return &object{layers: layers, size: int32(len(layers)), restricted: true}
}

// find returns the most derived definition of a name in the layers from the index from on.
func (ev *evaluator) find(o *object, from int, name string) (place, bool) {
	s := o.shape
	if s == nil {
		s = ev.shapeOf(o)
	}
	if s.index == nil {
		if from > 0 {
			return place{}, false
		}
		i := o.layers[0].fields.find(name)
		return place{0, i, i}, i >= 0
	}
	e, ok := s.index[name]
	if !ok {
		return place{}, false
	}
	where := s.entries[e].where
	if from > 0 && len(where) > fewFields {
		// If each of many layers uses super, a linear search would take quadratic time.
		first, _ := slices.BinarySearchFunc(where, from, func(w place, from int) int { return w.layer - from })
		where = where[first:]
	}
	for _, w := range where {
		if w.layer < from {
			continue
		}
		if o.restricted && from < len(o.layers) {
			if l := o.layers[from]; l.fields == nil && w.layer <= from+l.special.span {
				if _, ok := l.special.kept[name]; !ok {
					continue
				}
			}
		}
		return w, true
	}
	return place{}, false
}

// visibility returns the visibility of a field, and whether the object has it.
func (ev *evaluator) visibility(o *object, name string) (ast.ObjectFieldHide, bool) {
	s := ev.shapeOf(o)
	if s.index == nil {
		i := o.layers[0].fields.find(name)
		if i < 0 {
			return 0, false
		}
		return o.layers[0].fields.fields[i].hide, true
	}
	e, ok := s.index[name]
	if !ok || s.entries[e].gone {
		return 0, false
	}
	return s.entries[e].hide, true
}

// names returns the sorted names of the visible fields, or of all.
func (ev *evaluator) names(o *object, hidden bool) []string {
	s := ev.shapeOf(o)
	list := s.visible
	if hidden {
		list = s.all
	}
	names := make([]string, len(list))
	for i, e := range list {
		names[i] = s.entries[e].name
	}
	return names
}

// get returns the value of a field, after the assertions.
func (ev *evaluator) get(o *object, name string, at *site) value {
	return ev.getFrom(o, 0, name, at)
}

// getFrom returns the value of a field as the layers from the index from on define it.
func (ev *evaluator) getFrom(o *object, from int, name string, at *site) value {
	ev.assert(o, at)
	if from >= int(o.size) {
		ev.fail(at, "Attempt to use super when there is no super class.")
	}
	w, ok := ev.find(o, from, name)
	if !ok {
		ev.reserve(4*float64(len(name)), at)
		ev.failWith(at, "Field does not exist: "+name, ev.absent(o, name))
	}
	return ev.fieldAt(o, w, at)
}

// absent returns the details of the error about a missing field.
func (ev *evaluator) absent(o *object, name string) Error {
	own := len(o.layers) > 0 && ev.std != nil && slices.Contains(o.layers, ev.std.layers[0])
	if !own {
		return Error{}
	}
	return Error{Code: failure.NoStandard, Values: map[string]any{"near": spelling.Suggest(name, ev.names(o, true))}}
}

// fieldAt returns the value of the field at a place.
func (ev *evaluator) fieldAt(o *object, w place, at *site) value {
	f := &o.layers[w.layer].fields.fields[w.field]
	if f.constant.given() && !f.plus {
		return f.constant
	}
	if o.values == nil {
		ev.make(valueBytes * o.shape.slots)
		o.values = make([]value, o.shape.slots)
	}
	if v := o.values[w.slot]; v.given() {
		return v
	}
	depth := ev.depth
	ev.push(at)
	var v value
	if f.plus {
		v = ev.plusField(o, w, f)
	} else {
		v = ev.fieldCode(o, w, f)
	}
	ev.pop(depth)
	if ev.watched.on {
		ev.watched.note(v, pin{owner: o, slot: w.slot})
	}
	o.values[w.slot] = v
	return v
}

// plusField returns the value of a field with +: the sum of the value in the layers below
// and its own.
func (ev *evaluator) plusField(o *object, w place, f *field) value {
	depth := ev.depth
	ev.push(f.site)
	right := ev.fieldCode(o, w, f)
	ev.pop(depth)
	below, ok := ev.find(o, w.layer+1, f.name)
	if !ok {
		return right
	}
	left := ev.fieldAt(o, below, f.site)
	return ev.plus(left, right, f.site)
}

func (ev *evaluator) fieldCode(o *object, w place, f *field) value {
	if f.constant.given() {
		return f.constant
	}
	e := ev.variables(o, w.layer, w.field)
	fr := ev.enter(f.code, e)
	fr.self, fr.layer = o, w.layer
	v := f.code.body.eval(ev, fr)
	ev.leave(fr)
	return v
}

// variables returns the variables of a field of a layer of o: those of the layer, and the
// locals of the literal bound to o.
func (ev *evaluator) variables(o *object, i, field int) *env {
	l := o.layers[i]
	e := l.env
	if l.special != nil {
		e = l.special.envs[field]
	}
	if len(l.fields.locals) == 0 {
		return e
	}
	if l.special != nil {
		return ev.bind(o, i, e)
	}
	if o.bound == nil {
		bound := make([]*env, len(o.layers))
		o.bound = &bound
	}
	b := &(*o.bound)[i]
	if *b == nil {
		*b = ev.bind(o, i, e)
	}
	return *b
}

// bind returns e with the locals of a layer, which may use self and each other.
func (ev *evaluator) bind(o *object, i int, e *env) *env {
	locals := o.layers[i].fields.locals
	n := len(locals)
	if e != nil {
		n += len(e.vars)
	}
	ev.make(frameBytes + thunkBytes*n)
	b := newEnv(n)
	b.self, b.layer = o, i
	for j, code := range locals {
		if code == nil {
			b.vars[j] = ready(value{ref: o})
		} else {
			b.vars[j] = &thunk{code: code, env: b}
		}
	}
	if e != nil {
		copy(b.vars[len(locals):], e.vars)
	}
	return b
}

// assert checks the assertions of o once. They count as true while they read fields of o.
func (ev *evaluator) assert(o *object, at *site) {
	if o.asserted {
		return
	}
	o.asserted = true
	if !ev.shapeOf(o).asserted {
		return
	}
	ev.asserting = append(ev.asserting, o)
	for i, l := range o.flatten() {
		if l.fields == nil {
			continue
		}
		for _, code := range l.fields.asserts {
			e := ev.variables(o, i, 0)
			depth := ev.depth
			ev.push(at)
			fr := ev.enter(code, e)
			fr.self, fr.layer = o, i
			code.body.eval(ev, fr)
			ev.leave(fr)
			ev.pop(depth)
		}
	}
	ev.asserting = ev.asserting[:len(ev.asserting)-1]
}
