package native

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/document"
	"github.com/mop-platform/mop/pkg/eval"
)

// program is an external program that prints YAML. It runs once for equal
// input, also where several goroutines ask at the same time.
type program struct {
	name    string
	environ []string

	mu   sync.Mutex
	runs map[[sha256.Size]byte]*run
}

// run is one run of the program, over when done is closed.
type run struct {
	done chan struct{}
	docs []any
	// changed tells of the integers that Jsonnet cannot hold.
	changed []string
	err     error
}

func newProgram(name, standard string, environ []string) *program {
	if name == "" {
		name = standard
	}
	return &program{name: name, environ: environ, runs: map[[sha256.Size]byte]*run{}}
}

// documents returns what the program prints. in holds the files that it will
// read. The caller must not change the result, which others share. Warnings are
// of the call.
func (p *program) documents(c eval.Call, args []string, stdin []byte, in *inputs) ([]any, error) {
	r, err := p.result(c.Context(), args, stdin, in)
	if err != nil {
		return nil, err
	}
	if n := len(r.changed); n > 0 {
		c.Warn("output of "+p.command(args)+": "+document.List(n, func(i int) string { return r.changed[i] }), document.Exactness)
	}
	return r.docs, nil
}

// command names the program for messages.
func (p *program) command(args []string) string { return filepath.Base(p.name) + " " + args[0] }

// result returns a run of the program that has ended.
func (p *program) result(ctx context.Context, args []string, stdin []byte, in *inputs) (*run, error) {
	// In quotes, no element can pass for another's end; fmt sorts maps.
	key := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", args, stdin, in.contents))
	for {
		p.mu.Lock()
		r, ok := p.runs[key]
		if !ok {
			r = &run{done: make(chan struct{}), err: errors.New("interrupted")}
			p.runs[key] = r
		}
		p.mu.Unlock()
		if !ok {
			defer close(r.done)
			r.docs, r.changed, r.err = p.run(ctx, args, stdin)
			if ctx.Err() != nil {
				// Of no use to anyone else: whoever waits runs it again.
				p.forget(key)
				r.err = context.Cause(ctx)
			}
			return r, r.err
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if p.remembers(key, r) {
			return r, r.err
		}
	}
}

func (p *program) forget(key [sha256.Size]byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.runs, key)
}

func (p *program) remembers(key [sha256.Size]byte, r *run) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.runs[key] == r
}

// waitDelay is how long a program that has ended or been killed is waited for
// where a child of its own keeps its output open.
const waitDelay = time.Second

func (p *program) run(ctx context.Context, args []string, stdin []byte) (docs []any, changed []string, err error) {
	file, err := p.find()
	if err != nil {
		return nil, nil, err
	}
	var stderr head
	cmd := exec.CommandContext(ctx, file, args...)
	// A nil Env would hand on this process's own.
	cmd.Env = append([]string{}, p.environ...)
	cmd.Stdin = bytes.NewReader(stdin)
	cmd.Stderr = &stderr
	cmd.WaitDelay = waitDelay
	out, err := cmd.Output()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w%s", p.command(args), err, stderr.lines())
	}
	docs, changed, err = manifests(out)
	if err != nil {
		return nil, nil, fmt.Errorf("output of %s: %w", p.command(args), err)
	}
	return docs, changed, nil
}

// find returns the path of the program.
func (p *program) find() (string, error) {
	candidates := []string{p.name}
	if filepath.Base(p.name) == p.name {
		candidates = nil
		for _, dir := range filepath.SplitList(p.variable("PATH")) {
			candidates = append(candidates, filepath.Join(dir, p.name))
		}
	}
	for _, c := range candidates {
		// LookPath would search a bare name in this process's PATH.
		if filepath.Base(c) == c {
			continue
		}
		if file, err := exec.LookPath(c); err == nil {
			return file, nil
		}
	}
	return "", diag.Diagnostic{
		Problem: fmt.Sprintf("program %q not found", p.name),
		Hints:   []string{"install it, or say where it is"},
	}
}

// variable returns a variable of the program's environment. As in os/exec, the
// last of several counts.
func (p *program) variable(name string) string {
	for _, entry := range slices.Backward(p.environ) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// head keeps the beginning of what is written to it.
type head struct{ text []byte }

// maxHead and maxHeadLines are how much of a program's complaint is told.
const (
	maxHead      = 4096
	maxHeadLines = 10
)

func (h *head) Write(p []byte) (int, error) {
	h.text = append(h.text, p[:min(len(p), maxHead-len(h.text))]...)
	return len(p), nil
}

// lines returns the first lines, each behind a line break.
func (h *head) lines() string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(string(h.text)) {
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if n++; n > maxHeadLines {
			break
		}
		b.WriteString("\n" + line)
	}
	return b.String()
}
