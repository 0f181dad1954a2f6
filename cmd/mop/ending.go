package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/mop-platform/mop/pkg/budget"
)

// ended is the cause of a command's end by a signal.
type ended struct{ signal syscall.Signal }

func (e ended) Error() string {
	switch e.signal {
	case syscall.SIGINT:
		return "interrupted"
	case syscall.SIGTERM:
		return "terminated"
	case syscall.SIGHUP:
		return "the terminal is gone"
	}
	return "nobody reads the output"
}

// status is the exit status that shells give a process that a signal ends.
func (e ended) status() int { return 128 + int(e.signal) }

// statusOf returns the exit status of a command that err ends.
func statusOf(err error) int {
	var e ended
	switch {
	case err == nil:
		return statusDone
	case errors.As(err, &e):
		return e.status()
	case errors.Is(err, errFindings):
		return statusFindings
	}
	return statusFailure
}

// What a command may take to end once it has to, to remove what is temporary, and
// to say why: less than a second together.
const (
	grace    = 700 * time.Millisecond
	tidying  = 100 * time.Millisecond
	speaking = 100 * time.Millisecond
)

// ending ends the process where the command does not: in the hands of a library that
// cannot be stopped, or of a reader that does not read. The zero ending only keeps
// what is temporary.
type ending struct {
	// end ends the command's context.
	end context.CancelCauseFunc
	// done is closed when the command has ended and said what it has to say.
	done chan struct{}
	// last is held by whoever has the last word: the command, or ending in its
	// place.
	last sync.Mutex

	mu sync.Mutex
	// temporary are the directories to remove at the end of the process, which has
	// begun where it is over.
	temporary map[string]bool
	over      bool
}

// signals ends the command's context at the first signal, and the process at the
// second.
func (e *ending) signals() {
	received := make(chan os.Signal, 2)
	signal.Notify(received, syscall.SIGINT, syscall.SIGTERM)
	// nohup has it ignored.
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(received, syscall.SIGHUP)
	}
	// Who does not read is an error to the writer; see [stream.Pipe].
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		s, _ := (<-received).(syscall.Signal)
		e.end(ended{s})
		<-received
		e.tidy()
		os.Exit(ended{s}.status())
	}()
}

// watch ends the process where ctx has ended and the command does not.
func (a *app) watch(ctx context.Context) {
	select {
	case <-a.ending.done:
		return
	case <-ctx.Done():
	}
	late := time.NewTimer(grace)
	look := time.NewTicker(5 * time.Millisecond)
	for waiting := true; waiting; {
		select {
		case <-a.ending.done:
			return
		case <-late.C:
			waiting = false
		case <-look.C:
			// Nor may it take much more memory.
			waiting = a.limits.Memory == 0 || budget.Held() < a.limits.Memory+a.limits.Memory/4+32<<20
		}
	}
	a.ending.tidy()
	err := budget.Of(ctx).Err()
	within(speaking, func() {
		a.ending.last.Lock()
		a.report(during(budget.Of(ctx), err))
	})
	os.Exit(statusOf(err))
}

// during adds to an error that only says that a budget is spent what was under way.
func during(b *budget.Budget, err error) error {
	if _, spent := err.(*budget.Exceeded); !spent {
		return err
	}
	if doing := b.Doing(); doing != "" {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return err
}

// within runs f, whose end it does not wait for longer than d.
func within(d time.Duration, f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(d):
	}
}

// mkdirTemp makes a temporary directory, which remove removes, or the end of the
// process.
func (e *ending) mkdirTemp(pattern string) (dir string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.over {
		return "", context.Canceled
	}
	if dir, err = os.MkdirTemp("", pattern); err != nil {
		return "", err
	}
	if e.temporary == nil {
		e.temporary = map[string]bool{}
	}
	e.temporary[dir] = true
	return dir, nil
}

// remove removes a temporary directory.
func (e *ending) remove(dir string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.temporary, dir)
	return os.RemoveAll(dir)
}

// tidy removes what is temporary, at the end of the process.
func (e *ending) tidy() {
	within(tidying, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		for dir := range e.temporary {
			// Nobody is left to tell.
			_ = os.RemoveAll(dir)
		}
		e.over = true
	})
}
