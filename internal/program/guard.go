package program

import "sync"

// Guard starts programs below a process of its own. That process also finds and ends their
// processes that have left the group and the session, even if this process is killed by a
// signal that cannot be caught. It ends the remaining processes of programs when no program
// runs below the guard.
//
// A guard needs Linux. Elsewhere, and if the guard's process cannot start, programs start
// as without a guard. The process starts with the first program. A Guard is safe for
// concurrent use.
type Guard struct {
	command []string

	mu    sync.Mutex
	begun bool
	guardian
}

// NewGuard returns a Guard. Its process runs this program with the command line args; the
// first of args is the name. The program must then call [Serve].
func NewGuard(args ...string) *Guard { return &Guard{command: args} }
