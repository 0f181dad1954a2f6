package stream

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// Bar is a progress bar on a terminal, for work that takes more than a second. The zero Bar
// shows nothing.
type Bar struct {
	w     io.Writer
	what  string
	since time.Time
	shown bool
}

// NewBar returns a bar that counts things named what. It shows only if w is a terminal.
func NewBar(w io.Writer, what string) *Bar {
	if !IsTerminal(w) {
		return &Bar{}
	}
	return &Bar{w: w, what: what, since: time.Now()}
}

// Show shows how much is done.
func (b *Bar) Show(done, total int) {
	if b.w == nil || time.Since(b.since) < time.Second {
		return
	}
	b.shown = true
	const width = 30
	filled := width * done / max(total, 1)
	fmt.Fprintf(b.w, "\r[%s%s] %d of %d %s", strings.Repeat("#", filled), strings.Repeat(" ", width-filled), done, total, b.what)
}

// Done removes the bar.
func (b *Bar) Done() {
	if b.shown {
		fmt.Fprint(b.w, "\r\x1b[K")
	}
}

// IsTerminal reports whether a stream, to read or to write, is a terminal.
func IsTerminal(stream any) bool {
	switch s := stream.(type) {
	case *input:
		stream = s.from
	case *pipe:
		stream = s.File
	}
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
