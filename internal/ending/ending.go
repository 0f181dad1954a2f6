// Package ending helps to end a process: it has the cause of the end, the time for it, and
// the temporary directories to remove.
package ending

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"github.com/mop-platform/mop/internal/budget"
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

// The times that a command may take to end (Grace), to remove temporary files (Tidying) and
// to write why it ends (Speaking): together less than a second.
const (
	Grace    = 700 * time.Millisecond
	Tidying  = 100 * time.Millisecond
	Speaking = 100 * time.Millisecond
)

// Late waits until the command closes done. It reports whether, after the end of ctx, the
// command goes on too long or holds much more memory than most; 0 means no limit.
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

// While adds the current work to an error that only says that a budget is spent.
func While(b *budget.Budget, err error) error {
	if _, spent := err.(*budget.Exceeded); !spent {
		return err
	}
	if doing := b.Doing(); doing != "" {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return err
}

// Within runs f and waits until it returns, but no longer than d.
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
