package jsonnet

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
)

// bounds are the limits of an evaluation.
type bounds struct {
	ctx context.Context
	*budget.Budget
	// credit is the work that may be done before the next check of the budget.
	credit int
	// made is about how many bytes the evaluation has made so far, and maxMade how many it
	// may make.
	made, maxMade int64
}

func newBounds(ctx context.Context, maxMade int64) bounds {
	return bounds{ctx, budget.Of(ctx), checkEvery, 0, cmp.Or(maxMade, math.MaxInt64)}
}

// About how many bytes there are in values, besides those of [thunkBytes] and [layerBytes]
// for each of their parts.
const (
	frameBytes  = 64
	objectBytes = 160
	valueBytes  = 24
	stringBytes = 48
)

// make counts bytes that the evaluation makes. The next check of the budget looks at them.
func (ev *evaluator) make(bytes int) { ev.bounds.made += int64(bytes) }

// grown returns an array of elements for which nothing was reserved.
func (ev *evaluator) grown(elements []*thunk) value {
	ev.make(stringBytes + 8*len(elements))
	return newArray(elements)
}

func (ev *evaluator) checkMade(at *site) {
	if ev.bounds.made > ev.bounds.maxMade {
		ev.exceeded(at, &budget.Exceeded{What: budget.Allocation, Limit: budget.Bytes(uint64(ev.bounds.maxMade))})
	}
}

// checkEvery is the work between two checks. A unit of work takes about as long as a call,
// 50 ns or more.
const checkEvery = 4096

// work notes n units of work at a site, and fails if the evaluation has to end.
func (ev *evaluator) work(n int, at *site) {
	ev.bounds.credit -= n
	if ev.bounds.credit <= 0 {
		ev.checkBudget(at)
	}
}

// workOn notes the work of reading values once.
func (ev *evaluator) workOn(values []value, at *site) {
	n := 0
	for i := range values {
		switch r := values[i].ref.(type) {
		case *str:
			n += r.bytes >> 9
		case *array:
			n += len(r.elements) >> 4
		}
	}
	ev.work(n, at)
}

func (ev *evaluator) checkBudget(at *site) {
	ev.bounds.credit = checkEvery
	ev.checkMade(at)
	ev.within(ev.bounds.Err(), at)
}

// within fails if err, the reason to end the evaluation, is not nil.
func (ev *evaluator) within(err error, at *site) {
	if err == nil {
		return
	}
	if spent := (*budget.Exceeded)(nil); errors.As(err, &spent) {
		ev.exceeded(at, spent)
	}
	panic(thrown{err})
}

// mostReserved is the size in bytes of the largest possible allocation without a limit. A
// program that needs more is wrong.
const mostReserved = 4 << 30

// reserve fails if there is no memory for n more bytes. It is called before large
// allocations.
func (ev *evaluator) reserve(n float64, at *site) {
	const large = 1 << 20
	if n < large {
		ev.make(int(n))
		ev.work(int(n)>>6, at)
		return
	}
	ev.make(int(min(n, 1<<50)))
	ev.checkMade(at)
	if n > mostReserved {
		ev.exceeded(at, &budget.Exceeded{What: budget.Memory, Limit: budget.Bytes(mostReserved), AtOnce: true})
	}
	ev.within(ev.bounds.Reserve(uint64(n)), at)
	ev.work(int(n)>>12, at)
}

// room returns b with room for n more bytes. append would not check the budget while it
// grows a large buffer, which takes time and memory.
func (ev *evaluator) room(b []byte, n int, at *site) []byte {
	if cap(b)-len(b) >= n {
		return b
	}
	size := 2*len(b) + n
	if size < largeString {
		return slices.Grow(b, n)
	}
	ev.reserve(float64(size), at)
	grown := make([]byte, 0, size)
	for part := range slices.Chunk(b, 16<<20) {
		grown = append(grown, part...)
		ev.within(ev.bounds.Err(), at)
	}
	return grown
}

// away runs f, which takes long for many bytes and, like functions of Go's library, does
// not check the budget. If the evaluation ends first, f continues for a while in another
// goroutine: it must not use the evaluator, nor change anything that others may read.
func (ev *evaluator) away(bytes int, at *site, f func()) {
	if bytes < largeString {
		f()
		return
	}
	ev.within(budget.Away(ev.bounds.ctx, f), at)
}

// rewrite returns f of a string. size returns the number of bytes of the result, or more.
func (ev *evaluator) rewrite(s *str, at *site, size func(string) int, f func(string) string) value {
	flat := ev.flat(s, at)
	ev.reserveFor(flat, at, size)
	var out string
	ev.away(len(flat), at, func() { out = f(flat) })
	return text(out)
}

// reserveFor reserves size(s) bytes.
func (ev *evaluator) reserveFor(s string, at *site, size func(string) int) (n int) {
	ev.away(len(s), at, func() { n = size(s) })
	ev.reserve(float64(n), at)
	return n
}

// unchanged is the size of a result that is not longer than the text.
func unchanged(s string) int { return len(s) }

// flat returns the bytes of a string.
func (ev *evaluator) flat(s *str, at *site) string {
	switch {
	case s.left == nil:
	case s.bytes < largeString:
		ev.work(s.bytes>>9, at)
	default:
		ev.reserve(2*float64(s.bytes), at)
		var flat string
		ev.away(s.bytes, at, func() { flat = s.join() })
		s.flatten(flat)
	}
	return s.String()
}

// survey determines the encoding and the characters of a large string.
func (ev *evaluator) survey(s *str, at *site) {
	if s.bytes < largeString || s.encoding == ascii || s.runes != nil {
		return
	}
	known := newStr(ev.flat(s, at))
	ev.reserve(4*float64(s.bytes), at)
	ev.away(s.bytes, at, func() { known.length() })
	s.encoding, s.runes = known.encoding, known.runes
}

// complete completes a table of fields.
func (ev *evaluator) complete(t *fieldTable, at *site) *fieldTable {
	n := 0
	for i := range t.fields {
		n += fieldBytes + len(t.fields[i].name)
	}
	ev.away(n, at, func() { t.complete() })
	return t
}

// fieldBytes is the number of bytes that take about as long to read as one field takes to
// sort.
const fieldBytes = 256
