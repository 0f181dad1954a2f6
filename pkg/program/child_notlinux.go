//go:build unix && !linux

package program

import (
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// awaitExit waits until a program has ended.
func awaitExit(cmd *exec.Cmd) { _ = cmd.Wait() }
