package export

import (
	"context"
	"iter"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/pkg/render"
)

// loop is a loop over the results of a caller's sequence, which may block and panic. The
// sequence has a goroutine of its own, but runs only while [loop.next] waits for it.
type loop struct {
	// ctx ends the waiting, inner the sequence too.
	ctx, inner context.Context
	stop       context.CancelFunc
	asked      chan struct{}
	given      chan struct{}

	// These are those of the last next.
	result *render.Result
	err    error
	// panicked is set at the end.
	panicked error
}

// begin begins a loop, which must be ended.
func begin(ctx context.Context, results iter.Seq2[*render.Result, error]) *loop {
	l := &loop{ctx: ctx, asked: make(chan struct{}), given: make(chan struct{})}
	l.inner, l.stop = context.WithCancel(ctx)
	go func() {
		defer close(l.given)
		l.panicked = budget.Guarded(func() {
			if !l.wait() {
				return
			}
			for r, err := range results {
				l.result, l.err = r, err
				select {
				case l.given <- struct{}{}:
				case <-l.inner.Done():
					return
				}
				if !l.wait() {
					return
				}
			}
		})
	}()
	return l
}

// wait waits until a result is asked for. It returns false if none will be.
func (l *loop) wait() bool {
	select {
	case <-l.asked:
		return true
	case <-l.inner.Done():
		return false
	}
}

// next waits for the next result. It returns false if there is none, or the context has ended.
func (l *loop) next() bool {
	select {
	case l.asked <- struct{}{}:
	case <-l.inner.Done():
	}
	select {
	case _, ok := <-l.given:
		return ok
	case <-l.ctx.Done():
		return false
	}
}

// end ends the loop. Unless the context has ended, the sequence has returned then.
func (l *loop) end() {
	l.stop()
	for l.next() {
		continue
	}
}
