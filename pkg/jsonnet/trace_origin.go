package jsonnet

import (
	"context"
	"io"
	"slices"

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
	// literal is set for the expression of a constant.
	literal bool
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

// Tracer tells where the value of a program comes from. It is not safe for
// concurrent use.
type Tracer struct {
	cache *Cache
	ctx   context.Context
	in    Input
	// tracer is nil before the first question.
	tracer *tracer
}

// Tracer returns one for the program of r, of which it keeps nothing.
func (r *Result) Tracer() *Tracer {
	return &Tracer{cache: r.ev.cache, ctx: r.ev.bounds.ctx, in: r.in}
}

// Origins returns where the part of the value at a path comes from: a string in
// the path is the name of a field, an int the index of an element; no path is
// the whole value. The first origin is the most derived field's. Each that sets
// the value or adds to it is followed by the places that its value comes from, as
// far as they can be told, and then by what it adds to.
//
// Places that are not visible are left out; nil is for all that stand in a
// source. A part that has no other is told to be from where what holds it comes
// from. There are none for a path that leads nowhere.
//
// The first call begins to evaluate the program again, as far as the paths need
// it: that an origin may be asked for costs nothing before. The budget of the
// context of the Result bounds that, too.
func (t *Tracer) Origins(visible func(ast.LocationRange) bool, path ...any) ([]Origin, error) {
	if t.tracer == nil {
		in := t.in
		in.Trace, in.Warn, in.Parts, in.traced = io.Discard, nil, false, true
		ev := t.cache.newEvaluator(t.ctx, in)
		var whole value
		if err := ev.guard(ev.profiler.during(finding, func() { whole = ev.program(in) })); err != nil {
			return nil, err
		}
		t.tracer = &tracer{evaluator: ev, holders: []holder{{value: whole}}}
	}
	var origins []Origin
	ev := t.tracer
	err := ev.guard(ev.profiler.during(finding, func() { origins = ev.at(path, visible, mostSteps) }))
	if err != nil {
		// It leads too deep, perhaps: the place itself is known.
		err = ev.guard(ev.profiler.during(finding, func() { origins = ev.at(path, visible, 0) }))
	}
	return origins, err
}

// Release lets go of what was evaluated: the next call of Origins begins anew.
func (t *Tracer) Release() { t.tracer = nil }

// holder is the field or element that a step of a path leads to, or the whole.
type holder struct {
	step  any
	value value

	object  *object
	place   place
	element *thunk
}

// at returns the visible origins of what is at a path, or of what is around it,
// followed for some steps.
func (t *tracer) at(path []any, visible func(ast.LocationRange) bool, steps int) []Origin {
	t.depth = 0
	if !t.lead(path) {
		return nil
	}
	for i := len(path); i >= 0; i-- {
		h := &t.holders[i]
		t.steps = steps
		var found []Origin
		switch {
		case h.object != nil && i < len(path):
			found = t.fieldWith(h.object, h.place, &t.holders[i+1])
		case h.object != nil:
			found = t.field(h.object, h.place)
		case h.element != nil:
			found = t.thunk(h.element)
		default:
			found = t.code(t.main, nil, h.value)
		}
		if found = shown(found, visible); len(found) > 0 {
			return found
		}
	}
	return nil
}

// lead sets the holders to those of a path, of which those of the path before may
// be the beginning. It reports whether the path leads to something.
func (t *tracer) lead(path []any) bool {
	known := 0
	for known < len(path) && known+1 < len(t.holders) && t.holders[known+1].step == path[known] {
		known++
	}
	t.holders = t.holders[:known+1]
	for _, step := range path[known:] {
		h := holder{step: step}
		switch r := t.holders[len(t.holders)-1].value.ref.(type) {
		case *object:
			name, ok := step.(string)
			if !ok {
				return false
			}
			if h.place, ok = t.find(r, 0, name); !ok {
				return false
			}
			h.object, h.value = r, t.fieldAt(r, h.place, duringManifestation)
		case *array:
			i, ok := step.(int)
			if !ok || i < 0 || i >= len(r.elements) {
				return false
			}
			h.element = r.elements[i]
			h.value = t.force(h.element, duringManifestation)
		default:
			return false
		}
		t.holders = append(t.holders, h)
	}
	return true
}

// shown returns the origins that are visible, each place once. The first of them
// sets the value where it only hands it on.
func shown(origins []Origin, visible func(ast.LocationRange) bool) []Origin {
	out := make([]Origin, 0, min(len(origins), mostOrigins))
	var seen map[Origin]bool
	if len(origins) > fewFields {
		seen = map[Origin]bool{}
	}
	// hidden is the effect of one that is not visible, whose place the next takes.
	hidden := From
	for _, o := range origins {
		own := o.Effect == Sets || o.Effect == AddsTo
		if visible != nil && o.Location.IsSet() && !visible(o.Location) {
			if own {
				hidden = o.Effect
			}
			continue
		}
		if !own && hidden != From {
			o.Effect = hidden
		}
		hidden = From
		if seen == nil && slices.ContainsFunc(out, func(before Origin) bool { return before.place() == o.place() }) {
			continue
		}
		if seen != nil {
			if seen[o.place()] {
				continue
			}
			seen[o.place()] = true
		}
		if len(out) == 0 && o.Effect != AddsTo {
			o.Effect = Sets
		}
		if out = append(out, o); len(out) == mostOrigins {
			break
		}
	}
	return out
}

// place returns the origin without what it does.
func (o Origin) place() Origin {
	o.Effect, o.literal = Sets, false
	return o
}

// fieldWith returns the origins of the definition of a field, among those that
// +: brings together, that gave a part of its value.
func (t *tracer) fieldWith(o *object, w place, part *holder) []Origin {
	layer := part.place.layer
	if i, ok := part.step.(int); ok {
		layer = i
	}
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
