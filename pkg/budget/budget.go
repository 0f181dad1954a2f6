// Package budget bounds what work may take: time, memory, and bytes of output.
//
// A budget travels in a context. Loops that the input controls ask it, with
// [Budget.Err], a [Meter] or [Budget.Reserve], and hand on the error, which is an
// [*Exceeded] where the budget is spent. Whoever knows which file and line was
// worked on adds them. A context without a budget bounds only by its end.
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

// Limits are what there is. Zero is no limit.
type Limits struct {
	// Timeout is how long the work may take, from [New] on.
	Timeout time.Duration
	// Memory is how many bytes the process may hold: what Go's runtime has of the
	// operating system and uses. What others in the process hold counts too.
	Memory uint64
	// Output is how many bytes may be written.
	Output int64
}

// What there can be too little of.
const (
	Time   = "time"
	Memory = "memory"
	Output = "output"
)

// Exceeded is the error where a limit is passed.
type Exceeded struct {
	// What there was too little of: [Time], [Memory] or [Output].
	What string
	// Limit is how much there was, such as "200 MiB".
	Limit string
	// AtOnce is set where one thing is larger than anything may be, whatever the
	// limit.
	AtOnce bool
}

func (e *Exceeded) Error() string {
	text := e.What + " limit exceeded: " + e.Limit
	if e.AtOnce {
		text += " at once"
	}
	return text
}

// At returns err with a line of a file before it if it says that a budget is spent.
func At(file string, line int, err error) error {
	var spent *Exceeded
	if !errors.As(err, &spent) {
		return err
	}
	return fmt.Errorf("%s:%d: %w", file, line, spent)
}

// Named returns an error of reading a file with the name that messages call the file,
// in the place of the path that the operating system knows. Where a budget is spent,
// the place is the file's beginning.
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

// Walk returns f for [fs.WalkDir] and its like such that a walk ends with the budget of
// ctx.
func Walk(ctx context.Context, f fs.WalkDirFunc) fs.WalkDirFunc {
	b := Of(ctx)
	return func(name string, d fs.DirEntry, err error) error {
		if spent := b.Err(); spent != nil {
			return spent
		}
		return f(name, d, err)
	}
}

// spending is what all users of a budget share.
type spending struct {
	limits  Limits
	written atomic.Int64

	mu    sync.Mutex
	doing []*string
	// done is what was under way last.
	done string
}

type key struct{}

// New returns a context with a budget, in the place of one that parent has. It
// ends with an [*Exceeded] as its cause where the time is over or the process
// holds too much memory; a goroutine looks at that until stop is called, which must
// be.
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

// pause returns how long the memory need not be looked at where so many bytes are
// left: a fast allocator takes two of them in a nanosecond. To look costs some
// microseconds and wakes a thread.
func pause(left uint64) time.Duration {
	const soonest, latest = 2 * time.Millisecond, 50 * time.Millisecond
	return max(soonest, time.Duration(min(left/2, uint64(latest))))
}

// watch ends a context where the memory is exceeded.
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
		if used > limit && s.full(m, 0) {
			cancel(s.exceeded(Memory))
			return
		}
		timer.Reset(pause(limit - min(used, limit)))
	}
}

// full reports whether n more bytes are more than there may be, once garbage is
// collected. What is almost full then counts as full, or there would be no end of
// collecting.
func (s *spending) full(m *memory, n uint64) bool {
	runtime.GC()
	limit := s.limits.Memory
	used := m.used()
	return used > limit-limit/16 || n > limit-used
}

func (s *spending) exceeded(what string) *Exceeded {
	e := &Exceeded{What: what}
	switch what {
	case Time:
		e.Limit = s.limits.Timeout.String()
	case Memory:
		e.Limit = Bytes(s.limits.Memory)
	case Output:
		e.Limit = Bytes(uint64(s.limits.Output))
	}
	return e
}

// Budget is that of a context. It is safe for concurrent use.
type Budget struct {
	ctx context.Context
	*spending
}

// Of returns the budget of ctx, never nil. It ends when ctx does.
func Of(ctx context.Context) *Budget {
	s, ok := ctx.Value(key{}).(*spending)
	if !ok {
		s = &spending{}
	}
	return &Budget{ctx, s}
}

// Limits returns what there was in the beginning.
func (b *Budget) Limits() Limits { return b.limits }

// Err returns why the work has to end: an [*Exceeded], or the cause of the
// context's end. nil is no reason. It costs some nanoseconds.
func (b *Budget) Err() error {
	if b.ctx.Err() == nil {
		return nil
	}
	return context.Cause(b.ctx)
}

// Done is closed when the work has to end.
func (b *Budget) Done() <-chan struct{} { return b.ctx.Done() }

// Left returns about how many bytes of memory may still be taken.
func (b *Budget) Left() uint64 {
	limit := b.limits.Memory
	if limit == 0 {
		return math.MaxUint64
	}
	return limit - min(newMemory().used(), limit)
}

// large is the size of an allocation that is worth a look at the memory.
const large = 1 << 20

// Reserve fails where n more bytes are more memory than is left, or the work has to
// end. It is called before something large is made; it keeps nothing.
func (b *Budget) Reserve(n uint64) error {
	if err := b.Err(); err != nil {
		return err
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

// Wrote counts n bytes of output, and fails where they are too many or the work has
// to end.
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

// Doing returns what was begun last of what is under way. Between two things it is
// the one that is done, and "" before the first.
func (b *Budget) Doing() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.doing) == 0 {
		return b.done
	}
	return *b.doing[len(b.doing)-1]
}

// Meter measures the work of one goroutine, so that the budget is not asked for
// each bit of it.
type Meter struct {
	budget *Budget
	done   int
}

// Meter returns one that nothing is noted in.
func (b *Budget) Meter() Meter { return Meter{budget: b} }

// between is the work between two questions: some 10 µs.
const between = 64 << 10

// Work notes that n bytes, or values, were gone through. It fails where the work
// has to end. The zero Meter never fails.
func (m *Meter) Work(n int) error {
	m.done += n
	if m.done < between || m.budget == nil {
		return nil
	}
	m.done = 0
	return m.budget.Err()
}

// Away runs f, which cannot be stopped, on a goroutine of its own. It returns when
// f does, or with [Budget.Err] when the work has to end: then f goes on with nobody
// waiting, so it must change nothing that others use. A panic of f is one of Away.
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
		if o.panicked {
			panic(o.value)
		}
		return nil
	case <-ctx.Done():
		return b.Err()
	}
}

// memory tells how much the process holds.
type memory struct{ samples [3]metrics.Sample }

func newMemory() *memory {
	m := &memory{}
	m.samples[0].Name = "/memory/classes/total:bytes"
	m.samples[1].Name = "/memory/classes/heap/released:bytes"
	m.samples[2].Name = "/memory/classes/heap/free:bytes"
	return m
}

// used returns the bytes that are not free.
func (m *memory) used() uint64 {
	metrics.Read(m.samples[:])
	free := m.samples[1].Value.Uint64() + m.samples[2].Value.Uint64()
	return m.samples[0].Value.Uint64() - free
}

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
