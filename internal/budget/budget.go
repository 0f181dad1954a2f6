// Package budget limits the time, the memory and the bytes of output that work may take.
//
// A budget travels in a context. Loops that the input controls ask it, with [Budget.Err], a
// [Meter] or [Budget.Reserve]. They return the error, which is an [*Exceeded] if the budget
// is spent. Callers that know the file and the line of the work add them. A context without
// a budget limits work only by its end.
package budget

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Limits are the limits of a budget. Zero is no limit.
type Limits struct {
	// Timeout is how long the work may take, counted from [New].
	Timeout time.Duration
	// Memory is how many bytes the process may hold: those that Go's runtime has from the
	// operating system and uses. Other work in the process counts too.
	Memory uint64
	// Made is how many bytes may be reserved in all, whether they are still held or not. It
	// does not depend on other work.
	Made uint64
	// Output is how many bytes may be written.
	Output int64
}

// The resources that a budget limits.
const (
	Time   = "time"
	Memory = "memory"
	// Allocation is the memory that one evaluation, or one use of a template, makes.
	Allocation = "allocation"
	Output     = "output"
)

// Exceeded is the error of an exceeded limit.
type Exceeded struct {
	// What is the resource: [Time], [Memory] or [Output].
	What string
	// Limit is its limit, such as "200 MiB".
	Limit string
	// AtOnce is set if one allocation is larger than Limit, which no budget raises.
	AtOnce bool
}

func (e *Exceeded) Error() string {
	text := e.What + " limit exceeded: " + e.Limit
	if e.AtOnce {
		text += " at once"
	}
	return text
}

// At returns the [*Exceeded] in err with a line of a file before it, and any other err
// unchanged.
func At(file string, line int, err error) error {
	var spent *Exceeded
	if !errors.As(err, &spent) {
		return err
	}
	return fmt.Errorf("%s:%d: %w", file, line, spent)
}

// Named returns the error of reading a file with the file's name for messages, in place of
// the path in an [*fs.PathError]. If a budget is spent, the place is the first line of the
// file. Other errors stay unchanged.
func Named(file string, err error) error {
	var failed *fs.PathError
	switch {
	case errors.As(err, new(*Exceeded)):
		return At(file, 1, err)
	case errors.As(err, &failed):
		return fmt.Errorf("%s: %w", file, failed.Err)
	}
	return err
}

// Walk wraps f for [fs.WalkDir] and similar functions, so that the walk ends with the
// budget of ctx.
func Walk(ctx context.Context, f fs.WalkDirFunc) fs.WalkDirFunc {
	b := Of(ctx)
	return func(name string, d fs.DirEntry, err error) error {
		if spent := b.Err(); spent != nil {
			return spent
		}
		return f(name, d, err)
	}
}

// spending is the state that all users of a budget share.
type spending struct {
	limits  Limits
	written atomic.Int64
	made    atomic.Uint64

	mu    sync.Mutex
	doing []*string
	// done is the thing that ended last.
	done string
}

type key struct{}

// New returns a context with a budget, which replaces that of parent. The context ends with
// an [*Exceeded] as its cause if the time is over or the process holds too much memory. The
// caller must call stop, which ends the watch over both.
func New(parent context.Context, l Limits) (ctx context.Context, stop context.CancelFunc) {
	s := &spending{limits: l}
	ctx, cancel := context.WithCancelCause(context.WithValue(parent, key{}, s))
	if l.Timeout > 0 {
		timer := time.AfterFunc(l.Timeout, func() { cancel(s.exceeded(Time)) })
		context.AfterFunc(ctx, func() { timer.Stop() })
	}
	if l.Memory > 0 {
		go s.watch(ctx, cancel)
	}
	return ctx, func() { cancel(context.Canceled) }
}

// pause returns how long the watch may wait while left bytes remain: a fast allocator takes
// two bytes in a nanosecond. A look at the memory costs some microseconds and wakes a
// thread.
func pause(left uint64) time.Duration {
	const soonest, latest = 2 * time.Millisecond, 50 * time.Millisecond
	return max(soonest, time.Duration(min(left/2, uint64(latest))))
}

// watch ends a context when the memory is exceeded.
func (s *spending) watch(ctx context.Context, cancel context.CancelCauseFunc) {
	limit := s.limits.Memory
	m := newMemory()
	timer := time.NewTimer(pause(limit - min(m.used(), limit)))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		used := m.used()
		// The collector also counts with the limit, so that little may keep the memory just
		// below it: then it works nearly all the time.
		if (used > limit || s.almost(used-m.garbage())) && s.full(m, 0) {
			cancel(s.exceeded(Memory))
			return
		}
		timer.Reset(pause(limit - min(used, limit)))
	}
}

// full collects garbage and reports whether n more bytes exceed the memory. Memory that is
// almost full counts as full, or the collections would never end.
func (s *spending) full(m *memory, n uint64) bool {
	runtime.GC()
	used := m.used()
	return s.almost(used) || n > s.limits.Memory-used
}

// almost reports whether the memory is almost full.
func (s *spending) almost(used uint64) bool { return used > s.limits.Memory-s.limits.Memory/16 }

func (s *spending) exceeded(what string) *Exceeded {
	e := &Exceeded{What: what}
	switch what {
	case Time:
		e.Limit = s.limits.Timeout.String()
	case Memory:
		e.Limit = Bytes(s.limits.Memory)
	case Allocation:
		e.Limit = Bytes(s.limits.Made)
	case Output:
		e.Limit = Bytes(uint64(s.limits.Output))
	}
	return e
}

// Budget is the budget of a context. It is safe for concurrent use.
type Budget struct {
	ctx context.Context
	*spending
}

// Of returns the budget of ctx, never nil: without one there are no limits. It ends when
// ctx does.
func Of(ctx context.Context) *Budget {
	s, ok := ctx.Value(key{}).(*spending)
	if !ok {
		s = &spending{}
	}
	return &Budget{ctx, s}
}

// Limits returns the limits that [New] was given.
func (b *Budget) Limits() Limits { return b.limits }

// Err returns why the work has to end: an [*Exceeded], or the cause of the context's end.
// It is nil while the work may go on. It costs some nanoseconds.
func (b *Budget) Err() error {
	if b.ctx.Err() == nil {
		return nil
	}
	return context.Cause(b.ctx)
}

// Ended returns why ctx has ended, nil if it has not: the cause, with the error of ctx itself
// in the chain.
func Ended(ctx context.Context) error {
	cause, ended := Of(ctx).Err(), ctx.Err()
	if ended == nil || errors.Is(cause, ended) {
		return cause
	}
	return &end{cause, ended}
}

// end is the end of a context that has a cause.
type end struct{ cause, ended error }

func (e *end) Error() string   { return e.cause.Error() }
func (e *end) Unwrap() []error { return []error{e.cause, e.ended} }

// Done is closed when the work has to end.
func (b *Budget) Done() <-chan struct{} { return b.ctx.Done() }

// Left returns about how many bytes of memory are left, [math.MaxUint64] without a limit.
func (b *Budget) Left() uint64 {
	left := uint64(math.MaxUint64)
	if most := b.limits.Made; most > 0 {
		left = most - min(b.made.Load(), most)
	}
	if limit := b.limits.Memory; limit > 0 {
		left = min(left, limit-min(newMemory().used(), limit))
	}
	return left
}

// Renew forgets what was reserved.
func (b *Budget) Renew() { b.made.Store(0) }

// large is the smallest allocation, in bytes, that is worth a look at the memory.
const large = 1 << 20

// Reserve fails if n more bytes are more memory than is left, or if the work has to end.
// Call it before making something large. It does not keep the bytes, and a small n always
// fits, unless [Limits.Made] is spent.
func (b *Budget) Reserve(n uint64) error {
	if err := b.Err(); err != nil {
		return err
	}
	if most := b.limits.Made; most > 0 && (n > most || b.made.Add(n) > most) {
		return b.exceeded(Allocation)
	}
	limit := b.limits.Memory
	if limit == 0 || n < large {
		return nil
	}
	m := newMemory()
	if used := m.used(); (used > limit || n > limit-used) && (n > limit || b.full(m, n)) {
		return b.exceeded(Memory)
	}
	return nil
}

// Wrote counts n bytes of output. It fails if the output exceeds its limit, or if the work
// has to end.
func (b *Budget) Wrote(n int) error {
	written := b.written.Add(int64(n))
	if b.limits.Output > 0 && written > b.limits.Output {
		return b.exceeded(Output)
	}
	return b.Err()
}

// During notes what is under way, such as the name of a file, until done is called.
func (b *Budget) During(what string) (done func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.doing = append(b.doing, &what)
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if i := slices.Index(b.doing, &what); i >= 0 {
			b.doing, b.done = slices.Delete(b.doing, i, i+1), what
		}
	}
}

// Doing returns the thing under way that began last. If nothing is under way, it returns
// the thing that ended last, and "" before the first.
func (b *Budget) Doing() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.doing) == 0 {
		return b.done
	}
	return *b.doing[len(b.doing)-1]
}

// Meter measures the work of one goroutine, so that small steps need not ask the budget
// each time.
type Meter struct {
	budget *Budget
	done   int
}

// Meter returns a Meter without work.
func (b *Budget) Meter() Meter { return Meter{budget: b} }

// between is the work between two questions to the budget: some 10 µs.
const between = 64 << 10

// Work notes work on n bytes or values. It fails if the work has to end. The zero Meter
// never fails.
func (m *Meter) Work(n int) error {
	m.done += n
	if m.done < between || m.budget == nil {
		return nil
	}
	m.done = 0
	return m.budget.Err()
}

// errGoexit is the error of a function that did neither return nor panic.
var errGoexit = errors.New("it ended its goroutine")

// Away runs f, which cannot be stopped, on a goroutine of its own. It returns when f does,
// or with [Budget.Err] when the work has to end. Then f goes on with nobody waiting, so it
// must change nothing that others use. If f panics before, Away panics with the same value;
// if f ends its goroutine, that is an error.
func Away(ctx context.Context, f func()) error {
	b := Of(ctx)
	if err := b.Err(); err != nil {
		return err
	}
	type outcome struct {
		panicked bool
		value    any
	}
	done := make(chan outcome, 1)
	go func() {
		o := outcome{panicked: true}
		defer func() {
			if o.panicked {
				o.value = recover()
			}
			done <- o
		}()
		f()
		o.panicked = false
	}()
	select {
	case o := <-done:
		switch {
		case !o.panicked:
			return nil
		case o.value == nil:
			return errGoexit
		}
		panic(o.value)
	case <-ctx.Done():
		return b.Err()
	}
}

// Guarded runs f, which is code of a caller, and returns a panic of it as an error, such as
// "panicked: boom". If the value of the panic is an error, it is in the chain.
func Guarded(f func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			err = fmt.Errorf("panicked: %w", p)
		default:
			err = fmt.Errorf("panicked: %v", p)
		}
	}()
	f()
	return nil
}

// memory reads how many bytes the process holds.
type memory struct{ samples [5]metrics.Sample }

func newMemory() *memory {
	m := &memory{}
	for i, name := range []string{
		"/memory/classes/total:bytes", "/memory/classes/heap/released:bytes", "/memory/classes/heap/free:bytes",
		"/memory/classes/heap/objects:bytes", "/gc/heap/live:bytes",
	} {
		m.samples[i].Name = name
	}
	return m
}

// used reads the memory and returns the bytes that are not free.
func (m *memory) used() uint64 {
	metrics.Read(m.samples[:])
	return m.read(0) - m.read(1) - m.read(2)
}

// garbage returns the bytes of the objects that the last collection before used has not
// found alive: these are garbage, or younger.
func (m *memory) garbage() uint64 { return m.read(3) - min(m.read(4), m.read(3)) }

func (m *memory) read(i int) uint64 { return m.samples[i].Value.Uint64() }

// Held returns how many bytes of memory the process holds, as [Limits.Memory]
// counts them.
func Held() uint64 { return newMemory().used() }

// Bytes returns a size for a message, such as "200 MiB".
func Bytes(n uint64) string {
	for i, unit := range []string{"GiB", "MiB", "KiB"} {
		if size := uint64(1) << (30 - 10*i); n >= size {
			return strconv.FormatFloat(math.Round(float64(n)/float64(size)*10)/10, 'f', -1, 64) + " " + unit
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
