//go:build !unix

package program

import (
	"os"
	"os/exec"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

// awaitExit waits until a program has ended.
func awaitExit(cmd *exec.Cmd) { _ = cmd.Wait() }

// terminate and kill end a program. These systems have no signal that asks it to end.

func terminate(p *os.Process) { _ = p.Kill() }

func kill(p *os.Process) { _ = p.Kill() }
