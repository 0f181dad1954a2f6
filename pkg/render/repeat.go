package render

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/mop-platform/mop/internal/eval"
	renderer "github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
)

// repeated is an evaluation that is repeated to find origins. It is safe for concurrent use.
type repeated[T any] struct {
	// limit is how long one question may take, 0 for ever.
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

func repeat[T any](limit time.Duration, evaluate func(ctx context.Context) (T, error)) *repeated[T] {
	return &repeated[T]{limit: limit, evaluate: evaluate}
}

var errLate = errors.New("the origins take too long")

// origins asks the repeated evaluation. If it fails, there are none.
func (r *repeated[T]) origins(ask func(T) []eval.Origin) []diag.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := r.ctx == nil
	if first {
		r.ctx, r.stop = context.WithCancelCause(context.Background())
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
	return renderer.Positions(ask(r.value))
}
