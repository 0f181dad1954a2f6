package jsonnet

import (
	"context"
	"errors"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"time"

	gojsonnet "github.com/google/go-jsonnet"

	limits "github.com/mop-platform/mop/pkg/budget"
)

// budget bounds an evaluation.
type budget struct {
	ctx context.Context
	// deadline is the end of the time that there is; zero is none.
	deadline time.Time
	timeout  time.Duration
	// memory is the size that the process's heap may have, in bytes; 0 is any.
	memory uint64
	// credit is the work that may be done before the next check.
	credit int
	// unchecked is the work since the heap was looked at last, and next the
	// amount after which it is again.
	unchecked, next int
	sample          [1]metrics.Sample
}

// checkEvery is how much work lies between two checks. A unit of work is about
// what a call costs, 50 ns or more.
const checkEvery = 4096

// heapMetric is the memory that objects take, dead ones too that have not been
// collected.
const heapMetric = "/memory/classes/heap/objects:bytes"

// work notes that n units of work are done at a site, and fails where the
// evaluation is to end.
func (ev *evaluator) work(n int, at *site) {
	ev.budget.credit -= n
	if ev.budget.credit <= 0 {
		ev.checkBudget(at)
	}
}

// workOn notes the work of going through values once.
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
	b := &ev.budget
	b.unchecked += checkEvery - b.credit
	b.credit = checkEvery
	ev.checkTime(at)
	if b.memory > 0 && b.unchecked >= b.next {
		b.unchecked = 0
		ev.checkHeap(0, at)
	}
}

// renew begins the time that there is.
func (ev *evaluator) renew() {
	if b := &ev.budget; b.timeout > 0 {
		b.deadline = time.Now().Add(b.timeout)
	}
}

func (ev *evaluator) checkTime(at *site) {
	b := &ev.budget
	if err := limits.Of(b.ctx).Err(); err != nil {
		var spent *limits.Exceeded
		if errors.As(err, &spent) {
			ev.exceeded(at, spent.What, spent.Limit)
		}
		panic(failure{err})
	}
	if !b.deadline.IsZero() && time.Now().After(b.deadline) {
		ev.exceeded(at, "time", b.timeout.String())
	}
}

// mostReserved is the size in bytes of the largest allocation that there may be
// where no limit is set: what is more is a mistake in the program.
const mostReserved = 4 << 30

// reserve fails where n more bytes are more than there may be. It is called
// before large allocations.
func (ev *evaluator) reserve(n float64, at *site) {
	const large = 1 << 20
	if n < large {
		ev.work(int(n)>>6, at)
		return
	}
	if n > mostReserved {
		ev.exceeded(at, "memory", bytesText(mostReserved)+" at once")
	}
	if ev.budget.memory > 0 {
		ev.checkHeap(uint64(n), at)
	}
	ev.work(int(n)>>12, at)
}

// room returns b with room for n more bytes. Growing a large buffer takes time
// and memory, for which append would not ask.
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
		ev.checkTime(at)
	}
	return grown
}

// away runs f, which takes long for many bytes and asks in between whether the
// evaluation is to end as little as Go's own functions do. If the evaluation
// ends first, f goes on for a while with nobody waiting: it must not use the
// evaluator, nor change what others may read.
func (ev *evaluator) away(bytes int, at *site, f func()) {
	if bytes < largeString {
		f()
		return
	}
	ev.checkTime(at)
	ev.budget.wait(f)
	ev.checkTime(at)
}

// rewrite returns what f makes of a string. size tells how many bytes that is, or
// more.
func (ev *evaluator) rewrite(s *str, at *site, size func(string) int, f func(string) string) value {
	flat := ev.flat(s, at)
	ev.reserveFor(flat, at, size)
	var out string
	ev.away(len(flat), at, func() { out = f(flat) })
	return text(out)
}

// reserveFor reserves what size says of a text if that is large.
func (ev *evaluator) reserveFor(s string, at *site, size func(string) int) (n int) {
	ev.away(len(s), at, func() { n = size(s) })
	ev.reserve(float64(n), at)
	return n
}

// unchanged is the size of a text that becomes no longer.
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

// survey finds out what the characters of a string are.
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

// fieldBytes is about as many bytes as take as long to go through as one field
// does to be put in order.
const fieldBytes = 256

// checkHeap fails where the heap and n more bytes are more than there may be.
func (ev *evaluator) checkHeap(n uint64, at *site) {
	b := &ev.budget
	live := b.heap()
	if live+n > b.memory {
		// Much of it may be dead. What is almost full then counts as full, or
		// there would be no end of this.
		b.collect()
		ev.checkTime(at)
		live = b.heap() + b.memory/16
	}
	if live+n > b.memory {
		ev.exceeded(at, "memory", bytesText(b.memory))
	}
	// Work of one unit allocates some hundred bytes at most. Other evaluations
	// allocate as well.
	b.next = int(min((b.memory-live)/1024, mostUnchecked))
}

// mostUnchecked is the work after which the heap is looked at anyway.
const mostUnchecked = 1 << 18

// collect collects garbage, unless the evaluation is to end before that is done.
func (b *budget) collect() {
	b.wait(runtime.GC)
}

// wait runs f on a goroutine of its own, and returns when it is done or the
// evaluation is to end.
func (b *budget) wait(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	var late <-chan time.Time
	if !b.deadline.IsZero() {
		late = time.After(time.Until(b.deadline))
	}
	select {
	case <-done:
	case <-b.ctx.Done():
	case <-late:
	}
}

func (b *budget) heap() uint64 {
	b.sample[0].Name = heapMetric
	metrics.Read(b.sample[:])
	return b.sample[0].Value.Uint64()
}

func (ev *evaluator) exceeded(at *site, what, limit string) {
	failed := &BudgetError{runtime: gojsonnet.RuntimeError{Msg: what + " limit exceeded: " + limit, StackTrace: ev.traceback(at)}}
	if path, whole := ev.writing(at); whole {
		failed.path = path
	}
	panic(failure{failed})
}

// BudgetError ends an evaluation that took more time or memory than it had.
type BudgetError struct {
	runtime gojsonnet.RuntimeError
	path    []any
}

func (e *BudgetError) Error() string { return e.runtime.Error() }

// Unwrap returns the error as go-jsonnet has those of a program, with the stack
// trace of what was running.
func (e *BudgetError) Unwrap() error { return e.runtime }

// bytesText returns a size for a message.
func bytesText(n uint64) string {
	for i, unit := range []string{"GiB", "MiB", "KiB"} {
		if size := uint64(1) << (30 - 10*i); n >= size {
			return strconv.FormatFloat(float64(n)/float64(size), 'f', -1, 64) + " " + unit
		}
	}
	return strconv.FormatUint(n, 10) + " bytes"
}
