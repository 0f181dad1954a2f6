//go:build unix

package budget

import "syscall"

// withoutWaiting opens a pipe even if nobody writes to it.
const withoutWaiting = syscall.O_NONBLOCK
