package emitter

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// breaks are the characters that end a line in some version of YAML.
const breaks = "\n\r\u0085\u2028\u2029"

// form is the way to write a text.
type form int

const (
	plain form = iota
	singleQuoted
	doubleQuoted
	literal
)

// text writes a string and returns its form. indent is the indent of the collection around
// it.
func (e *emitter) text(s string, indent int, at place) form {
	if !utf8.ValidString(s) {
		s = string([]rune(s)) // one U+FFFD for each byte, as encoding/json has it
	}
	width := e.width
	if at == simpleKey {
		width = math.MaxInt
	}
	inner := e.deeper(indent, at, e.step)
	f := e.formOf(s)
	switch {
	case f == literal && e.misleads(s, indent, inner, at),
		f == plain && isKey(at) && e.isAmbiguousKey(s),
		f == plain && endsEarly(indent, inner, at) && e.column+len(s) >= width:
		f = doubleQuoted
	}
	switch f {
	case plain:
		if !e.spaced {
			e.put(" ")
		}
		e.folded(s, inner, width)
		e.spaced, e.fresh = false, false
	case singleQuoted:
		e.write("'", true, false)
		e.folded(strings.ReplaceAll(s, "'", "''"), inner, width)
		e.write("'", false, false)
	case doubleQuoted:
		e.doubleQuoted(s, inner, width)
	case literal:
		e.literal(s, inner)
	}
	return f
}

func isKey(at place) bool { return at == simpleKey || at == longKey || at == mixedLongKey }

// isAmbiguousKey reports whether some reader misreads a text only as a key. The key <<
// merges; for goccy/go-yaml, so does any key that ends in <<. kubectl takes a document for
// JSON if its first key begins with {, also after white space.
func (e *emitter) isAmbiguousKey(s string) bool {
	return strings.HasSuffix(s, "<<") ||
		len(e.out) == 0 && strings.HasPrefix(strings.TrimLeftFunc(s, unicode.IsSpace), "{")
}

// formOf returns the form that the libraries write a text in. It does not regard texts that
// some reader misreads.
func (e *emitter) formOf(s string) form {
	quoted := strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...")
	lines, tab := false, false
	// All readers read separators correctly at the end of one line.
	separators := len(strings.TrimRight(s, "\u2028\u2029"))
	if strings.HasSuffix(s[:separators], " ") {
		separators = len(s)
	}
	for i, c := range s {
		next := byte(' ')
		if i+1 < len(s) {
			next = s[i+1]
		}
		switch {
		case c == '\n':
			lines = true
		case c == '\t' && e.style.Wide:
			tab = true
		case i >= separators && !lines:
			quoted = true
		case !isPrintable(c):
			return doubleQuoted
		case c == ':' && next == ' ', c == '#' && i > 0 && s[i-1] == ' ':
			quoted = true
		case i > 0:
		case c == ' ', strings.ContainsRune("#,[]{}&*!|>'\"%@`", c), (c == '?' || c == '-') && next == ' ':
			quoted = true
		}
	}
	switch endsInSpace := strings.HasSuffix(s, " "); {
	case lines && (endsInSpace || strings.Contains(s, " \n")):
		return doubleQuoted
	case lines:
		return literal
	case tab || isAmbiguous(s) || s == "<<" && e.style.Wide:
		return doubleQuoted
	case quoted || endsInSpace:
		return singleQuoted
	}
	return plain
}

// misleads reports whether some reader takes a text with its line breaks for another text.
func (e *emitter) misleads(s string, indent, inner int, at place) bool {
	if at == mixedLongKey || endsEarly(indent, inner, at) {
		return true
	}
	switch s[0] {
	case '\t':
		return true // libyaml does not take it for indentation
	case ' ', '\n':
		// A number before the text says how deep it is indented. yaml.v3 writes a wrong
		// number unless the text is indented by four. goccy/go-yaml misreads a text that
		// consists of line breaks, that follows a long key, or that ends the document with
		// line breaks.
		return inner != max(indent, 0)+e.step || strings.Trim(s, "\n") == "" ||
			at == longField || at == quotedLongField || e.last && strings.HasSuffix(s, "\n\n")
	}
	return false
}

// endsEarly reports whether goccy/go-yaml takes the second line of a text for the end of
// it. It does so behind a long key that is no literal, if the line is indented no deeper.
func endsEarly(indent, inner int, at place) bool { return at == quotedLongField && inner == indent+2 }

// isPrintable reports whether the libraries write a character unescaped if they can.
func isPrintable(c rune) bool {
	switch {
	case c < 0x20:
		return c == '\n'
	case c == '\u2028', c == '\u2029', c == '\ufeff':
		return false
	}
	return c <= 0x7e || 0xa0 <= c && c <= 0xfffd
}

func (e *emitter) put(s string) {
	e.out = append(e.out, s...)
	e.column += utf8.RuneCountInString(s)
	e.wrote()
}

// folded writes a text without line breaks. It breaks long lines at single spaces; a line
// break replaces the space.
func (e *emitter) folded(s string, indent, width int) {
	if len(s) <= width-e.column {
		e.put(s)
		return
	}
	start, column := 0, e.column
	for i, c := range s {
		if e.err != nil {
			return
		}
		if c == ' ' && column > width && 0 < i && i < len(s)-1 && s[i-1] != ' ' && s[i+1] != ' ' {
			e.put(s[start:i])
			e.lineBreak()
			e.pad(indent)
			start, column = i+1, e.column
			continue
		}
		column++
	}
	e.put(s[start:])
}

// literal writes a text with its line breaks.
func (e *emitter) literal(s string, indent int) {
	e.write("|", true, false)
	if s[0] == ' ' || s[0] == '\n' {
		e.put(strconv.Itoa(e.step))
	}
	switch {
	case !strings.HasSuffix(s, "\n"):
		e.put("-")
	case strings.HasSuffix(s, "\n\n"):
		e.put("+")
	}
	e.lineBreak()
	for line := range strings.Lines(s) {
		if e.err != nil {
			return
		}
		text, ended := strings.CutSuffix(line, "\n")
		if text != "" {
			e.pad(indent)
			e.put(text)
		}
		if ended {
			e.lineBreak()
		}
	}
	e.spaced, e.fresh = true, strings.HasSuffix(s, "\n")
}

// doubleQuoted writes a text with escapes. It breaks a long line at spaces.
func (e *emitter) doubleQuoted(s string, indent, width int) {
	e.write(`"`, true, false)
	// The libraries escape all of a text that begins with a byte order mark.
	escapeAll := strings.HasPrefix(s, "\ufeff")
	spaces := false
	for i, c := range s {
		if e.wrote(); e.err != nil {
			return
		}
		switch {
		case escapeAll || !isPrintable(c) || c == '"' || c == '\\' || c == '\n':
			e.put(escape(c))
			spaces = false
		case c == ' ' && !spaces && e.column > width && 0 < i && i < len(s)-1:
			e.lineBreak()
			e.pad(indent)
			if s[i+1] == ' ' {
				e.put(`\`)
			}
			spaces = true
		default:
			e.out = utf8.AppendRune(e.out, c)
			e.column++
			spaces = c == ' '
		}
	}
	e.write(`"`, false, false)
}

// escape returns the escape sequence of a character
// (https://yaml.org/spec/1.2.2/#57-escaped-characters).
func escape(c rune) string {
	// The letter of a character is at its place in the other string, counted in bytes.
	const characters, letters = "\x00\a\b\t\n\v\f\r\x1b\"\\\u0085\u00a0\u2028\u2029", "0abtnvfre\"\\N _ L  P"
	if i := strings.IndexRune(characters, c); i >= 0 {
		return `\` + letters[i:i+1]
	}
	switch {
	case c <= 0xff:
		const digits = "0123456789ABCDEF"
		return string([]byte{'\\', 'x', digits[c>>4], digits[c&15]})
	case c <= 0xffff:
		return fmt.Sprintf(`\u%04X`, c)
	}
	return fmt.Sprintf(`\U%08X`, c)
}
