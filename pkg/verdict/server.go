package verdict

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mop-platform/mop/pkg/schema"
)

// protocol is the number of the protocol that is spoken here; package command of
// the directory apiserver describes it.
const protocol = 1

// longestLine bounds an answer, in bytes.
const longestLine = 64 << 20

// errEnded is that of a program whose output ends before its answer.
var errEnded = errors.New("the program ended before it answered")

// Options are how a program is run.
type Options struct {
	// Env is its environment, as [os.Environ] gives it.
	Env []string
	// AllowPrivileged has it take privileged containers, as an API server with
	// the flag --allow-privileged does.
	AllowPrivileged bool
	// Timeout is how long it may take to start, and for an object; 0 is 30
	// seconds.
	Timeout time.Duration
}

// Server is a program that runs. It is safe for concurrent use; it answers one
// call at a time.
type Server struct {
	name    string
	release string
	timeout time.Duration
	ctx     context.Context
	cancel  context.CancelCauseFunc
	cmd     *exec.Cmd
	in      io.WriteCloser
	stderr  head

	mu  sync.Mutex
	out *bufio.Scanner
	// asked counts the objects, which have the numbers from 0.
	asked int
	// ended is why the program is no longer there, nil while it is.
	ended error
}

// Start runs a program, until ctx is done or the server is closed. The error
// says what is wrong with the program: it may be that of another version.
func Start(ctx context.Context, program string, minor schema.Minor, o Options) (*Server, error) {
	s := &Server{name: filepath.Base(program), timeout: o.Timeout}
	if s.timeout == 0 {
		s.timeout = 30 * time.Second
	}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	var args []string
	if o.AllowPrivileged {
		args = append(args, "-allow-privileged")
	}
	s.cmd = exec.CommandContext(s.ctx, program, args...)
	s.cmd.Env = o.Env
	s.cmd.Stderr = &s.stderr
	s.cmd.WaitDelay = time.Second
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		s.cancel(err)
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	s.in, s.out = in, bufio.NewScanner(out)
	s.out.Buffer(nil, longestLine)
	// What the program has started itself could hold the pipe open.
	context.AfterFunc(s.ctx, func() { out.Close() })
	if err := s.greet(minor); err != nil {
		return nil, s.end(err)
	}
	return s, nil
}

// greet reads the line by which the program says who it is.
func (s *Server) greet(minor schema.Minor) error {
	var hello struct {
		Kubernetes string
		Protocol   int
	}
	if err := s.read(&hello); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	if hello.Protocol != protocol {
		return fmt.Errorf(`want protocol %d, got %d: build it again by "make apiserver"`, protocol, hello.Protocol)
	}
	if !strings.HasPrefix(hello.Kubernetes, minor.String()+".") {
		return fmt.Errorf("want the API server of kubernetes %s, got %q", minor, hello.Kubernetes)
	}
	s.release = hello.Kubernetes
	return nil
}

// Release is the release of Kubernetes whose code judges, such as 1.29.15.
func (s *Server) Release() string { return s.release }

// Judge returns the verdict on each object, in the same order. Objects are as
// encoding/json decodes. After an error the program is no longer there, and
// later calls return the same error.
func (s *Server) Judge(objects []map[string]any) ([]Verdict, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return nil, s.ended
	}
	var sender sync.WaitGroup
	sender.Go(func() {
		if err := s.send(objects); err != nil {
			s.cancel(err)
		}
	})
	verdicts := make([]Verdict, len(objects))
	var err error
	for i := range objects {
		if verdicts[i], err = s.receive(s.asked + i); err != nil {
			err = fmt.Errorf("object %d of %d: %w", i+1, len(objects), err)
			break
		}
	}
	if err != nil {
		s.ended = s.end(err)
	}
	sender.Wait()
	s.asked += len(objects)
	if s.ended != nil {
		return nil, s.ended
	}
	return verdicts, nil
}

// send writes a line for each object. That the program does not read them is no
// error here: whoever waits for its answers notices.
func (s *Server) send(objects []map[string]any) error {
	type question struct {
		ID     int            `json:"id"`
		Object map[string]any `json:"object"`
	}
	buffer := bufio.NewWriter(s.in)
	for i, object := range objects {
		line, err := json.Marshal(question{s.asked + i, object})
		if err != nil {
			return err
		}
		if _, err := buffer.Write(append(line, '\n')); err != nil {
			return nil
		}
	}
	_ = buffer.Flush()
	return nil
}

// receive reads the verdict on the object of a number.
func (s *Server) receive(id int) (Verdict, error) {
	var answer struct {
		ID      *int
		Valid   *bool
		Message string
		Causes  []Cause
	}
	if err := s.read(&answer); err != nil {
		return Verdict{}, err
	}
	switch {
	case answer.ID == nil || answer.Valid == nil:
		return Verdict{}, errors.New("want a verdict with id and valid, got one without")
	case *answer.ID != id:
		return Verdict{}, fmt.Errorf("want the verdict with the id %d, got %d", id, *answer.ID)
	case *answer.Valid != (answer.Message == ""):
		return Verdict{}, fmt.Errorf("want a message where the object is not valid, and none where it is, got valid %t and message %q", *answer.Valid, answer.Message)
	case answer.Message == "unknown-kind":
		return Verdict{}, nil
	}
	return Verdict{Served: true, Valid: *answer.Valid, Message: answer.Message, Causes: answer.Causes}, nil
}

// read reads a line of JSON, and ends the program if there is none in time.
func (s *Server) read(into any) error {
	late := time.AfterFunc(s.timeout, func() { s.cancel(fmt.Errorf("no answer in %s", s.timeout)) })
	defer late.Stop()
	if !s.out.Scan() {
		if err := s.out.Err(); err != nil {
			return err
		}
		return errEnded
	}
	if err := json.Unmarshal(s.out.Bytes(), into); err != nil {
		return fmt.Errorf("want a line of JSON, got %.80q", s.out.Bytes())
	}
	return nil
}

// Close ends the program. Closing again does nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return nil
	}
	s.ended = fmt.Errorf("%s: %w", s.name, fs.ErrClosed)
	s.in.Close()
	late := time.AfterFunc(s.timeout, func() { s.cancel(fmt.Errorf("does not end in %s", s.timeout)) })
	defer late.Stop()
	err := s.cmd.Wait()
	if cause := context.Cause(s.ctx); cause != nil {
		err = cause
	}
	s.cancel(nil)
	if err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

// end ends the program because of err, and returns what is to be said of that:
// why it was stopped, else err and what the program died of.
func (s *Server) end(err error) error {
	s.in.Close()
	cause := context.Cause(s.ctx)
	patience := time.Duration(0)
	if errors.Is(err, errEnded) {
		// It is about to end by itself and to say why.
		patience = s.timeout
	}
	late := time.AfterFunc(patience, func() { s.cancel(err) })
	defer late.Stop()
	var exit *exec.ExitError
	if waited := s.cmd.Wait(); errors.As(waited, &exit) && errors.Is(err, errEnded) {
		err = fmt.Errorf("%w: %w", err, exit)
	}
	s.cancel(err)
	if cause != nil {
		err = cause
	}
	// Wait has ended its writer.
	if said, _, _ := strings.Cut(strings.TrimSpace(string(s.stderr.text)), "\n"); said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	return fmt.Errorf("%s: %w", s.name, err)
}

// head is a writer that keeps the beginning of what is written.
type head struct{ text []byte }

func (h *head) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(len(p), 4096-len(h.text))]...)
	return len(p), nil
}
