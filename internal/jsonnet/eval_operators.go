package jsonnet

import (
	"cmp"
	"slices"
	"strings"

	"github.com/google/go-jsonnet/ast"

	"github.com/mop-platform/mop/internal/jsonnet/internal/notation"
)

// plus is the operator +.
func (ev *evaluator) plus(x, y value, at *site) value {
	if right, ok := y.ref.(*str); ok {
		return value{ref: ev.concat(ev.toString(x, at), right, at)}
	}
	switch left := x.ref.(type) {
	case *str:
		return value{ref: ev.concat(left, ev.toString(y, at), at)}
	case *array:
		return ev.concatArrays(left, ev.array(y, at), at)
	case *object:
		sum := add(left, ev.object(y, at))
		if min(left.size, sum.size-left.size) > manyLayers {
			// Reading it will take this memory; only here the place is known.
			ev.reserve(layerBytes*float64(sum.size), at)
		}
		return value{ref: sum}
	}
	if x.isNumber() {
		return ev.finite(x.num+ev.number(y, at), at)
	}
	ev.failf(at, "Unexpected type %v", x.kind())
	return value{}
}

// largeString is the length in bytes from which a string must fit the budget.
const largeString = 1 << 20

func (ev *evaluator) concat(a, b *str, at *site) *str {
	ev.make(stringBytes)
	if n := a.bytes + b.bytes; n >= largeString {
		// Reading it will take this memory.
		ev.reserve(float64(n), at)
	}
	return concat(a, b)
}

func (ev *evaluator) concatArrays(a, b *array, at *site) value {
	switch {
	case len(a.elements) == 0:
		return value{ref: b}
	case len(b.elements) == 0:
		return value{ref: a}
	}
	n := len(a.elements) + len(b.elements)
	r := a.room
	switch {
	case r == nil || len(r.thunks) != len(a.elements):
		ev.reserve(8*float64(n), at)
		r = &room{append(make([]*thunk, 0, n), a.elements...)}
	case n > cap(r.thunks):
		// append allocates more than n elements, at most half more if n is large.
		ev.reserve(12*float64(n), at)
	default:
		ev.reserve(8*float64(len(b.elements)), at)
	}
	r.thunks = append(r.thunks, b.elements...)
	return value{ref: &array{r.thunks[:n:n], r}}
}

// toString converts a value as the operator + does for a string.
func (ev *evaluator) toString(v value, at *site) *str {
	if s, ok := v.ref.(*str); ok {
		return s
	}
	return newStr(string(ev.appendJSON(nil, v, compactStyle, at)))
}

func (ev *evaluator) bitwise(op ast.BinaryOp, x, y float64, at *site) value {
	for _, n := range [...]float64{x, y} {
		if n < -notation.MostExact || n > notation.MostExact {
			ev.failf(at, "Bitwise operator argument %v outside of range [%v, %v]", n, int64(-notation.MostExact), int64(notation.MostExact))
		}
	}
	a, b := int64(x), int64(y)
	switch op {
	case ast.BopShiftL:
		if y < 0 {
			ev.fail(at, "Shift by negative exponent.")
		}
		return ev.finite(float64(a<<uint(b%64)), at)
	case ast.BopShiftR:
		if y < 0 {
			ev.fail(at, "Shift by negative exponent.")
		}
		return ev.finite(float64(a>>uint(b%64)), at)
	case ast.BopBitwiseAnd:
		return number(float64(a & b))
	case ast.BopBitwiseOr:
		return number(float64(a | b))
	}
	return number(float64(a ^ b))
}

// index is x[y].
func (ev *evaluator) index(x, y value, at *site) value {
	switch target := x.ref.(type) {
	case *object:
		return ev.get(target, ev.str(y, at).String(), at)
	case *array:
		i := int(ev.number(y, at))
		if i < 0 || i >= len(target.elements) {
			ev.failf(at, "Index %d out of bounds, not within [0, %v)", i, len(target.elements))
		}
		return ev.force(target.elements[i], at)
	case *str:
		i := int(ev.number(y, at))
		ev.survey(target, at)
		if i < 0 || i >= target.length() {
			ev.failf(at, "Index %d out of bounds, not within [0, %v)", i, target.length())
		}
		return value{ref: target.at(i)}
	}
	// The message is go-jsonnet's, with its types.
	types := map[kind]string{nullKind: "valueNull", booleanKind: "valueBoolean", numberKind: "valueNumber", functionKind: "valueFunction"}
	ev.failf(at, "Value non indexable: *jsonnet.%s", types[x.kind()])
	return value{}
}

// descend notes that a comparison enters arrays or objects, which may be endless; ascend
// notes that it leaves them. go-jsonnet does not count these steps.
func (ev *evaluator) descend(at *site) {
	if ev.nested >= ev.mostNested {
		ev.tooDeep(at)
	}
	ev.nested += callNested
}

func (ev *evaluator) ascend() { ev.nested -= callNested }

// equals is ==.
func (ev *evaluator) equals(x, y value, at *site) bool {
	if x.kind() != y.kind() {
		return false
	}
	switch a := x.ref.(type) {
	case *scalar:
		return x.num == y.num
	case *str:
		b := y.ref.(*str)
		ev.work(a.bytes>>12, at)
		return a.bytes == b.bytes && ev.flat(a, at) == ev.flat(b, at)
	case *array:
		return ev.equalArrays(a, y.ref.(*array), at)
	case *object:
		return ev.equalObjects(a, y.ref.(*object), at)
	}
	ev.fail(at, "Cannot test equality of functions")
	return false
}

func (ev *evaluator) equalArrays(a, b *array, at *site) bool {
	if len(a.elements) != len(b.elements) {
		return false
	}
	ev.descend(at)
	defer ev.ascend()
	for i := range a.elements {
		if !ev.equals(ev.force(a.elements[i], at), ev.force(b.elements[i], at), at) {
			return false
		}
		ev.work(1, at)
	}
	return true
}

func (ev *evaluator) equalObjects(a, b *object, at *site) bool {
	names := ev.names(a, false)
	if !slices.Equal(names, ev.names(b, false)) {
		return false
	}
	ev.descend(at)
	defer ev.ascend()
	for _, name := range names {
		if !ev.equals(ev.get(a, name, at), ev.get(b, name, at), at) {
			return false
		}
		ev.work(1, at)
	}
	return true
}

// compare returns a negative number, 0 or a positive number for x <, == or > y.
func (ev *evaluator) compare(x, y value, at *site) int {
	switch a := x.ref.(type) {
	case *str:
		ev.work(a.bytes>>12, at)
		// The order of UTF-8 is that of code points.
		return strings.Compare(ev.flat(a, at), ev.flat(ev.str(y, at), at))
	case *array:
		return ev.compareArrays(a, ev.array(y, at), at)
	}
	if !x.isNumber() {
		ev.failf(at, "Unexpected type %v", x.kind())
	}
	return cmp.Compare(x.num, ev.number(y, at))
}

func (ev *evaluator) compareArrays(a, b *array, at *site) int {
	ev.descend(at)
	defer ev.ascend()
	for i := range min(len(a.elements), len(b.elements)) {
		c := ev.compare(ev.force(a.elements[i], at), ev.force(b.elements[i], at), at)
		if c != 0 {
			return c
		}
		ev.work(1, at)
	}
	return cmp.Compare(len(a.elements), len(b.elements))
}
