package jsonnet

import (
	"io"
	"weak"

	"github.com/google/go-jsonnet/ast"
)

// Extent is how much of a field there is in an outline.
type Extent int

const (
	// Omitted is nothing: the field is not evaluated.
	Omitted Extent = iota
	// Outlined is an outline of the field, Whole all of it.
	Outlined
	Whole
)

// Cut says what of an object there is in an outline: how much of each field, and
// whether the object is apart, see [Result.Release]. look returns the value of a
// visible field, nil where there is none; of an object it is an empty map, of an
// array an empty slice.
type Cut func(look func(name string) any) (extent func(name string) Extent, apart bool)

// Outline returns the value as [Result.Value] does, but of the objects in it only
// what cut says. Functions are nil. What is left out is not evaluated.
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

// Part returns the field of the object at a path, as Value has it there, nil where
// there is no visible one. What leads to the object counts as outlined: if it is
// evaluated anew, nothing of that is traced.
//
// An error is that of this part: others may be in order.
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

// follow calls f with the part of a value at a path, and with the step that leads
// to it, in the midst of writing the value.
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

// Release lets go of what has been computed of the objects that are apart, and of
// those that Part was asked for: it is evaluated anew where it is needed again.
// What is around them stays.
func (r *Result) Release() {
	for _, h := range r.held {
		h.release()
	}
	r.held = nil
	r.releasePart()
}

// held is an object that is to be released, and where it is kept.
type held struct {
	object *object
	pins   []pin
}

// release makes of the object what it was before its fields were computed, and of
// what keeps it what it was before the object was.
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

// parts is what Release knows of the values that Part has returned. They may stand
// above the objects that they are parts of, and be kept there: by a field, as the
// content of an imported file.
type parts struct {
	now  held
	last weak.Pointer[object]
	pins []pin
	// shared are those that were parts of several objects.
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
		// The variables of others may be the object's own: it would live on by them.
		if p.env == nil && p.owner != of {
			h.pins = append(h.pins, p)
		}
	}
	r.parts.now = h
}

// releasePart lets go of the last part but one. Where the last is the same, it is
// one that objects share, and stays for the next.
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

// watch is what an evaluation notes of where objects are kept.
type watch struct {
	on   bool
	pins map[*object][]pin
}

// pin is a place where an evaluation keeps an object that it has computed: a
// thunk, with the variables that it had, or a field.
type pin struct {
	thunk *thunk
	env   *env
	owner *object
	slot  int
}

// undo makes of a place what it was before its value was computed.
func (p pin) undo() {
	if p.thunk != nil {
		p.thunk.value, p.thunk.env = value{}, p.env
		return
	}
	if p.owner.values != nil {
		p.owner.values[p.slot] = value{}
	}
}

// note notes that a value is kept in a place.
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
