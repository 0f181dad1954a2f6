package native

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/program"
	"github.com/mop-platform/mop/pkg/diag"
)

// renderer runs a program that prints YAML. It runs the program once for equal input, even
// if several goroutines ask at the same time.
type renderer struct {
	name string
	// variable is the name of the environment variable from which users choose the program.
	variable string
	environ  []string
	dir      string // in which the program runs
	guard    *program.Guard
	// forbidden is the name of the flag or variable that forbids the program, "" for none.
	forbidden string
	// setting is what would allow it, see [Options.Setting].
	setting string

	mu   sync.Mutex
	runs map[[sha256.Size]byte]*run
	// limit is how many bytes of output the runs may have, 0 for any number, and size how
	// many they have. ended are the keys of those that count, in the order of their ends.
	limit, size int64
	ended       [][sha256.Size]byte
}

// run is one run of the program. It has ended when done is closed.
type run struct {
	done chan struct{}
	docs []any
	// changed describes the integers that Jsonnet cannot hold.
	changed []string
	err     error
	// size is about how many bytes the run keeps.
	size int64
	// spent says that err is about the budget of one call: others run the program again.
	spent bool
}

func newRenderer(name, standard, variable string, o Options) *renderer {
	if name == "" {
		name = standard
	}
	return &renderer{name: name, variable: variable, environ: o.Environ, dir: o.Dir, guard: o.Guard, forbidden: o.Forbidden, setting: o.Setting, limit: o.Cache, runs: map[[sha256.Size]byte]*run{}}
}

// allowed refuses a program that is forbidden.
func (p *renderer) allowed() error {
	if p.forbidden == "" {
		return nil
	}
	return diag.Diagnostic{
		Code:    failure.ForbiddenProgram,
		Values:  map[string]any{"setting": p.setting},
		Problem: fmt.Sprintf("wants to run %s, but programs are forbidden by %s", filepath.Base(p.name), p.forbidden),
	}
}

// request is the input of a run.
type request struct {
	// verb and subject describe it in messages: "template" and "web charts/nginx".
	verb, subject string
	args          []string
	stdin         []byte
	// in holds the files that the program will read.
	in *inputs
}

// command describes a run in messages.
func (p *renderer) command(r request) string {
	return filepath.Base(p.name) + " " + r.verb + " " + r.subject
}

// documents returns the documents that the program prints. Callers share the result and
// must not change it. Warnings go to the call.
func (p *renderer) documents(c eval.Call, req request) ([]any, error) {
	r, err := p.result(c.Context(), req)
	if err != nil {
		return nil, err
	}
	if n := len(r.changed); n > 0 {
		c.Warn("output of "+p.command(req)+": "+document.List(n, func(i int) string { return r.changed[i] }), failure.LargeInteger)
	}
	return r.docs, nil
}

// result returns a run of the program, after its end.
func (p *renderer) result(ctx context.Context, req request) (*run, error) {
	// Quotes separate the elements, and fmt sorts maps.
	key := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", req.args, req.stdin, req.in.contents))
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
			r.docs, r.changed, r.size, r.err = p.run(ctx, req)
			var spent *budget.Exceeded
			r.spent = budget.Of(ctx).Err() != nil || errors.As(r.err, &spent)
			p.keep(key, r)
			return r, r.err
		}
		select {
		case <-r.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("%s: %w", p.command(req), budget.Of(ctx).Err())
		}
		if !r.spent {
			return r, r.err
		}
	}
}

// runSize is about how many bytes a run takes besides its output.
const runSize = 1 << 10

// keep keeps a run that has ended for later calls, and forgets others until the limit holds.
// With a limit it keeps no failure: the program may have another fate later.
func (p *renderer) keep(key [sha256.Size]byte, r *run) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.spent || r.err != nil && p.limit > 0 {
		delete(p.runs, key)
		return
	}
	r.size += runSize
	p.ended = append(p.ended, key)
	p.size += r.size
	for p.limit > 0 && p.size > p.limit && len(p.ended) > 0 {
		first := p.ended[0]
		p.ended = p.ended[1:]
		p.size -= p.runs[first].size
		delete(p.runs, first)
	}
}

func (p *renderer) run(ctx context.Context, req request) (docs []any, changed []string, size int64, err error) {
	name := p.name
	if p.dir != "" && filepath.Base(name) != name && !filepath.IsAbs(name) {
		name = filepath.Join(p.dir, name)
	}
	file, err := program.Find(name, p.environ)
	if err != nil {
		return nil, nil, 0, diag.Diagnostic{
			Code: failure.NoProgram, Values: map[string]any{"variable": p.variable},
			Problem: fmt.Sprintf("program %q not found", p.name),
		}
	}
	out, err := program.Command{Path: file, Args: req.args, Env: p.environ, Dir: p.dir, Stdin: req.stdin, Guard: p.guard}.Output(ctx)
	if err != nil {
		var failed *program.ExitError
		said := ""
		if errors.As(err, &failed) {
			said = firstLines(failed.Stderr)
		}
		return nil, nil, 0, fmt.Errorf("%s: %w%s", p.command(req), err, said)
	}
	docs, changed, err = manifests(ctx, out)
	if err != nil {
		return nil, nil, 0, fmt.Errorf("output of %s: %w", p.command(req), err)
	}
	return docs, changed, int64(len(out)), nil
}

// mostLines is the limit of lines from a program's error output.
const mostLines = 10

// firstLines returns the first lines of a text that are not blank, each after a line break.
func firstLines(text []byte) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if n++; n > mostLines {
			break
		}
		b.WriteString("\n" + line)
	}
	return b.String()
}
