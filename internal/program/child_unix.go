//go:build unix

package program

import (
	"os"
	"syscall"
)

// terminate and kill send a signal to the group of a program. It is no error if the group
// is empty.

func terminate(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGTERM) }

func kill(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
