package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progress is a bar on a terminal, for work that takes more than a second. The
// zero progress shows nothing.
type progress struct {
	w     io.Writer
	what  string
	since time.Time
	shown bool
}

// progress returns a bar that counts what, which shows only if standard error
// is a terminal.
func (a *app) progress(what string) *progress {
	if !isTerminal(a.rawStderr) {
		return &progress{}
	}
	return &progress{w: a.rawStderr, what: what, since: time.Now()}
}

func (p *progress) show(done, total int) {
	if p.w == nil || time.Since(p.since) < time.Second {
		return
	}
	p.shown = true
	const width = 30
	filled := width * done / max(total, 1)
	fmt.Fprintf(p.w, "\r[%s%s] %d of %d %s", strings.Repeat("#", filled), strings.Repeat(" ", width-filled), done, total, p.what)
}

// done removes the bar.
func (p *progress) done() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}

// isTerminal reports whether a stream, to read or to write, is a terminal.
func isTerminal(stream any) bool {
	switch s := stream.(type) {
	case *input:
		stream = s.from
	case *pipe:
		stream = s.File
	}
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
