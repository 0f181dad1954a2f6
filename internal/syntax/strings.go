package syntax

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// quoted reads a string that begins with a quote or with @.
func (l *Lexer) quoted() (Kind, error) {
	begin := l.at
	kind, verbatim := Single, l.text[begin] == '@'
	if verbatim {
		l.at++
		kind = VerbatimSingle
		if l.at == len(l.text) || l.text[l.at] != '\'' && l.text[l.at] != '"' {
			return 0, &Error{begin, l.at, "want a quote after @"}
		}
	}
	closing := l.text[l.at]
	if closing == '"' {
		kind++ // Double, VerbatimDouble
	}
	for l.at++; l.at < len(l.text); l.at++ {
		switch c := l.text[l.at]; {
		case c == '\\' && !verbatim:
			l.at++
		case c == closing && verbatim && l.at+1 < len(l.text) && l.text[l.at+1] == closing:
			l.at++
		case c == closing:
			l.at++
			return kind, nil
		}
	}
	l.at = len(l.text)
	return 0, &Error{begin, lineEnd(l.text, begin), "string without its closing quote"}
}

// block reads a text block from ||| to the ||| on the first line that is not empty and not
// indented as the first line.
func (l *Lexer) block() error {
	begin := l.at
	fail := func(problem string) error { return &Error{begin, min(begin+3, len(l.text)), problem} }
	first, ok := blockStart(l.text, begin)
	if !ok {
		return fail("want a new line after |||")
	}
	l.at = first
	indent := l.indent()
	if indent == "" {
		return fail("want the first line of the text block to be indented")
	}
	for {
		end := lineEnd(l.text, l.at)
		if end == len(l.text) {
			return fail("text block without its closing |||")
		}
		l.at = emptyLines(l.text, end+1)
		if strings.HasPrefix(l.text[l.at:], indent) {
			continue
		}
		l.at += len(l.indent())
		if !strings.HasPrefix(l.text[l.at:], "|||") {
			return fail("text block without its closing |||")
		}
		l.at += 3
		return nil
	}
}

// blockStart returns the offset of the first line that is not empty in the text block at
// begin.
func blockStart(text string, begin int) (at int, ok bool) {
	at = begin + 3
	if at < len(text) && text[at] == '-' {
		at++
	}
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r') {
		at++
	}
	if at == len(text) || text[at] != '\n' {
		return at, false
	}
	return emptyLines(text, at+1), true
}

func emptyLines(text string, at int) int {
	for at < len(text) && text[at] == '\n' {
		at++
	}
	return at
}

// indent returns the spaces and tabs at the current offset.
func (l *Lexer) indent() string {
	end := l.at
	for end < len(l.text) && (l.text[end] == ' ' || l.text[end] == '\t') {
		end++
	}
	return l.text[l.at:end]
}

// Text returns the value of the string t, which must be a token of text. The error is an
// *[Error] about a wrong escape.
func Text(text string, t Token) (string, error) {
	switch t.Kind {
	case VerbatimSingle, VerbatimDouble:
		closing := text[t.End-1 : t.End]
		return strings.ReplaceAll(text[t.Begin+2:t.End-1], closing+closing, closing), nil
	case Block:
		return blockText(text[t.Begin:t.End]), nil
	}
	inner := text[t.Begin+1 : t.End-1]
	if !utf8.ValidString(inner) {
		// go-jsonnet replaces each byte that is no part of a character.
		inner = string([]rune(inner))
	}
	if strings.IndexByte(inner, '\\') < 0 {
		return inner, nil
	}
	return unescape(inner, t.Begin+1)
}

// blockText returns the lines of a whole text block without their indentation.
func blockText(block string) string {
	first, _ := blockStart(block, 0)
	lines := block[first : strings.LastIndexByte(block, '\n')+1]
	indent := lines[:len(lines)-len(strings.TrimLeft(lines, " \t"))]
	var b strings.Builder
	for range strings.Count(block[:first], "\n") - 1 {
		b.WriteByte('\n')
	}
	for line := range strings.Lines(lines) {
		b.WriteString(strings.TrimPrefix(line, indent))
	}
	if block[3] == '-' {
		return strings.TrimSuffix(b.String(), "\n")
	}
	return b.String()
}

// escapes are the escapes of one letter.
var escapes = map[byte]byte{
	'"': '"', '\'': '\'', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// unescape returns s with its escapes replaced. offset is the offset of s, for errors.
func unescape(s string, offset int) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		begin := i
		i++
		if s[i] != 'u' {
			c, ok := escapes[s[i]]
			if !ok {
				return "", &Error{offset + begin, offset + i + 1, "no such escape"}
			}
			b.WriteByte(c)
			continue
		}
		r, ok := hexadecimal(s[i+1:])
		size := 4
		if ok && utf16.IsSurrogate(r) {
			var low rune
			rest := s[i+5:]
			if ok = strings.HasPrefix(rest, `\u`); ok {
				low, ok = hexadecimal(rest[2:])
			}
			r, size = utf16.DecodeRune(r, low), 10
			ok = ok && r != utf8.RuneError
		}
		if !ok {
			return "", &Error{offset + begin, offset + min(i+5, len(s)), `want four hexadecimal digits after \u, or two halves of a surrogate pair`}
		}
		b.WriteRune(r)
		i += size
	}
	return b.String(), nil
}

// hexadecimal reads the four digits at the beginning of s.
func hexadecimal(s string) (rune, bool) {
	if len(s) < 4 || strings.IndexByte(s[:4], '_') >= 0 || strings.IndexByte(s[:4], '+') >= 0 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[:4], 16, 32)
	return rune(n), err == nil
}
