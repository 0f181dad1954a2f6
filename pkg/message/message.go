// Package message prepares text of others for people to read: what a program
// says of an input may quote the input, which can be long or hold characters
// that command the terminal.
//
// [Cut], [CutLines] and [Quote] bound a text where a message is made, [Line] makes one line
// of a name, and a [Writer] shows as escapes what is left when the message is
// written. Nothing here is for products: what a command prints for programs
// keeps its bytes.
package message

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// The bounds of what is shown of one text, in bytes.
const (
	// Screen bounds a message.
	Screen = 4096
	// Short bounds a value that a message quotes, and a name: the longest names of
	// Kubernetes have 253 bytes.
	Short = 256
	// Long bounds a message in a format that programs read, where nobody scrolls.
	Long = 64 << 10
)

// Cut returns s if it has at most limit bytes, else its beginning, of whole
// characters, and how much is left out: "… (1,024 more bytes)". It takes time
// and memory for what it returns, not for s.
func Cut(s string, limit int) string {
	start := beginning(s, limit)
	return start + more(len(s)-len(start))
}

// CutLines is [Cut] for a text of several lines: one newline for each 40 bytes of
// limit is the most.
func CutLines(s string, limit int) string {
	start := beginning(s, limit)
	for at, lines := 0, 0; ; lines++ {
		end := strings.IndexByte(start[at:], '\n')
		if end < 0 {
			break
		}
		if lines == limit/40 {
			start = start[:at]
			break
		}
		at += end + 1
	}
	return start + more(len(s)-len(start))
}

// beginning returns s or, of whole characters, not more than limit bytes of it.
func beginning(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > 0 && limit-end < utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// more says that n bytes are left out, nothing of 0.
func more(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "… (1 more byte)"
	}
	return "… (" + Count(n) + " more bytes)"
}

// Count returns n, which is not negative, with commas between groups of three
// digits.
func Count(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Counted returns a number of things: "1 object", "2 objects".
func Counted[N int | int64](n N, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// Quote returns s as [strconv.Quote] does, cut at [Short]; how much is left out
// stands behind the quotes.
func Quote(s string) string {
	start := beginning(s, Short)
	return strconv.Quote(start) + more(len(s)-len(start))
}

// Cell returns a value as a part of a line, such as a column of a table.
func Cell(s string) string { return Line(s, Screen) }

// Line returns s as a part of one line: cut at limit bytes, control characters,
// newlines and tabs among them, as escapes.
func Line(s string, limit int) string {
	s = Cut(s, limit)
	hidden := func(r rune) bool { return r == '\n' || r == '\t' || hidden(r) }
	if !strings.ContainsFunc(s, hidden) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for rest := s; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		if r == utf8.RuneError && size == 1 || hidden(r) {
			b.WriteString(escape(rest[:size], r))
		} else {
			b.WriteString(rest[:size])
		}
		rest = rest[size:]
	}
	return b.String()
}

// Escape returns s as a [Writer] without a limit writes it, for what has sequences
// of the program's own around it.
func Escape(s string) string {
	var b strings.Builder
	w := NewWriter(&b, 0)
	// A builder takes everything.
	_, _ = io.WriteString(w, s)
	_ = w.Flush()
	return b.String()
}

// hidden reports whether a character commands a terminal or changes how others
// show without showing itself: control characters but newline and tab, the
// separators of lines and paragraphs, and format characters, such as those that
// turn the direction of text (https://trojansource.codes). The two joiners are
// letters' own matter in many scripts.
func hidden(r rune) bool {
	const nonJoiner, joiner = '\u200c', '\u200d'
	switch {
	case r < ' ':
		return r != '\n' && r != '\t'
	case r < 0x7f:
		return false
	case r == nonJoiner || r == joiner:
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// escape returns the escape for text, a character that is hidden or a byte of no
// character (r is [utf8.RuneError] then). Of characters that the text of JSON can
// hold as they are it is the escape of JSON.
func escape(text string, r rune) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\t':
		return `\t`
	case r == '\r':
		return `\r`
	case r < ' ' || r == utf8.RuneError:
		return fmt.Sprintf(`\x%02x`, text[0])
	case r > 0xffff:
		high, low := utf16.EncodeRune(r)
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}
