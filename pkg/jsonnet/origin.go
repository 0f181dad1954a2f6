package jsonnet

import (
	"context"
	"sync"
	"time"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/pkg/diag"
)

// origins finds the origins of the value of an evaluation, by another one of the same files.
type origins struct {
	ctx   context.Context
	files *eval.Known
	in    eval.Input
	limit time.Duration

	mu sync.Mutex
	// opened is the other evaluation, nil before it is needed. cancel ends it.
	opened *eval.Opened
	cancel context.CancelFunc
}

// of returns the places that made the part of the value at a path.
func (o *origins) of(path ...any) []diag.Position {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.opened == nil {
		ctx, cancel := context.WithCancel(o.ctx)
		o.opened, o.cancel = eval.Open(ctx, o.files.Files(), o.in), cancel
	}
	if o.limit > 0 {
		defer time.AfterFunc(o.limit, o.cancel).Stop()
	}
	var out []diag.Position
	for _, origin := range o.opened.Origins(path) {
		out = append(out, origin.At)
	}
	return out
}
