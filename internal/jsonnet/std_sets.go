package jsonnet

import (
	"cmp"
	"slices"
	"sort"
	"strings"
)

// setNatives are the functions on sorted arrays.
func setNatives() []*native {
	return []*native{
		newNative("sort(arr, keyF=)", func(ev *evaluator, a []value, at *site) value {
			return elementsOf(ev.sorted(a, at))
		}),
		newNative("uniq(arr, &keyF=)", uniq),
		newNative("set(arr, keyF=)", set),
		newNative("setMember(&x, arr, &keyF=)", setMember),
		newNative("setUnion(a, &b, &keyF=)", setUnion),
		newNative("setInter(a, b, &keyF=)", setInter),
		newNative("setDiff(a, b, &keyF=)", setDiff),
	}
}

// keyFunction returns the function for a parameter keyF; nil is the identity.
func (ev *evaluator) keyFunction(v value, at *site) *function {
	if !v.given() {
		return nil
	}
	return ev.function(ev.argument(v, at), at)
}

// key returns the key of an element.
func (ev *evaluator) key(fn *function, t *thunk, at *site) value {
	if fn == nil {
		return ev.force(t, at)
	}
	return ev.call(fn, at, t)
}

type keyed struct {
	key     value
	element *thunk
}

func elementsOf(list []keyed) value {
	elements := make([]*thunk, len(list))
	for i := range list {
		elements[i] = list[i].element
	}
	return newArray(elements)
}

// sorted returns the elements of the array a[0] in the order of their keys.
func (ev *evaluator) sorted(a []value, at *site) []keyed {
	elements := ev.array(a[0], at).elements
	fn := ev.keyFunction(a[1], at)
	ev.reserve(32*float64(len(elements)), at)
	list := make([]keyed, len(elements))
	numbers, texts := true, true
	for i, t := range elements {
		k := ev.key(fn, t, at)
		list[i] = keyed{k, t}
		kind := k.kind()
		numbers, texts = numbers && kind == numberKind, texts && kind == stringKind
		ev.work(1, at)
	}
	switch {
	case numbers:
		slices.SortStableFunc(list, func(x, y keyed) int {
			ev.work(1, at)
			return cmp.Compare(x.key.num, y.key.num)
		})
	case texts:
		slices.SortStableFunc(list, func(x, y keyed) int {
			ev.work(1+x.key.ref.(*str).bytes>>12, at)
			return strings.Compare(x.key.ref.(*str).String(), y.key.ref.(*str).String())
		})
	default:
		sort.Stable(&byKey{ev, list, at})
	}
	return list
}

// byKey compares in the same order as go-jsonnet, because the message shows which two
// values cannot be compared.
type byKey struct {
	ev   *evaluator
	list []keyed
	at   *site
}

func (s *byKey) Len() int      { return len(s.list) }
func (s *byKey) Swap(i, j int) { s.list[i], s.list[j] = s.list[j], s.list[i] }
func (s *byKey) Less(i, j int) bool {
	s.ev.work(1, s.at)
	return s.ev.compare(s.list[i].key, s.list[j].key, s.at) < 0
}

func uniq(ev *evaluator, a []value, at *site) value {
	arr, ok := a[0].ref.(*array)
	if !ok {
		return ev.written("uniq", a, at)
	}
	if len(arr.elements) < 2 {
		return a[0]
	}
	fn := ev.keyFunction(a[1], at)
	kept := []*thunk{arr.elements[0]}
	last := ev.key(fn, arr.elements[0], at)
	for _, t := range arr.elements[1:] {
		k := ev.key(fn, t, at)
		if !ev.equals(last, k, at) {
			kept, last = append(kept, t), k
		}
		ev.work(1, at)
	}
	return newArray(kept)
}

func set(ev *evaluator, a []value, at *site) value {
	list := ev.sorted(a, at)
	var kept []keyed
	for _, k := range list {
		if len(kept) == 0 || !ev.equals(kept[len(kept)-1].key, k.key, at) {
			kept = append(kept, k)
		}
		ev.work(1, at)
	}
	return elementsOf(kept)
}

// pairing goes through two sorted arrays side by side.
type pairing struct {
	*evaluator
	a, b []*thunk
	// keyF is the argument for the parameter keyF.
	keyF       value
	at         *site
	i, j       int
	keyA, keyB value
	fn         *function
	started    bool
}

// more reports whether there are elements on both sides, and compares the current ones.
func (p *pairing) more() (order int, ok bool) {
	if p.i >= len(p.a) || p.j >= len(p.b) {
		return 0, false
	}
	if !p.started {
		p.started = true
		p.fn = p.keyFunction(p.keyF, p.at)
	}
	if !p.keyA.given() {
		p.keyA = p.key(p.fn, p.a[p.i], p.at)
	}
	if !p.keyB.given() {
		p.keyB = p.key(p.fn, p.b[p.j], p.at)
	}
	p.work(1, p.at)
	if p.equals(p.keyA, p.keyB, p.at) {
		return 0, true
	}
	if p.compare(p.keyA, p.keyB, p.at) < 0 {
		return -1, true
	}
	return 1, true
}

func (p *pairing) nextA() { p.i, p.keyA = p.i+1, value{} }
func (p *pairing) nextB() { p.j, p.keyB = p.j+1, value{} }

func setUnion(ev *evaluator, a []value, at *site) value {
	left, ok := a[0].ref.(*array)
	if !ok {
		return ev.written("setUnion", a, at)
	}
	right, ok := ev.argument(a[1], at).ref.(*array)
	if !ok {
		return ev.written("setUnion", a, at)
	}
	p := pairing{evaluator: ev, a: left.elements, b: right.elements, keyF: a[2], at: at}
	var out []*thunk
	for order, ok := p.more(); ok; order, ok = p.more() {
		if order <= 0 {
			out = append(out, p.a[p.i])
			p.nextA()
		} else {
			out = append(out, p.b[p.j])
		}
		if order >= 0 {
			p.nextB()
		}
	}
	return ev.grown(append(append(out, p.a[p.i:]...), p.b[p.j:]...))
}

func setInter(ev *evaluator, a []value, at *site) value {
	left, ok := a[0].ref.(*array)
	right, ok2 := a[1].ref.(*array)
	if !ok || !ok2 {
		return ev.written("setInter", a, at)
	}
	p := pairing{evaluator: ev, a: left.elements, b: right.elements, keyF: a[2], at: at}
	var out []*thunk
	for order, ok := p.more(); ok; order, ok = p.more() {
		if order == 0 {
			out = append(out, p.a[p.i])
		}
		if order <= 0 {
			p.nextA()
		}
		if order >= 0 {
			p.nextB()
		}
	}
	return ev.grown(out)
}

func setDiff(ev *evaluator, a []value, at *site) value {
	left, ok := a[0].ref.(*array)
	right, ok2 := a[1].ref.(*array)
	if !ok || !ok2 {
		return ev.written("setDiff", a, at)
	}
	p := pairing{evaluator: ev, a: left.elements, b: right.elements, keyF: a[2], at: at}
	var out []*thunk
	for order, ok := p.more(); ok; order, ok = p.more() {
		if order < 0 {
			out = append(out, p.a[p.i])
		}
		if order <= 0 {
			p.nextA()
		}
		if order >= 0 {
			p.nextB()
		}
	}
	return ev.grown(append(out, p.a[p.i:]...))
}

// setMember compares the elements in order, up to the first that is not less than x.
func setMember(ev *evaluator, a []value, at *site) value {
	arr, ok := a[1].ref.(*array)
	if !ok {
		return ev.written("setMember", a, at)
	}
	p := pairing{evaluator: ev, a: []*thunk{a[0].ref.(*thunk)}, b: arr.elements, keyF: a[2], at: at}
	for order, ok := p.more(); ok; order, ok = p.more() {
		if order <= 0 {
			return boolean(order == 0)
		}
		p.nextB()
	}
	return falseValue
}
