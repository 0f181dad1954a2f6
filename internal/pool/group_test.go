package pool_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/pool"
)

var errBoom = errors.New("boom")

// caught returns the panic of f.
func caught(t *testing.T, f func()) (p *pool.Panic) {
	t.Helper()
	defer func() {
		var ok bool
		p, ok = recover().(*pool.Panic)
		require.True(t, ok, "want a panic of the goroutine")
		assert.ErrorIs(t, p, errBoom)
	}()
	f()
	return nil
}

func TestGroupHandsPanicsOn(t *testing.T) {
	group, ctx := pool.NewGroup(t.Context())
	group.Go(func() error {
		<-ctx.Done()
		return context.Cause(ctx)
	})
	group.Go(func() error { panic(errBoom) })
	p := caught(t, func() { _ = group.Wait() })
	assert.Contains(t, string(p.Stack), "TestGroupHandsPanicsOn")
	assert.ErrorContains(t, p, "boom\n\ngoroutine ")
}

func TestGroupReturnsTheFirstError(t *testing.T) {
	group, _ := pool.NewGroup(t.Context())
	group.SetLimit(1)
	group.Go(func() error { return errBoom })
	group.Go(func() error { return nil })
	assert.ErrorIs(t, group.Wait(), errBoom)
}

// Whatever of a job panics, nobody waits for it.
func TestRunHandsPanicsOn(t *testing.T) {
	fine := func() (int, func(bool) func(int)) { return 3, func(bool) func(int) { return func(int) {} } }
	for name, job := range map[string]pool.Job{
		"opening": func() (int, func(bool) func(int)) { panic(errBoom) },
		"worker":  func() (int, func(bool) func(int)) { return 3, func(bool) func(int) { panic(errBoom) } },
		"part": func() (int, func(bool) func(int)) {
			return 3, func(bool) func(int) { return func(int) { panic(errBoom) } }
		},
	} {
		for _, limit := range []int{1, 4} {
			t.Run(name, func(t *testing.T) {
				caught(t, func() { pool.Run(limit, []pool.Job{fine, job, fine}, nil) })
			})
		}
	}
	caught(t, func() { pool.Each(2, 3, func(int) {}, func(int, int) { panic(errBoom) }) })
}
