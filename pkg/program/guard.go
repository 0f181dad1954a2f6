package program

import "sync"

// Guard starts programs below a process of its own. That finds and ends also those
// of their processes that have left the group and the session, and it does so
// where this process is killed by a signal that cannot be caught. What a program
// has left ends when no other program runs below the guard.
//
// It takes Linux; elsewhere programs are started as without a guard. It starts with
// the first program. A Guard is safe for concurrent use.
type Guard struct {
	command []string

	mu    sync.Mutex
	begun bool
	guardian
}

// NewGuard returns one whose process is this program's, called with the command
// line args, of which the first is the name: it must then call [Serve].
func NewGuard(args ...string) *Guard { return &Guard{command: args} }
