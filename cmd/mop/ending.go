package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/mop-platform/mop/internal/budget"
	ends "github.com/mop-platform/mop/internal/ending"
)

// statusOf returns the exit status of a command that ends with err.
func statusOf(err error) int {
	var e ends.Signalled
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &e):
		return e.Status()
	case errors.Is(err, errFindings):
		return statusFindings
	}
	return statusFailure
}

// ending ends the process if the command does not: if it is in a library that cannot be
// stopped, or waits for a reader that does not read. The zero ending only records temporary
// files.
type ending struct {
	// end ends the command's context.
	end context.CancelCauseFunc
	// done is closed when the command has ended and written its last messages.
	done chan struct{}
	// last is locked by the one that writes the last messages: the command, or ending in
	// its place.
	last      sync.Mutex
	temporary ends.Temporary
}

// signals ends the command's context at the first signal, and the process at the
// second.
func (e *ending) signals() {
	received := make(chan os.Signal, 2)
	signal.Notify(received, syscall.SIGINT, syscall.SIGTERM)
	// nohup ignores SIGHUP.
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(received, syscall.SIGHUP)
	}
	// A missing reader is an error of the writer; see [stream.Pipe].
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		s, _ := (<-received).(syscall.Signal)
		e.end(ends.Signalled{Signal: s})
		<-received
		e.temporary.Tidy()
		os.Exit(ends.Signalled{Signal: s}.Status())
	}()
}

// watch ends the process if the command does not end soon after ctx, or then holds much
// more memory than most; 0 is no limit.
func (a *app) watch(ctx context.Context, most uint64) {
	if !ends.Late(ctx, a.ending.done, most) {
		return
	}
	a.ending.temporary.Tidy()
	err := budget.Of(ctx).Err()
	ends.Within(ends.Speaking, func() {
		a.ending.last.Lock()
		a.report(ends.While(budget.Of(ctx), err))
	})
	os.Exit(statusOf(err))
}
