package jsonnet

import (
	"math"
	"strings"
)

// repeat uses std.jsonnet for a value that is neither string nor array.
func repeat(ev *evaluator, a []value, at *site) value {
	switch what := a[0].ref.(type) {
	case *str:
		n := max(0, ev.integer(ev.argument(a[1], at), at))
		ev.reserve(float64(n)*float64(what.bytes), at)
		return text(strings.Repeat(what.String(), n))
	case *array:
		n := max(0, ev.integer(ev.argument(a[1], at), at))
		ev.reserve(8*float64(n)*float64(len(what.elements)), at)
		if len(what.elements) == 0 {
			return a[0]
		}
		out := make([]*thunk, 0, n*len(what.elements))
		for range n {
			out = append(out, what.elements...)
			ev.work(1, at)
		}
		return ev.grown(out)
	}
	return ev.written("repeat", a, at)
}

// slice uses std.jsonnet for wrong arguments, and for numbers that are not integers.
func slice(ev *evaluator, a []value, at *site) value {
	step, ok := ev.bound(a[3], 1, at)
	if !ok || step <= 0 {
		return ev.written("slice", a, at)
	}
	indexable := ev.argument(a[0], at)
	var n int
	switch r := indexable.ref.(type) {
	case *str:
		n = r.length()
	case *array:
		n = len(r.elements)
	default:
		return ev.written("slice", a, at)
	}
	from, ok := ev.bound(a[1], 0, at)
	if !ok {
		return ev.written("slice", a, at)
	}
	to, ok := ev.bound(a[2], n, at)
	if !ok {
		return ev.written("slice", a, at)
	}
	if from < 0 {
		from = max(0, n+from)
	}
	if to < 0 {
		to = n + to
	}
	to = min(to, n)
	from = min(from, max(to, 0))
	to = max(from, to)
	switch r := indexable.ref.(type) {
	case *str:
		if step == 1 {
			return value{ref: r.slice(from, to)}
		}
		var b strings.Builder
		for i := from; i < to; i += step {
			b.WriteString(r.at(i).String())
			ev.work(1, at)
		}
		ev.make(b.Len())
		return text(b.String())
	case *array:
		if step == 1 {
			return newArray(r.elements[from:to:to])
		}
		var out []*thunk
		for i := from; i < to; i += step {
			out = append(out, r.elements[i])
			ev.work(1, at)
		}
		return ev.grown(out)
	}
	return value{}
}

// bound returns an argument of slice, or otherwise for null. It returns false for a value
// that is no integer, or a very large one.
func (ev *evaluator) bound(argument value, otherwise int, at *site) (int, bool) {
	v := ev.argument(argument, at)
	if v.ref == nullRef {
		return otherwise, true
	}
	if !v.isNumber() || v.num != math.Trunc(v.num) || math.Abs(v.num) > math.MaxInt32 {
		return 0, false
	}
	return int(v.num), true
}
