package jsonnet

import "strings"

// arrayNatives are the functions that make and read arrays.
func arrayNatives() []*native {
	return []*native{
		newNative("makeArray(sz, func)", makeArray),
		newNative("range(from, to)", rangeArray),
		newNative("repeat(*what, &count) any", repeat),
		newNative("slice(&indexable, &index, &end, &step) any", slice),
		newNative("map(func, &arr)", mapArray),
		newNative("mapWithIndex(func, &arr)", mapWithIndex),
		newNative("filter(func, arr)", filter),
		newNative("filterMap(filter_func, &map_func, &arr)", filterMap),
		newNative("flatMap(func, arr) any", flatMap),
		newNative("$flatMapArray(func, arr)", func(ev *evaluator, a []value, at *site) value {
			ev.array(a[1], at)
			return flatMap(ev, a, at)
		}),
		newNative("foldl(func, arr, init)", foldl).from((*tracer).fold),
		newNative("foldr(func, arr, init)", foldr).from((*tracer).fold),
		newNative("join(sep, arr)", join).from((*tracer).joined),
		newNative("lines(*arr) string", lines),
		newNative("deepJoin(*arr) string", func(ev *evaluator, a []value, at *site) value {
			return ev.finished(ev.deepJoin(nil, a[0], at), at)
		}),
		newNative("reverse(arr) [any]", reverse),
		newNative("flattenArrays(arrs)", flattenArrays),
		newNative("flattenDeepArray(value) [any]", func(ev *evaluator, a []value, at *site) value {
			return newArray(ev.flattenDeep(nil, ready(a[0]), at))
		}),
		newNative("removeAt(arr, i)", func(ev *evaluator, a []value, at *site) value {
			return ev.removeAt(ev.array(a[0], at), ev.integer(a[1], at), at)
		}),
	}
}

// applied is the code of an element that is the result of a function for the variables in
// its env.
type applied struct {
	function *function
	at       *site
}

func (n *applied) eval(ev *evaluator, f *frame) value {
	return ev.call(n.function, n.at, f.env.vars...)
}

// applyLater returns an array of results of a function. Each is computed when it is first
// needed.
func (ev *evaluator) applyLater(fn *function, n int, at *site, arguments func(i int, to []*thunk), arity int) value {
	code := &unit{body: &applied{fn, at}, site: at}
	return newArray(ev.elements(n, at, func(i int, t *thunk) {
		t.code, t.env = code, newEnv(arity)
		arguments(i, t.env.vars)
	}))
}

// elements returns n elements, each made by set.
func (ev *evaluator) elements(n int, at *site, set func(i int, t *thunk)) []*thunk {
	ev.reserve(2*thunkBytes*float64(n), at)
	elements := make([]*thunk, n)
	// Allocate some at a time, so that no element keeps all of them alive.
	var block []thunk
	for i := range elements {
		if len(block) == 0 {
			block = make([]thunk, min(n-i, 64))
		}
		elements[i], block = &block[0], block[1:]
		set(i, elements[i])
		ev.work(1, at)
	}
	return elements
}

func makeArray(ev *evaluator, a []value, at *site) value {
	n := max(0, ev.integer(a[0], at))
	fn := ev.function(a[1], at)
	return ev.applyLater(fn, n, at, func(i int, to []*thunk) { to[0] = ready(number(float64(i))) }, 1)
}

func rangeArray(ev *evaluator, a []value, at *site) value {
	from, to := ev.integer(a[0], at), ev.integer(a[1], at)
	n := max(0, to-from+1)
	return newArray(ev.elements(n, at, func(i int, t *thunk) { t.value = number(float64(from + i)) }))
}

// items returns the elements of an array or the characters of a string.
func (ev *evaluator) items(v value, at *site) (elements []*thunk, ok bool) {
	switch r := v.ref.(type) {
	case *array:
		return r.elements, true
	case *str:
		return ev.characters(r, at), true
	}
	return nil, false
}

// characters returns the characters of a string as elements.
func (ev *evaluator) characters(s *str, at *site) []*thunk {
	ev.survey(s, at)
	return ev.elements(s.length(), at, func(i int, t *thunk) { t.value = value{ref: s.at(i)} })
}

func mapArray(ev *evaluator, a []value, at *site) value {
	fn, ok := a[0].ref.(*function)
	if !ok {
		return ev.written("map", a, at)
	}
	elements, ok := ev.items(ev.argument(a[1], at), at)
	if !ok {
		return ev.written("map", a, at)
	}
	return ev.applyLater(fn, len(elements), at, func(i int, to []*thunk) { to[0] = elements[i] }, 1)
}

func mapWithIndex(ev *evaluator, a []value, at *site) value {
	fn, ok := a[0].ref.(*function)
	if !ok {
		return ev.written("mapWithIndex", a, at)
	}
	elements, ok := ev.items(ev.argument(a[1], at), at)
	if !ok {
		return ev.written("mapWithIndex", a, at)
	}
	return ev.applyLater(fn, len(elements), at, func(i int, to []*thunk) {
		to[0], to[1] = ready(number(float64(i))), elements[i]
	}, 2)
}

func filter(ev *evaluator, a []value, at *site) value {
	arr := ev.array(a[1], at)
	return newArray(ev.filter(ev.function(a[0], at), arr.elements, at))
}

func (ev *evaluator) filter(fn *function, elements []*thunk, at *site) []*thunk {
	var kept []*thunk
	for _, t := range elements {
		if ev.boolean(ev.call(fn, at, t), at) {
			kept = append(kept, t)
		}
		ev.work(1, at)
	}
	return kept
}

func filterMap(ev *evaluator, a []value, at *site) value {
	choose, ok := a[0].ref.(*function)
	if !ok {
		return ev.written("filterMap", a, at)
	}
	fn, ok := ev.argument(a[1], at).ref.(*function)
	if !ok {
		return ev.written("filterMap", a, at)
	}
	arr, ok := ev.argument(a[2], at).ref.(*array)
	if !ok {
		return ev.written("filterMap", a, at)
	}
	kept := ev.filter(choose, arr.elements, at)
	return ev.applyLater(fn, len(kept), at, func(i int, to []*thunk) { to[0] = kept[i] }, 1)
}

func flatMap(ev *evaluator, a []value, at *site) value {
	fn := ev.function(a[0], at)
	switch over := a[1].ref.(type) {
	case *array:
		elements := make([]*thunk, 0, len(over.elements))
		for _, t := range over.elements {
			part := ev.array(ev.call(fn, at, t), at).elements
			ev.reserve(8*float64(len(part)), at)
			elements = append(elements, part...)
			ev.work(1, at)
		}
		return newArray(elements)
	case *str:
		var b []byte
		for _, t := range ev.characters(over, at) {
			b = ev.put(b, at, ev.str(ev.call(fn, at, t), at).String())
			ev.work(1+len(b)>>12, at)
		}
		return ev.finished(b, at)
	}
	ev.failf(at, "std.flatMap second param must be array / string, got %v", a[1].kind())
	return value{}
}

func foldl(ev *evaluator, a []value, at *site) value {
	fn := ev.function(a[0], at)
	elements, ok := ev.items(a[1], at)
	if !ok {
		ev.failf(at, "foldl second parameter should be string or array, got %v", a[1].kind())
	}
	result := a[2]
	for _, t := range elements {
		result = ev.call(fn, at, ready(result), t)
		ev.work(1, at)
	}
	return result
}

func foldr(ev *evaluator, a []value, at *site) value {
	fn := ev.function(a[0], at)
	elements, ok := ev.items(a[1], at)
	if !ok {
		ev.failf(at, "foldr second parameter should be string or array, got %v", a[1].kind())
	}
	result := a[2]
	for i := len(elements) - 1; i >= 0; i-- {
		result = ev.call(fn, at, elements[i], ready(result))
		ev.work(1, at)
	}
	return result
}

func join(ev *evaluator, a []value, at *site) value {
	arr := ev.array(a[1], at)
	switch sep := a[0].ref.(type) {
	case *str:
		return ev.joinStrings(sep, arr.elements, at)
	case *array:
		return ev.joinArrays(sep, arr.elements, at)
	}
	ev.failf(at, "join first parameter should be string or array, got %v", a[0].kind())
	return value{}
}

// joinStrings leaves out null, as joinArrays does.
func (ev *evaluator) joinStrings(sep *str, elements []*thunk, at *site) value {
	parts := make([]*str, 0, len(elements))
	size := 0.0
	for _, t := range elements {
		v := ev.force(t, at)
		if v.ref == nullRef {
			continue
		}
		s := ev.str(v, at)
		parts = append(parts, s)
		size += float64(s.bytes + sep.bytes)
		ev.work(1, at)
	}
	ev.reserve(size, at)
	var b strings.Builder
	b.Grow(int(size))
	for i, s := range parts {
		if i > 0 {
			b.WriteString(sep.String())
		}
		b.WriteString(s.String())
	}
	return text(b.String())
}

func (ev *evaluator) joinArrays(sep *array, elements []*thunk, at *site) value {
	var out []*thunk
	first := true
	for _, t := range elements {
		v := ev.force(t, at)
		if v.ref == nullRef {
			continue
		}
		part := ev.array(v, at)
		ev.reserve(8*float64(len(sep.elements)+len(part.elements)), at)
		if !first {
			out = append(out, sep.elements...)
		}
		first = false
		out = append(out, part.elements...)
		ev.work(1, at)
	}
	return newArray(out)
}

func lines(ev *evaluator, a []value, at *site) value {
	arr, ok := a[0].ref.(*array)
	if !ok {
		return ev.written("lines", a, at)
	}
	n := len(arr.elements)
	return ev.joinStrings(newStr("\n"), append(arr.elements[:n:n], ready(text(""))), at)
}

func (ev *evaluator) deepJoin(b []byte, v value, at *site) []byte {
	switch r := v.ref.(type) {
	case *str:
		return ev.put(b, at, ev.flat(r, at))
	case *array:
		depth := ev.depth
		ev.push(at)
		for _, t := range r.elements {
			b = ev.deepJoin(b, ev.force(t, at), at)
			ev.work(1, at)
		}
		ev.pop(depth)
		return b
	}
	ev.failf(at, "Expected string or array, got %v", v.kind())
	return nil
}

func reverse(ev *evaluator, a []value, at *site) value {
	elements := ev.array(a[0], at).elements
	n := len(elements)
	ev.reserve(8*float64(n), at)
	reversed := make([]*thunk, n)
	for i, t := range elements {
		reversed[n-1-i] = t
	}
	return newArray(reversed)
}

// flattenArrays uses std.jsonnet for a value that is no array of arrays.
func flattenArrays(ev *evaluator, a []value, at *site) value {
	arrays, ok := a[0].ref.(*array)
	if !ok {
		return ev.written("flattenArrays", a, at)
	}
	n := 0
	for _, t := range arrays.elements {
		part, ok := ev.force(t, at).ref.(*array)
		if !ok {
			return ev.written("flattenArrays", a, at)
		}
		n += len(part.elements)
		ev.work(1, at)
	}
	ev.reserve(8*float64(n), at)
	out := make([]*thunk, 0, n)
	for _, t := range arrays.elements {
		out = append(out, t.value.ref.(*array).elements...)
	}
	return newArray(out)
}

func (ev *evaluator) flattenDeep(out []*thunk, t *thunk, at *site) []*thunk {
	arr, ok := ev.force(t, at).ref.(*array)
	if !ok {
		ev.make(valueBytes)
		return append(out, t)
	}
	depth := ev.depth
	ev.push(at)
	for _, element := range arr.elements {
		out = ev.flattenDeep(out, element, at)
		ev.work(1, at)
	}
	ev.pop(depth)
	return out
}

func (ev *evaluator) removeAt(arr *array, i int, at *site) value {
	n := len(arr.elements)
	if i < 0 || i >= n {
		ev.failf(at, "Index %d out of bounds, not within [0, %v)", i, n)
	}
	ev.reserve(8*float64(n), at)
	out := make([]*thunk, 0, n-1)
	return newArray(append(append(out, arr.elements[:i]...), arr.elements[i+1:]...))
}
