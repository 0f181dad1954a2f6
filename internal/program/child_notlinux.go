//go:build unix && !linux

package program

import (
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// awaitExit waits until a program has ended. The system may then reuse the program's
// number: it is possible, if unlikely, that another group gets the number and is killed.
func awaitExit(cmd *exec.Cmd) { _ = cmd.Wait() }
