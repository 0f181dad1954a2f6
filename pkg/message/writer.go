package message

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// LineLimit bounds a line of a message, in bytes: a net below [Cut].
const LineLimit = 16 << 10

// Writer writes text for people to another writer: control characters but
// newline and tab, and what is no UTF-8, as escapes. It is safe for use by
// several goroutines, each of whose writes stays whole.
//
// What systems of continuous integration take for a command when it is in a log
// is broken by an escape as well: "::" where a line begins (GitHub), and "##"
// before a bracket or a letter (GitHub, Azure Pipelines, TeamCity).
type Writer struct {
	to io.Writer
	// limit bounds a line, 0 is none.
	limit int
	// log says that the text may become the log of a system of continuous
	// integration; it is false for a terminal.
	log bool

	mu sync.Mutex
	// held is the end of what was given, where what follows decides how it shows.
	held []byte
	// shown is what is to be written, reused.
	shown []byte
	// column counts the bytes of the line that were shown, skipped those that were
	// not.
	column, skipped int
	// blank says that the line has only spaces so far, hash that # was its last.
	blank, hash bool
}

// NewWriter returns a writer whose lines have at most limit bytes, with the number
// of the others behind them, 0 for no limit: [LineLimit] is for messages.
func NewWriter(to io.Writer, limit int) *Writer {
	return &Writer{to: to, limit: limit, log: true, blank: true}
}

// NewTerminal returns a writer that shows a product on a terminal: whole, with
// control characters as escapes, and what a log would obey as it is.
func NewTerminal(to io.Writer) *Writer { return &Writer{to: to} }

// Write writes p, but for as many as three bytes at its end, which it holds for the
// next call or for Flush.
func (w *Writer) Write(p []byte) (n int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for part := range slices.Chunk(p, 64<<10) {
		text := part
		if len(w.held) > 0 {
			text = slices.Concat(w.held, part)
		}
		w.held = append(w.held[:0], w.show(text)...)
		if err := w.flush(); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}

func (w *Writer) flush() error {
	if len(w.shown) == 0 {
		return nil
	}
	_, err := w.to.Write(w.shown)
	w.shown = w.shown[:0]
	return err
}

// Flush writes what is held. The last line needs it where it has no end.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.held {
		if c < utf8.RuneSelf {
			add(w, 1, string(c))
		} else {
			add(w, 1, escape(string([]byte{c}), utf8.RuneError))
		}
	}
	w.held = nil
	w.endLine()
	return w.flush()
}

// show adds text to what is shown and returns the end of it that must wait for
// more.
func (w *Writer) show(text []byte) (rest []byte) {
	for i := 0; i < len(text); {
		c := text[i]
		if c == '\n' {
			w.endLine()
			w.shown = append(w.shown, '\n')
			w.column, w.blank, w.hash = 0, true, false
			i++
			continue
		}
		if ordinary(c) {
			start := i
			for i < len(text) && ordinary(text[i]) {
				w.blank = w.blank && text[i] == ' '
				i++
			}
			w.hash = false
			add(w, i-start, text[start:i])
			continue
		}
		if c < utf8.RuneSelf && i+1 == len(text) && w.decides(c) || !utf8.FullRune(text[i:]) {
			return text[i:]
		}
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size == 1 || hidden(r):
			add(w, size, escape(string(text[i:i+size]), r))
		case w.decides(c) && command(c, text[i+1]):
			add(w, size, fmt.Sprintf(`\x%02x`, c))
		default:
			add(w, size, text[i:i+size])
		}
		w.hash = c == '#'
		w.blank = w.blank && unicode.IsSpace(r)
		i += size
	}
	return nil
}

// ordinary reports whether a byte shows as itself wherever it is.
func ordinary(c byte) bool {
	return ' ' <= c && c < 0x7f && c != ':' && c != '#'
}

// decides reports whether a byte is the second or only one before the byte that
// decides whether a command begins.
func (w *Writer) decides(c byte) bool {
	return w.log && (c == ':' && w.blank || c == '#' && w.hash)
}

// command reports whether next behind c, which decides, makes a command.
func command(c, next byte) bool {
	if c == ':' {
		return next == ':'
	}
	letter := next | 0x20
	return next == '[' || 'a' <= letter && letter <= 'z'
}

// add shows what stands for n bytes of the text, unless the line is full.
func add[T string | []byte](w *Writer, n int, shown T) {
	if w.limit > 0 && w.column+len(shown) > w.limit {
		if room := w.limit - w.column; n == len(shown) && shown[0] < utf8.RuneSelf {
			// A run of ASCII can be cut anywhere.
			w.shown = append(w.shown, shown[:room]...)
			n -= room
		}
		w.column = w.limit
		w.skipped += n
		return
	}
	w.column += len(shown)
	w.shown = append(w.shown, shown...)
}

// endLine says how much of the line is left out.
func (w *Writer) endLine() {
	w.shown = append(w.shown, more(w.skipped)...)
	w.skipped = 0
}
