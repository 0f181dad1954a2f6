// Package program runs other programs. They and their processes end with the work that
// needs them: when its context ends, when its budget is spent, when a program writes more
// than fits in memory, and when this process dies.
//
// A program gets a session, and so a process group, of its own: no signal of a terminal
// reaches it, and it cannot prompt on a terminal. Its standard input is a pipe. To end it,
// the package sends SIGTERM to its group and, after [Grace], SIGKILL. When the program has
// ended, the rest of its group gets SIGKILL. On Linux a program also gets SIGKILL when this
// process ends, in whatever way.
//
// Two kinds of processes escape: those that have left the program's session, and, if
// SIGKILL ends this process, those that the program has started. A [Guard] ends them too.
// On systems other than Linux there is no guard, and SIGKILL of this process leaves all of
// them. On systems that are no Unix, only the program itself is ended.
package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"

	"github.com/mop-platform/mop/internal/budget"
)

// Grace is how long a program has to end by itself when it is told to end.
const Grace = 300 * time.Millisecond

// patience is how long to wait for the output of a program that has ended, if a process
// that it has started keeps the output open.
const patience = time.Second

// mostComplaint is how many bytes a program may write to standard error.
const mostComplaint = 64 << 20

// Command says what to run. It may be used again.
type Command struct {
	// Path is the path of the program, as of [Find].
	Path string
	// Args are its arguments, without its name.
	Args []string
	// Env is its whole environment.
	Env []string
	// Dir is the directory in which it runs, "" for that of this process.
	Dir string
	// Stdin is its standard input in [Command.Output].
	Stdin []byte
	// Guard starts it. It may be nil.
	Guard *Guard
}

// ExitError is the error of a program that failed.
type ExitError struct {
	// Status is how it ended, such as "exit status 1" or "signal: killed".
	Status string
	// Stderr is the beginning of its standard error, 4096 bytes at most.
	Stderr []byte
}

func (e *ExitError) Error() string { return e.Status }

// errHeld is the error if output may be missing that other processes were to write.
var errHeld = errors.New("has ended, but not what it started, which keeps its output open")

// Output runs a program to its end and returns its standard output, which must fit into the
// memory that is left. The error is an [*ExitError] if the program fails. If the program
// was ended, it is a [*budget.Exceeded] or the cause of the end of ctx.
func (c Command) Output(ctx context.Context) ([]byte, error) {
	p, err := c.Start(ctx)
	if err != nil {
		return nil, err
	}
	go func() {
		// The program may not read all of it.
		_, _ = p.In.Write(c.Stdin)
		p.In.Close()
	}()
	var out []byte
	counted := counter{r: p.Out}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		var err error
		if out, err = budget.Read(ctx, &counted); err != nil {
			p.End(err)
		}
	}()
	err = p.wait(drained)
	var spent *budget.Exceeded
	if limit := budget.Of(ctx).Limits().Memory; errors.As(err, &spent) && counted.n > limit/8 && spent.What == budget.Memory {
		// The output fills the memory, whoever noticed first.
		return nil, fmt.Errorf("output: %w", err)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

// counter counts the bytes that it reads.
type counter struct {
	r io.Reader
	n uint64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += uint64(n)
	return n, err
}

// Process is a running program.
type Process struct {
	// In is its standard input, Out its standard output.
	In, Out *os.File

	child *child
	err   *os.File
	// unwatch ends the watch over the context.
	unwatch func() bool
	// said is closed when stderr is complete.
	said   chan struct{}
	stderr head

	once   sync.Once
	ending chan struct{}
	// cause is why it was ended. It is valid once ending is closed.
	cause error
}

// Start starts a program, which runs until ctx ends. The caller must call [Process.Wait].
func (c Command) Start(ctx context.Context) (*Process, error) {
	if err := budget.Of(ctx).Err(); err != nil {
		return nil, err
	}
	var ours, theirs [3]*os.File
	for i := range ours {
		r, w, err := os.Pipe()
		if err != nil {
			closeAll(ours)
			closeAll(theirs)
			return nil, err
		}
		ours[i], theirs[i] = r, w
		if i == 0 {
			ours[i], theirs[i] = w, r
		}
	}
	start := c.spawn
	if c.Guard != nil {
		start = func(files [3]*os.File) (*child, error) { return c.Guard.start(c, files) }
	}
	child, err := start(theirs)
	closeAll(theirs)
	if err != nil {
		closeAll(ours)
		return nil, err
	}
	p := &Process{
		In: ours[0], Out: ours[1], err: ours[2], child: child,
		said: make(chan struct{}), ending: make(chan struct{}),
	}
	go p.listen()
	p.unwatch = context.AfterFunc(ctx, func() { p.End(budget.Of(ctx).Err()) })
	return p, nil
}

func closeAll(files [3]*os.File) {
	for _, f := range files {
		if f != nil {
			f.Close()
		}
	}
}

// spawn starts the program as a child of this process.
func (c Command) spawn(files [3]*os.File) (*child, error) {
	cmd := exec.Command(c.Path, c.Args...)
	cmd.Dir = c.Dir
	// A nil Env would pass on the environment of this process.
	cmd.Env = append([]string{}, c.Env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = files[0], files[1], files[2]
	cmd.SysProcAttr = attributes()
	return spawn(cmd)
}

// listen reads standard error.
func (p *Process) listen() {
	defer close(p.said)
	n, err := io.Copy(&p.stderr, io.LimitReader(p.err, mostComplaint))
	if err == nil && n == mostComplaint {
		p.End(fmt.Errorf("writes more than %s to standard error", budget.Bytes(mostComplaint)))
	}
}

// End begins to end the program because of err, which Wait then returns. Reads of Out soon
// end. A later call does nothing.
func (p *Process) End(err error) {
	p.once.Do(func() {
		p.cause = err
		close(p.ending)
		p.child.end()
		go func() {
			p.child.await()
			// A process that still holds the other end is out of reach.
			p.Out.Close()
		}()
	})
}

// Wait closes In and Out, and waits until the program has ended and nothing is left of it.
// The error is an [*ExitError] if the program failed, or that of [Process.End].
func (p *Process) Wait() error {
	p.In.Close()
	p.Out.Close()
	drained := make(chan struct{})
	close(drained)
	return p.wait(drained)
}

// wait is Wait while another goroutine reads Out, until drained is closed.
func (p *Process) wait(drained <-chan struct{}) error {
	defer p.unwatch()
	select {
	case <-p.child.exited:
	case <-p.ending:
	}
	late, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	held := false
	for _, done := range []<-chan struct{}{drained, p.said} {
		select {
		case <-done:
		case <-p.ending:
		case <-late.Done():
			held = held || done == drained
		}
	}
	p.child.end()
	gone := p.child.await()
	var cause error
	select {
	case <-p.ending:
		cause = p.cause
	default:
	}
	// A process that still holds the other ends is out of reach.
	p.In.Close()
	p.Out.Close()
	p.err.Close()
	<-drained
	<-p.said
	switch {
	case cause != nil:
		return cause
	case !gone:
		return errors.New("cannot be ended")
	case p.child.status != "":
		return &ExitError{p.child.status, p.stderr.text}
	case held:
		return errHeld
	}
	return nil
}

// Stderr returns the beginning of the program's standard error, once Wait has returned.
func (p *Process) Stderr() []byte { return p.stderr.text }

// head is a writer that keeps the beginning of its text.
type head struct{ text []byte }

func (h *head) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(len(p), 4096-len(h.text))]...)
	return len(p), nil
}
