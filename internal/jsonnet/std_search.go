package jsonnet

import "strings"

// searchNatives are the functions that look for elements and sum them up.
func searchNatives() []*native {
	return []*native{
		newNative("member(arr, x)", func(ev *evaluator, a []value, at *site) value { return boolean(ev.member(a[0], a[1], at)) }),
		newNative("contains(arr, elem)", func(ev *evaluator, a []value, at *site) value {
			return boolean(ev.position(ev.array(a[0], at), a[1], at) >= 0)
		}),
		newNative("remove(arr, elem)", func(ev *evaluator, a []value, at *site) value {
			arr := ev.array(a[0], at)
			if i := ev.position(arr, a[1], at); i >= 0 {
				return ev.removeAt(arr, i, at)
			}
			return a[0]
		}),
		newNative("count(arr, &x)", count),
		newNative("find(&value, arr)", find),
		newNative("all(arr) boolean", func(ev *evaluator, a []value, at *site) value { return ev.quantify("all", false, a, at) }),
		newNative("any(arr) boolean", func(ev *evaluator, a []value, at *site) value { return ev.quantify("any", true, a, at) }),
		newNative("sum(*arr)", func(ev *evaluator, a []value, at *site) value {
			return number(ev.sum(ev.array(a[0], at), at))
		}),
		newNative("avg(arr)", avg),
		newNative("minArray(arr, keyF=, onEmpty=) any", func(ev *evaluator, a []value, at *site) value { return ev.extreme(a, -1, at) }),
		newNative("maxArray(arr, keyF=, onEmpty=) any", func(ev *evaluator, a []value, at *site) value { return ev.extreme(a, 1, at) }),
	}
}

// position returns the index of the first element that equals v, -1 for none.
func (ev *evaluator) position(arr *array, v value, at *site) int {
	for i, t := range arr.elements {
		if ev.equals(ev.force(t, at), v, at) {
			return i
		}
		ev.work(1, at)
	}
	return -1
}

func (ev *evaluator) member(in, v value, at *site) bool {
	switch r := in.ref.(type) {
	case *str:
		return strings.Contains(r.String(), ev.str(v, at).String())
	case *array:
		return ev.position(r, v, at) >= 0
	}
	ev.fail(at, "std.member first argument must be an array or a string")
	return false
}

func count(ev *evaluator, a []value, at *site) value {
	n := 0
	for _, t := range ev.array(a[0], at).elements {
		v := ev.force(t, at)
		if ev.equals(v, ev.argument(a[1], at), at) {
			n++
		}
		ev.work(1, at)
	}
	return number(float64(n))
}

func find(ev *evaluator, a []value, at *site) value {
	arr, ok := a[1].ref.(*array)
	if !ok {
		return ev.written("find", a, at)
	}
	var found []value
	for i, t := range arr.elements {
		v := ev.force(t, at)
		if ev.equals(v, ev.argument(a[0], at), at) {
			found = append(found, number(float64(i)))
		}
		ev.work(1, at)
	}
	return readyArray(found)
}

// quantify looks for an element that decides the result.
func (ev *evaluator) quantify(name string, decisive bool, a []value, at *site) value {
	arr, ok := a[0].ref.(*array)
	if !ok {
		return ev.written(name, a, at)
	}
	for _, t := range arr.elements {
		v := ev.force(t, at)
		if v.ref != booleanRef {
			return ev.written(name, a, at)
		}
		if v == boolean(decisive) {
			return v
		}
		ev.work(1, at)
	}
	return boolean(!decisive)
}

// sum may return an infinite sum, as in go-jsonnet.
func (ev *evaluator) sum(arr *array, at *site) float64 {
	sum := 0.0
	for _, t := range arr.elements {
		sum += ev.number(ev.force(t, at), at)
		ev.work(1, at)
	}
	return sum
}

func avg(ev *evaluator, a []value, at *site) value {
	arr := ev.array(a[0], at)
	if len(arr.elements) == 0 {
		ev.fail(at, "Cannot calculate average of an empty array.")
	}
	return number(ev.sum(arr, at) / float64(len(arr.elements)))
}

// extreme returns the first of the elements with the least key for a sign of -1, or with
// the greatest key for 1.
func (ev *evaluator) extreme(a []value, sign int, at *site) value {
	arr := ev.array(a[0], at)
	key := ev.keyFunction(a[1], at)
	if len(arr.elements) == 0 {
		if !a[2].given() {
			ev.fail(at, "Expected at least one element in array. Got none")
		}
		return a[2]
	}
	var best, bestKey value
	for i, t := range arr.elements {
		v := ev.force(t, at)
		k := ev.key(key, t, at)
		if i == 0 || ev.compare(bestKey, k, at)*sign < 0 {
			best, bestKey = v, k
		}
		ev.work(1, at)
	}
	return best
}
