package message

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// LineLimit is the limit of a line of a message, in bytes, if [Cut] was forgotten.
const LineLimit = 16 << 10

// Writer writes text for people to another writer. It escapes control characters, except
// newline and tab, and invalid UTF-8. It is safe for concurrent use, and each write stays
// whole.
//
// It also escapes text that systems of continuous integration take for a command in a log:
// "::" at the beginning of a line (GitHub), and "##" before a bracket or a letter (GitHub,
// Azure Pipelines, TeamCity).
type Writer struct {
	to io.Writer
	// limit is the limit of a line in bytes, 0 for none.
	limit int
	// log says that the text may become the log of a system of continuous
	// integration; it is false for a terminal.
	log bool

	mu sync.Mutex
	// held is the end of the text if the next bytes decide how it shows.
	held []byte
	// shown is the text to be written. Its memory is reused.
	shown []byte
	// column counts the bytes that show on the line, skipped the bytes of text that do not.
	column, skipped int
	// blank says that the line has only spaces so far, hash that its last byte is #.
	blank, hash bool
}

// NewWriter returns a Writer whose lines have at most limit bytes, and then the number of
// omitted bytes. A limit of 0 is none; messages have [LineLimit].
func NewWriter(to io.Writer, limit int) *Writer {
	return &Writer{to: to, limit: limit, log: true, blank: true}
}

// NewTerminal returns a Writer that shows a product on a terminal. It escapes control
// characters, but cuts no lines and leaves commands of logs alone.
func NewTerminal(to io.Writer) *Writer { return &Writer{to: to} }

// Write writes p. It may hold up to three bytes of the end for the next call or for Flush.
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

// Flush writes the held bytes. The last line needs it if it has no newline.
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

// show adds text to w.shown and returns the end that must wait for more text.
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

// ordinary reports whether a byte shows as itself everywhere.
func ordinary(c byte) bool {
	return ' ' <= c && c < 0x7f && c != ':' && c != '#'
}

// decides reports whether the byte after c decides whether a command begins with c.
func (w *Writer) decides(c byte) bool {
	return w.log && (c == ':' && w.blank || c == '#' && w.hash)
}

// command reports whether c and next begin a command. decides must be true for c.
func command(c, next byte) bool {
	if c == ':' {
		return next == ':'
	}
	letter := next | 0x20
	return next == '[' || 'a' <= letter && letter <= 'z'
}

// add writes a text in the place of n bytes of the input, unless the line is full.
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

// endLine says how many bytes of the line are left out.
func (w *Writer) endLine() {
	w.shown = append(w.shown, more(w.skipped)...)
	w.skipped = 0
}
