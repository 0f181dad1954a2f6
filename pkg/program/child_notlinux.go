//go:build unix && !linux

package program

import (
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// awaitExit waits until a program has ended. Its number is free then: that another
// group gets it before the rest of its own is killed is possible, if unlikely.
func awaitExit(cmd *exec.Cmd) { _ = cmd.Wait() }
