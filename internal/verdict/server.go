package verdict

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/mop-platform/mop/internal/program"
	"github.com/mop-platform/mop/internal/schema"
)

// protocol is the number of the protocol; package command of the directory apiserver
// describes it.
const protocol = 1

// longestLine is the limit of an answer, in bytes.
const longestLine = 64 << 20

// errEnded says that the output of a program ended before its answer.
var errEnded = errors.New("the program ended before it answered")

// Options say how a program runs.
type Options struct {
	// Env is its environment, as [os.Environ] gives it.
	Env []string
	// AllowPrivileged makes it accept privileged containers, like an API server with the
	// flag --allow-privileged.
	AllowPrivileged bool
	// Timeout is the limit of the time to start, and of the time for each object; 0 is 30
	// seconds.
	Timeout time.Duration
}

// Server is a running program. It is safe for concurrent use; it answers one call at a
// time.
type Server struct {
	name    string
	release string
	timeout time.Duration
	process *program.Process

	mu  sync.Mutex
	out *bufio.Scanner
	// asked is the number of objects of earlier calls. Objects are numbered from 0.
	asked int
	// ended is the reason why the program has ended, nil while it runs.
	ended error
}

// Start runs the program at the path file, an API server of the given version, until ctx is
// done or the server is closed. The error says what is wrong with the program, such as
// another version.
func Start(ctx context.Context, file string, minor schema.Minor, o Options) (*Server, error) {
	s := &Server{name: filepath.Base(file), timeout: o.Timeout}
	if s.timeout == 0 {
		s.timeout = 30 * time.Second
	}
	var args []string
	if o.AllowPrivileged {
		args = append(args, "-allow-privileged")
	}
	var err error
	if s.process, err = (program.Command{Path: file, Args: args, Env: o.Env}).Start(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", s.name, err)
	}
	s.out = bufio.NewScanner(s.process.Out)
	s.out.Buffer(nil, longestLine)
	if err := s.greet(minor); err != nil {
		return nil, s.end(err)
	}
	return s, nil
}

// greet reads the line with the program's release and protocol.
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

// Release returns the release of Kubernetes whose code judges, with its patch.
func (s *Server) Release() string { return s.release }

// Judge returns the verdict on each object, in the same order. Objects are as encoding/json
// decodes them. After an error the program has ended, and later calls return the same
// error.
func (s *Server) Judge(objects []map[string]any) ([]Verdict, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return nil, s.ended
	}
	var sender sync.WaitGroup
	sender.Go(func() {
		if err := s.send(objects); err != nil {
			s.process.End(err)
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

// send writes a line for each object. If the program does not read them, this is no error:
// the reader of its answers notices.
func (s *Server) send(objects []map[string]any) error {
	type question struct {
		ID     int            `json:"id"`
		Object map[string]any `json:"object"`
	}
	buffer := bufio.NewWriter(s.process.In)
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

// receive reads the verdict on the object with the number id.
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
	late := time.AfterFunc(s.timeout, func() { s.process.End(fmt.Errorf("no answer in %s", s.timeout)) })
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
	s.process.In.Close()
	late := time.AfterFunc(s.timeout, func() { s.process.End(fmt.Errorf("does not end in %s", s.timeout)) })
	defer late.Stop()
	if err := s.process.Wait(); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}

// end ends the program because of err, and returns the error for the caller: the reason why
// it was stopped, or else err with the cause of the program's end.
func (s *Server) end(err error) error {
	patience := time.Duration(0)
	if errors.Is(err, errEnded) {
		// It is about to end by itself and to say why.
		patience = s.timeout
	}
	late := time.AfterFunc(patience, func() { s.process.End(err) })
	defer late.Stop()
	waited := s.process.Wait()
	var exit *program.ExitError
	switch {
	case errors.As(waited, &exit):
		if errors.Is(err, errEnded) {
			err = fmt.Errorf("%w: %w", err, exit)
		}
	case waited != nil:
		err = waited
	}
	if said, _, _ := strings.Cut(strings.TrimSpace(string(s.process.Stderr())), "\n"); said != "" {
		err = fmt.Errorf("%w: %s", err, said)
	}
	return fmt.Errorf("%s: %w", s.name, err)
}
