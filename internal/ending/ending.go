// Package ending has a process end that must: why it does, how long it may take, and
// what it leaves behind.
package ending

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"github.com/mop-platform/mop/pkg/budget"
)

// Signalled is the cause of a command's end by a signal.
type Signalled struct{ Signal syscall.Signal }

func (e Signalled) Error() string {
	switch e.Signal {
	case syscall.SIGINT:
		return "interrupted"
	case syscall.SIGTERM:
		return "terminated"
	case syscall.SIGHUP:
		return "the terminal is gone"
	}
	return "nobody reads the output"
}

// Status is the exit status that shells give a process that a signal ends.
func (e Signalled) Status() int { return 128 + int(e.Signal) }

// What a command may take to end once it has to, to remove what is temporary, and
// to say why: less than a second together.
const (
	Grace    = 700 * time.Millisecond
	Tidying  = 100 * time.Millisecond
	Speaking = 100 * time.Millisecond
)

// Late waits for the end of a command after that of ctx, when done is closed. It reports
// whether the command has gone on for longer than it may, or holds much more memory than
// most, of which 0 is no limit.
func Late(ctx context.Context, done <-chan struct{}, most uint64) bool {
	select {
	case <-done:
		return false
	case <-ctx.Done():
	}
	late := time.NewTimer(Grace)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-done:
			return false
		case <-late.C:
			return true
		case <-look.C:
			if most > 0 && budget.Held() >= most+most/4+32<<20 {
				return true
			}
		}
	}
}

// While adds to an error that only says that a budget is spent what was under way.
func While(b *budget.Budget, err error) error {
	if _, spent := err.(*budget.Exceeded); !spent {
		return err
	}
	if doing := b.Doing(); doing != "" {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return err
}

// Within runs f, whose end it does not wait for longer than d.
func Within(d time.Duration, f func()) {
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
