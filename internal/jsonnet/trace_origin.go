package jsonnet

import (
	"context"
	"io"
	"slices"

	"github.com/google/go-jsonnet/ast"
)

// Origin is a place that made a part of a result.
type Origin struct {
	// Location is the place of an expression. In a file that was imported as text, it has
	// only the file and perhaps the line. It is not set for a variable.
	Location ast.LocationRange
	// ExtVar or TLA is the name of the external variable or top-level argument that gave the
	// value, else "".
	ExtVar, TLA string
	Effect      Effect
	// literal is set for the expression of a constant.
	literal bool
}

// Effect says how an origin contributes to the value.
type Effect uint8

const (
	// Sets is the effect of the expression of the field or element.
	Sets Effect = iota
	// AddsTo is the effect of the expression of a field with +:. It adds to the value of the
	// next origin with the effect Sets or AddsTo.
	AddsTo
	// From is the effect of an expression whose value the origin before it passes on.
	From
	// PartOf is the effect of an expression from whose value the origin before it makes its
	// own, alone or with the origins after it.
	PartOf
)

// mostOrigins is the maximal number of origins of a part. Texts can be made of thousands of
// values.
const mostOrigins = 500

// Tracer finds the origins of the value of a program. It is not safe for concurrent use.
type Tracer struct {
	cache *Cache
	ctx   context.Context
	in    Input
	// tracer is nil before the first call of Origins.
	tracer *tracer
}

// Tracer returns a Tracer for the program of r. It keeps nothing of r's value.
func (r *Result) Tracer() *Tracer {
	return &Tracer{cache: r.ev.cache, ctx: r.ev.bounds.ctx, in: r.in}
}

// Origins returns the origins of the part of the value at a path: a string in the path is
// the name of a field, an int the index of an element. An empty path is the whole value.
// The first origin is that of the most derived field. After each origin that sets the value
// or adds to it come the known origins of its value, and then those of the value that it
// adds to. There are at most 500.
//
// Places that are not visible are left out; nil includes all that are in a source. A part
// without origins gets those of the value around it. There are none for a path that leads
// nowhere.
//
// The first call evaluates the program again, as far as the paths need it, so that origins
// cost nothing if nobody asks for them. The budget of the context of the Result limits that
// evaluation. The error is as of [Cache.Eval].
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
		// The way to its origins may be too long, but the place itself is known.
		err = ev.guard(ev.profiler.during(finding, func() { origins = ev.at(path, visible, 0) }))
	}
	return origins, err
}

// Release frees the evaluation. The next call of Origins begins again.
func (t *Tracer) Release() { t.tracer = nil }

// holder is the field or element to which a step of a path leads, or the whole value.
type holder struct {
	step  any
	value value

	object  *object
	place   place
	element *thunk
}

// at returns the visible origins of the value at a path, or of the nearest value around it
// that has some, followed for some steps.
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

// lead sets the holders to those of a path. It keeps those of the path before as far as the
// paths are the same. It reports whether the path leads to a value.
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

// shown returns the visible origins, each place once. The first of them sets the value if
// it only passes it on.
func shown(origins []Origin, visible func(ast.LocationRange) bool) []Origin {
	out := make([]Origin, 0, min(len(origins), mostOrigins))
	var seen map[Origin]bool
	if len(origins) > fewFields {
		seen = map[Origin]bool{}
	}
	// hidden is the effect of an invisible origin whose place the next one takes.
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

// place returns the origin without its effect.
func (o Origin) place() Origin {
	o.Effect, o.literal = Sets, false
	return o
}

// fieldWith returns the origins of a field's definition that has the part: +: can join
// several definitions.
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

// origin returns the site as an origin that passes a value on, nothing if it is in no
// source.
func (s *site) origin() []Origin {
	if s == nil || s.file == nil || s.begin.line == 0 {
		return nil
	}
	if s.file.source != nil && s.file.source.DiagnosticFileName == standardFile {
		return nil
	}
	return []Origin{{Location: s.location(), Effect: From}}
}
