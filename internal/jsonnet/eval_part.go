package jsonnet

import (
	"io"
	"weak"

	"github.com/google/go-jsonnet/ast"
)

// Extent is the part of a field that is in an outline.
type Extent int

const (
	// Omitted is nothing: the field is not evaluated.
	Omitted Extent = iota
	// Outlined is an outline of the field, Whole its whole value.
	Outlined
	Whole
)

// Cut says how much of each field of an object is in an outline, and whether the object is
// apart, see [Result.Release]. look returns the value of a visible field, nil if there is
// none or it is a function. It returns an empty map for an object, an empty slice for an
// array.
type Cut func(look func(name string) any) (extent func(name string) Extent, apart bool)

// Outline returns the value as [Result.Value] does, but only the fields of objects that cut
// asks for. Functions are nil. Omitted fields are not evaluated.
func (r *Result) Outline(cut Cut) (any, error) {
	r.ev.watched, r.ev.expanded = r.early, expansion{}
	r.early = watch{}
	var v any
	err := r.locate(r.ev.guard(r.ev.profiler.during(manifestation, func() { v = r.outline(r.value, duringManifestation, cut) })))
	r.ev.watched = watch{}
	return v, err
}

func (r *Result) outline(v value, at *site, cut Cut) any {
	ev := r.ev
	depth := ev.depth
	var out any
	switch ref := v.ref.(type) {
	case *array:
		ev.push(at)
		list := make([]any, len(ref.elements))
		here := newStep(atElement, nil)
		for i, t := range ref.elements {
			here.begin.line = int32(i)
			list[i] = r.outline(ev.force(t, here), here, cut)
		}
		out = list
		ev.pop(depth)
	case *object:
		ev.push(at)
		out = r.outlineObject(ref, cut)
		ev.pop(depth)
	case *function:
	default:
		out = ev.toGo(v, at)
	}
	return out
}

func (r *Result) outlineObject(o *object, cut Cut) any {
	ev := r.ev
	ev.assert(o, checkingAssertions)
	shape := ev.shapeOf(o)
	here := newStep(atField, nil)
	field := func(name string) value {
		here.context = &name
		w, _ := ev.find(o, 0, name)
		return ev.fieldAt(o, w, here)
	}
	extent, apart := cut(func(name string) any {
		if hide, ok := ev.visibility(o, name); !ok || hide == ast.ObjectFieldHidden {
			return nil
		}
		switch v := field(name); v.ref.(type) {
		case *array:
			return []any{}
		case *object:
			return map[string]any{}
		case *function:
			return nil
		default:
			return ev.toGo(v, here)
		}
	})
	fields := map[string]any{}
	for _, e := range shape.visible {
		name := shape.entries[e].name
		switch extent(name) {
		case Outlined:
			fields[name] = r.outline(field(name), here, cut)
		case Whole:
			fields[name] = ev.toGo(field(name), here)
		}
	}
	if apart {
		r.hold(o)
	}
	return fields
}

// Part returns a field of the object at a path, as Value does, or nil if there is no
// visible field of that name. The way to the object counts as outlined: if it is evaluated
// again, Trace does not receive its output again.
//
// An error is about this part only: other parts may have none.
func (r *Result) Part(path []any, name string) (any, error) {
	ev := r.ev
	var out any
	err := r.locate(ev.guard(ev.profiler.during(manifestation, func() {
		ev.watched.on, ev.trace, ev.expanded = true, io.Discard, expansion{}
		ev.follow(r.value, path, duringManifestation, func(v value, at *site) {
			ev.trace = r.trace
			o := ev.object(v, at)
			r.hold(o)
			if hide, ok := ev.visibility(o, name); !ok || hide == ast.ObjectFieldHidden {
				return
			}
			ev.follow(v, []any{name}, at, func(v value, at *site) {
				r.holdPart(o, v)
				ev.watched = watch{}
				out = ev.toGo(v, at)
			})
		})
	})))
	ev.watched, ev.trace = watch{}, r.trace
	return out, err
}

// follow calls f with the part of a value at a path, and with the step that leads to it, as
// if the value were being written.
func (ev *evaluator) follow(v value, path []any, at *site, f func(v value, at *site)) {
	if len(path) == 0 {
		f(v, at)
		return
	}
	depth := ev.depth
	ev.push(at)
	switch step := path[0].(type) {
	case string:
		o := ev.object(v, at)
		ev.assert(o, checkingAssertions)
		w, ok := ev.find(o, 0, step)
		if !ok {
			ev.failf(at, "Field does not exist: %s", step)
		}
		here := newStep(atField, &step)
		ev.follow(ev.fieldAt(o, w, here), path[1:], here, f)
	case int:
		a := ev.array(v, at)
		if step < 0 || step >= len(a.elements) {
			ev.failf(at, "Index %d out of bounds, not within [0, %d)", step, len(a.elements))
		}
		here := newStep(atElement, nil)
		here.begin.line = int32(step)
		ev.follow(ev.force(a.elements[step], here), path[1:], here, f)
	}
	ev.pop(depth)
}

// Release frees the computed fields of the objects that are apart, and of those for which
// Part was called. They are evaluated again when they are needed again. The values around
// them stay.
func (r *Result) Release() {
	for _, h := range r.held {
		h.release()
	}
	r.held = nil
	r.releasePart()
}

// held is an object to release, and the places that keep it.
type held struct {
	object *object
	pins   []pin
}

// release resets the object to the state before its fields were computed, and the places
// that keep it to the state before the object was computed.
func (h held) release() {
	for _, p := range h.pins {
		p.undo()
	}
	h.object.values, h.object.bound = nil, nil
}

// hold notes an object for Release.
func (r *Result) hold(o *object) {
	r.held = append(r.held, held{o, append(r.early.pins[o], r.ev.watched.pins[o]...)})
	delete(r.early.pins, o)
}

// parts has the values that Part has returned, for Release. Such a value may be kept
// outside of the object that has it as a field: by another field, or as the value of an
// imported file.
type parts struct {
	now  held
	last weak.Pointer[object]
	pins []pin
	// shared are the values that were parts of several objects.
	shared map[weak.Pointer[object]]bool
}

// holdPart notes a part of an object for Release.
func (r *Result) holdPart(of *object, v value) {
	o, ok := v.ref.(*object)
	if !ok {
		return
	}
	h := held{object: o}
	for _, p := range r.ev.watched.pins[o] {
		// The variables of other values may be the object's own, which would then stay alive.
		if p.env == nil && p.owner != of {
			h.pins = append(h.pins, p)
		}
	}
	r.parts.now = h
}

// releasePart releases the part before the last. If it is the same object as the last,
// several objects share it, and it stays for the next.
func (r *Result) releasePart() {
	p := &r.parts
	if p.now.object == nil {
		return
	}
	now := weak.Make(p.now.object)
	switch last := p.last.Value(); {
	case last == p.now.object:
		p.shared[now] = true
		p.now.pins = p.pins
	case last != nil && !p.shared[p.last]:
		held{last, p.pins}.release()
	}
	p.now, p.last, p.pins = held{}, now, p.now.pins
}

// watch notes the places where an evaluation keeps objects.
type watch struct {
	on   bool
	pins map[*object][]pin
}

// pin is a place where an evaluation keeps a computed object: a thunk, with the variables
// that it had, or a field.
type pin struct {
	thunk *thunk
	env   *env
	owner *object
	slot  int
}

// undo resets a place to the state before its value was computed.
func (p pin) undo() {
	if p.thunk != nil {
		p.thunk.value, p.thunk.env = value{}, p.env
		return
	}
	if p.owner.values != nil {
		p.owner.values[p.slot] = value{}
	}
}

// note notes that a place keeps a value.
func (w *watch) note(v value, p pin) {
	o, ok := v.ref.(*object)
	if !ok {
		return
	}
	if w.pins == nil {
		w.pins = map[*object][]pin{}
	}
	w.pins[o] = append(w.pins[o], p)
}
