package budget_test

import (
	"context"
	"errors"
	"io"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
)

func TestTimeEnds(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: time.Nanosecond})
	defer stop()
	<-ctx.Done()
	assertExceeded(t, budget.Of(ctx).Err(), "time limit exceeded: 1ns")
	// Contexts derived from the first have the same budget.
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	assertExceeded(t, budget.Of(inner).Err(), "time limit exceeded: 1ns")
}

func TestInnerContextEnds(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: math.MaxUint64})
	defer stop()
	inner, cancel := context.WithCancelCause(ctx)
	cancel(io.ErrClosedPipe)
	assert.ErrorIs(t, budget.Of(inner).Err(), io.ErrClosedPipe)
	assert.NoError(t, budget.Of(ctx).Err())
}

// The process always holds more than 1 MiB.
func TestMemoryEnds(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: 1 << 20})
	defer stop()
	<-ctx.Done()
	assertExceeded(t, budget.Of(ctx).Err(), "memory limit exceeded: 1 MiB")
}

// Memory that stays just below the limit ends the budget too.
func TestMemoryAlmostFullEnds(t *testing.T) {
	sink = make([]byte, 64<<20)
	runtime.GC()
	held := budget.Held()
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: held + held/32})
	defer stop()
	<-ctx.Done()
	assert.ErrorContains(t, budget.Of(ctx).Err(), "memory limit exceeded: ")
	sink = nil
}

func TestReserve(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: 1 << 40})
	defer stop()
	b := budget.Of(ctx)
	assert.NoError(t, b.Reserve(100<<20))
	assertExceeded(t, b.Reserve(1<<40), "memory limit exceeded: 1024 GiB")
	assertExceeded(t, b.Reserve(math.MaxUint64), "memory limit exceeded: 1024 GiB")
	assert.Less(t, b.Left(), uint64(1<<40))
	assert.Greater(t, b.Left(), uint64(1<<39))
}

// What is made counts in all, until the budget is renewed.
func TestMade(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Made: 100})
	defer stop()
	b := budget.Of(ctx)
	require.NoError(t, b.Reserve(60))
	assert.Equal(t, uint64(40), b.Left())
	assertExceeded(t, b.Reserve(41), "allocation limit exceeded: 100 bytes")
	assertExceeded(t, b.Reserve(math.MaxUint64), "allocation limit exceeded: 100 bytes")
	require.NoError(t, b.Err())
	b.Renew()
	require.NoError(t, b.Reserve(100))
}

// Garbage that can be collected does not count.
func TestGarbageIsNotHeld(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 64<<20})
	defer stop()
	b := budget.Of(ctx)
	for range 100 {
		require.NoError(t, b.Reserve(16<<20))
		sink = make([]byte, 16<<20)
	}
	sink = nil
}

var sink []byte

func TestNoBudget(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	b := budget.Of(ctx)
	assert.NoError(t, b.Err())
	assert.NoError(t, b.Reserve(math.MaxUint64))
	assert.NoError(t, b.Wrote(math.MaxInt))
	assert.Equal(t, uint64(math.MaxUint64), b.Left())
	cancel()
	assert.ErrorIs(t, b.Err(), context.Canceled)
	assert.ErrorIs(t, b.Reserve(0), context.Canceled)
}

func TestOutput(t *testing.T) {
	ctx, stop := budget.New(t.Context(), budget.Limits{Output: 2 << 10})
	defer stop()
	assert.NoError(t, budget.Of(ctx).Wrote(1<<10))
	assert.NoError(t, budget.Of(ctx).Wrote(1<<10))
	assertExceeded(t, budget.Of(ctx).Wrote(1), "output limit exceeded: 2 KiB")
}

func TestMeter(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m := budget.Of(ctx).Meter()
	n := 0
	for m.Work(100) == nil {
		n++
	}
	assert.Positive(t, n, "it is not asked each time")
	assert.Less(t, n, 10_000)
	var zero budget.Meter
	assert.NoError(t, zero.Work(1<<30))
}

func TestAway(t *testing.T) {
	did := false
	require.NoError(t, budget.Away(t.Context(), func() { did = true }))
	assert.True(t, did)

	assert.PanicsWithValue(t, "fault", func() { _ = budget.Away(t.Context(), func() { panic("fault") }) })

	ctx, cancel := context.WithCancel(t.Context())
	end := make(chan struct{})
	defer close(end)
	assert.ErrorIs(t, budget.Away(ctx, func() { cancel(); <-end }), context.Canceled)
	assert.ErrorIs(t, budget.Away(ctx, func() { t.Error("the work has to end") }), context.Canceled)
}

func TestDoing(t *testing.T) {
	b := budget.Of(t.Context())
	assert.Empty(t, b.Doing())
	first := b.During("first")
	second := b.During("second")
	assert.Equal(t, "second", b.Doing())
	first()
	assert.Equal(t, "second", b.Doing())
	second()
	second()
	assert.Equal(t, "second", b.Doing(), "between two things it is the last one")
	defer b.During("third")()
	assert.Equal(t, "third", b.Doing())
}

func TestBytes(t *testing.T) {
	for n, want := range map[uint64]string{0: "0 bytes", 1023: "1023 bytes", 1 << 10: "1 KiB", 200 << 20: "200 MiB", 3 << 29: "1.5 GiB", 1<<30 + 1: "1 GiB"} {
		assert.Equal(t, want, budget.Bytes(n))
	}
}

func assertExceeded(t *testing.T, err error, want string) {
	t.Helper()
	var exceeded *budget.Exceeded
	require.True(t, errors.As(err, &exceeded), "%v", err)
	assert.EqualError(t, err, want)
}

func TestGuarded(t *testing.T) {
	boom := errors.New("boom")
	assert.NoError(t, budget.Guarded(func() {}))
	assert.EqualError(t, budget.Guarded(func() { panic("boom") }), "panicked: boom")
	err := budget.Guarded(func() { panic(boom) })
	assert.EqualError(t, err, "panicked: boom")
	assert.ErrorIs(t, err, boom)
}

func TestEnded(t *testing.T) {
	assert.NoError(t, budget.Ended(t.Context()))
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("enough")
	cancel(cause)
	err := budget.Ended(ctx)
	assert.EqualError(t, err, "enough")
	assert.ErrorIs(t, err, cause)
	assert.ErrorIs(t, err, context.Canceled)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	assert.Equal(t, context.Canceled, budget.Ended(ctx))
}

// A function that ends its goroutine, as t.FailNow does, is not waited for.
func TestAwayGoexit(t *testing.T) {
	assert.EqualError(t, budget.Away(t.Context(), runtime.Goexit), "it ended its goroutine")
}
