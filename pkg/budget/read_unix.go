//go:build unix

package budget

import "syscall"

// withoutWaiting opens a pipe although nobody writes to it.
const withoutWaiting = syscall.O_NONBLOCK
