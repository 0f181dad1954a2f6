package eval

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mop-platform/mop/pkg/diag"
)

// Repeated is an evaluation that is done again when somebody asks for origins. It is safe for
// concurrent use.
type Repeated[T any] struct {
	base     context.Context
	limit    time.Duration
	evaluate func(ctx context.Context) (T, error)

	mu sync.Mutex
	// ctx is the context of the evaluation, which ends with a question that takes too long;
	// then all questions have no answer. It is nil before the first question.
	ctx  context.Context
	stop context.CancelCauseFunc
	// value is the result of evaluate, with its error.
	value T
	err   error
}

// Repeat returns a Repeated that calls evaluate once, with a context made of ctx. limit is how
// long one question may take, 0 for ever.
func Repeat[T any](ctx context.Context, limit time.Duration, evaluate func(ctx context.Context) (T, error)) *Repeated[T] {
	return &Repeated[T]{base: ctx, limit: limit, evaluate: evaluate}
}

var errLate = errors.New("the origins take too long")

// Origins returns the positions of the origins for which ask asks the evaluation. If that has
// failed, there are none.
func (r *Repeated[T]) Origins(ask func(T) []Origin) []diag.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := r.ctx == nil
	if first {
		r.ctx, r.stop = context.WithCancelCause(r.base)
	}
	if r.limit > 0 {
		timer := time.AfterFunc(r.limit, func() { r.stop(errLate) })
		defer timer.Stop()
	}
	if first {
		r.value, r.err = r.evaluate(r.ctx)
	}
	if r.err != nil {
		return nil
	}
	return Positions(ask(r.value))
}

// Positions returns the positions of origins.
func Positions(origins []Origin) []diag.Position {
	positions := make([]diag.Position, len(origins))
	for i, o := range origins {
		positions[i] = o.At
	}
	return positions
}
