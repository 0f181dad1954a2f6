package program

import (
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// child is a started program.
type child struct {
	// exited is closed when the program has ended, gone when its remaining processes have
	// ended too.
	exited, gone chan struct{}
	// status says how the program failed, "" if it did not. It is valid once gone is
	// closed.
	status string

	once sync.Once
	stop chan struct{}
}

func newChild() *child {
	return &child{exited: make(chan struct{}), gone: make(chan struct{}), stop: make(chan struct{})}
}

// end begins to end the program and its remaining processes.
func (c *child) end() { c.once.Do(func() { close(c.stop) }) }

// await waits until nothing is left of a program that is to end. It reports false if the
// system does not end it in time.
func (c *child) await() bool {
	select {
	case <-c.gone:
		return true
	case <-time.After(Grace + patience):
		return false
	}
}

// spawn starts a program.
func spawn(cmd *exec.Cmd) (*child, error) {
	c := newChild()
	started := make(chan error)
	go func() {
		// Linux ends the program with the thread that started it. The lock keeps the thread
		// as long as the program, so that no other code can end it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			awaitExit(cmd)
			close(c.exited)
			<-c.gone
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	go c.oversee(cmd)
	return c, nil
}

// oversee ends the program when it is told to. It also kills the rest of the program's
// group.
func (c *child) oversee(cmd *exec.Cmd) {
	defer close(c.gone)
	select {
	case <-c.exited:
		<-c.stop
	case <-c.stop:
		terminate(cmd.Process)
		select {
		case <-c.exited:
		case <-time.After(Grace):
		}
	}
	kill(cmd.Process)
	<-c.exited
	if cmd.ProcessState == nil {
		// The error says less than the state.
		_ = cmd.Wait()
	}
	if state := cmd.ProcessState; !state.Success() {
		c.status = state.String()
	}
}
