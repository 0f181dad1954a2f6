// Package message prepares foreign text for people to read. A program's message about an
// input may quote the input, which can be long or hold characters that command the
// terminal.
//
// [Cut], [CutLines] and [Quote] limit a text when a message is made, and [Line] turns a
// name into one line. A [Writer] escapes the remaining characters when the message is
// written. The package is not for products: output for programs keeps its bytes.
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

// The limits of one shown text, in bytes.
const (
	// Screen is the limit of a message.
	Screen = 4096
	// Short is the limit of a name, and of a value that a message quotes: the longest names
	// of Kubernetes have 253 bytes.
	Short = 256
	// Long is the limit of a message in a format that programs read, where nobody scrolls.
	Long = 64 << 10
)

// Cut returns s if it has at most limit bytes. Otherwise it returns the beginning, in whole
// characters, and how much it leaves out: "… (1,024 more bytes)". Its time and memory
// depend on the result, not on s.
func Cut(s string, limit int) string {
	start := beginning(s, limit)
	return start + more(len(s)-len(start))
}

// CutLines is [Cut] for a text of several lines. The result has at most one newline for
// each 40 bytes of limit.
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

// beginning returns s, or at most its first limit bytes in whole characters.
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

// more says that n bytes are left out. It returns "" for 0.
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

// Quote returns s as [strconv.Quote] does, cut at [Short]. It says behind the quotes how
// much is left out.
func Quote(s string) string {
	start := beginning(s, Short)
	return strconv.Quote(start) + more(len(s)-len(start))
}

// Cell is [Line] with the limit [Screen], for a part of a line such as a column of a table.
func Cell(s string) string { return Line(s, Screen) }

// Line returns s as a part of one line. It cuts s at limit bytes, and escapes control
// characters, newlines, tabs and invalid UTF-8.
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

// Escape returns s as a [Writer] without a limit writes it, for text between escape
// sequences of the program itself.
func Escape(s string) string {
	var b strings.Builder
	w := NewWriter(&b, 0)
	// A builder accepts everything.
	_, _ = io.WriteString(w, s)
	_ = w.Flush()
	return b.String()
}

// hidden reports whether a character commands a terminal, or changes how others show
// without showing itself. These are control characters except newline and tab, the
// separators of lines and paragraphs, and format characters, such as those that turn the
// direction of text (https://trojansource.codes). It makes an exception for the two
// joiners, which many scripts use between letters.
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

// escape returns the escape for text: a hidden character, or a byte of no character, for
// which r is [utf8.RuneError]. If JSON can hold the character unescaped, its escape is that
// of JSON.
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
