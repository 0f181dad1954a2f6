package stream

import (
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/mop-platform/mop/internal/message"
)

// Traces receives the output of std.trace, from several evaluations at the same time. It
// writes the output to standard error as it comes. If a command evaluates several
// entrypoints at once, it writes when all are done, in the order of their names; otherwise
// the order of lines would change from run to run. For several environments of one file it
// sorts the texts and writes equal ones once, because the number of processors decides how
// often shared code is evaluated.
type Traces struct {
	w  io.Writer
	mu sync.Mutex
	// held counts the callers of Hold; kept is the output that waits.
	held int
	kept []*heldTrace
}

// heldTrace is the output of one evaluation, or of one part of it.
type heldTrace struct {
	traces *Traces
	name   string
	texts  []string
}

// NewTraces returns Traces that write to w.
func NewTraces(w io.Writer) *Traces { return &Traces{w: w} }

func (t *Traces) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(p), t.show(string(p))
}

// show writes the text of one call of std.trace.
func (t *Traces) show(text string) error {
	_, err := io.WriteString(t.w, message.CutLines(strings.TrimSuffix(text, "\n"), message.LineLimit)+"\n")
	return err
}

// Of returns the writer for one evaluation, or one part of it.
func (t *Traces) Of(name string) io.Writer {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held == 0 {
		return t
	}
	h := &heldTrace{traces: t, name: name}
	t.kept = append(t.kept, h)
	return h
}

func (h *heldTrace) Write(p []byte) (int, error) {
	h.traces.mu.Lock()
	defer h.traces.mu.Unlock()
	h.texts = append(h.texts, string(p))
	return len(p), nil
}

// Hold holds the output of evaluations back until release is called.
func (t *Traces) Hold() (release func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held++
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.held--; t.held > 0 {
			return
		}
		slices.SortStableFunc(t.kept, func(a, b *heldTrace) int { return strings.Compare(a.name, b.name) })
		for rest := t.kept; len(rest) > 0; {
			texts, n := rest[0].texts, 1
			for ; n < len(rest) && rest[n].name == rest[0].name; n++ {
				texts = append(texts, rest[n].texts...)
			}
			if n > 1 {
				slices.Sort(texts)
				texts = slices.Compact(texts)
			}
			rest = rest[n:]
			for _, text := range texts {
				// If standard error fails, there is nowhere to report it.
				_ = t.show(text)
			}
		}
		t.kept = nil
	}
}
