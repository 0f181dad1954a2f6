package jsonnet

import (
	"io"

	"github.com/google/go-jsonnet/ast"
)

// Origin is a place that made a part of a result what it is.
type Origin struct {
	// Location is that of an expression. Where it is in a file that was imported
	// as text only the file and perhaps the line are set. It is not set for a
	// variable.
	Location ast.LocationRange
	// ExtVar or TLA is the name of the external variable or top-level argument
	// that gave the value, else "".
	ExtVar, TLA string
	Effect      Effect
}

// Effect tells what an origin has to do with the value.
type Effect uint8

const (
	// Sets is the effect of the expression that the field or element has.
	Sets Effect = iota
	// AddsTo is that of the expression of a field with +:, which adds to what the
	// origins from the next one on make that sets it or adds to it too.
	AddsTo
	// From is the effect of an expression whose value the one before hands on.
	From
	// PartOf is that of an expression whose value the one before makes its own of,
	// alone or with those after it.
	PartOf
)

// mostOrigins is how many origins a part has at most: texts can be made of
// thousands of values.
const mostOrigins = 500

// Origins returns where the part of the value at a path comes from: a string in
// the path is the name of a field, an int the index of an element; no path is
// the whole value. The first origin is the most derived field's. Each that sets
// the value or adds to it is followed by the places that its value comes from, as
// far as they can be told, and then by what it adds to.
//
// Places that are not visible are left out; nil is for all that stand in a source. A part that has no other is told to
// be from where what holds it comes from. There are none for a path that leads
// nowhere.
//
// To tell them, the first call begins to evaluate the program again, as far as
// the paths need it: that an origin may be asked for costs nothing before. The
// time and memory of the [Input] bound that evaluation anew.
func (r *Result) Origins(visible func(ast.LocationRange) bool, path ...any) ([]Origin, error) {
	if r.tracer == nil {
		in := r.in
		in.Trace, in.Warn, in.Parts, in.traced = io.Discard, nil, false, true
		ev := r.ev.cache.newEvaluator(r.ev.budget.ctx, in)
		t := &tracer{evaluator: ev}
		err := ev.guard(ev.profiler.during(finding, func() { t.whole = ev.program(in) }))
		if err != nil {
			return nil, err
		}
		r.tracer = t
	}
	var origins []Origin
	t := r.tracer
	err := t.guard(t.profiler.during(finding, func() { origins = t.at(path, visible) }))
	return origins, err
}

// holder is the field or element that a step of a path leads to, or the whole.
type holder struct {
	object  *object
	place   place
	element *thunk
	// layer is the layer or element of its value that the next step leads to.
	layer int
}

// at returns the visible origins of what is at a path, or of what is around it.
func (t *tracer) at(path []any, visible func(ast.LocationRange) bool) []Origin {
	v := t.whole
	holders := []holder{{}}
	for _, step := range path {
		last := &holders[len(holders)-1]
		switch r := v.ref.(type) {
		case *object:
			name, ok := step.(string)
			if !ok {
				return nil
			}
			w, ok := t.find(r, 0, name)
			if !ok {
				return nil
			}
			last.layer = w.layer
			holders = append(holders, holder{object: r, place: w})
			v = t.fieldAt(r, w, duringManifestation)
		case *array:
			i, ok := step.(int)
			if !ok || i < 0 || i >= len(r.elements) {
				return nil
			}
			last.layer = i
			holders = append(holders, holder{element: r.elements[i]})
			v = t.force(r.elements[i], duringManifestation)
		default:
			return nil
		}
	}
	for i := len(holders) - 1; i >= 0; i-- {
		h := &holders[i]
		t.steps = mostSteps
		var found []Origin
		switch {
		case h.object != nil && i < len(holders)-1:
			found = t.fieldWith(h.object, h.place, h.layer)
		case h.object != nil:
			found = t.field(h.object, h.place)
		case h.element != nil:
			found = t.thunk(h.element)
		default:
			found = t.code(t.main, nil, t.whole)
		}
		if found = shown(found, visible); len(found) > 0 {
			return found
		}
	}
	return nil
}

// shown returns the origins that are visible, each place once. The first of them
// sets the value where it only hands it on.
func shown(origins []Origin, visible func(ast.LocationRange) bool) []Origin {
	var out []Origin
	seen := map[Origin]bool{}
	for _, o := range origins {
		if visible != nil && o.Location.IsSet() && !visible(o.Location) {
			continue
		}
		key := o
		key.Effect = Sets
		if seen[key] {
			continue
		}
		seen[key] = true
		if len(out) == 0 && o.Effect != AddsTo {
			o.Effect = Sets
		}
		if out = append(out, o); len(out) == mostOrigins {
			break
		}
	}
	return out
}

// fieldWith returns the origins of the definition of a field, among those that
// +: brings together, that gave a layer or element of its value.
func (t *tracer) fieldWith(o *object, w place, layer int) []Origin {
	for {
		f := &o.layers[w.layer].fields.fields[w.field]
		below, ok := t.find(o, w.layer+1, f.name)
		if !f.plus || !ok {
			return t.definition(o, w)
		}
		switch r := t.fieldCode(o, w, f).ref.(type) {
		case *object:
			if layer < int(r.size) {
				return t.definition(o, w)
			}
			layer -= int(r.size)
		case *array:
			under, ok := t.fieldAt(o, below, f.site).ref.(*array)
			if !ok || layer >= len(under.elements) {
				return t.definition(o, w)
			}
		}
		w = below
	}
}

// origin returns the site as an origin that hands a value on, none where it is in
// no source.
func (s *site) origin() []Origin {
	if s == nil || s.file == nil || s.begin.line == 0 {
		return nil
	}
	if s.file.source != nil && s.file.source.DiagnosticFileName == standardFile {
		return nil
	}
	return []Origin{{Location: s.location(), Effect: From}}
}
