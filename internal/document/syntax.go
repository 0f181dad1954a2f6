package document

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/pattern"
)

var (
	syntaxLine    = pattern.New(`^line (\d+): `)
	unknownAnchor = pattern.New(`^unknown anchor '(.*)' referenced$`)
)

// syntaxFault returns the fault that the parser reports in a text. before is the number of
// lines before the text.
func syntaxFault(text []byte, err error, before int) Fault {
	problem := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	m := syntaxLine().FindStringSubmatch(problem)
	anchor := unknownAnchor().FindStringSubmatch(problem)
	switch {
	case m != nil:
		problem = problem[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil {
			if strings.HasPrefix(problem, "did not find expected") {
				// The parser counts lines from 0, its scanner from 1.
				n++
			}
			// The parser has more line breaks than LF.
			line = min(n, 1+bytes.Count(bytes.TrimRight(text, "\n"), []byte("\n")))
		}
	case anchor != nil:
		problem = "no anchor " + message.Quote(anchor[1]) + " before this"
		line = lineOf(text, bytes.Index(text, []byte("*"+anchor[1])))
	default:
		if at, what := unreadable(text); what != "" {
			problem, line = what, lineOf(text, at)
		}
	}
	if problem == "did not find expected <document start>" {
		problem = "want the end of the document, or a line --- before the next one"
	}
	return Fault{Line: before + line, Problem: problem}
}

// lineOf returns the line of an offset.
func lineOf(text []byte, at int) int {
	return 1 + bytes.Count(text[:max(at, 0)], []byte("\n"))
}

// unreadable returns the first place in a text that is no character of YAML, and what it
// is.
func unreadable(text []byte) (at int, what string) {
	for at < len(text) {
		r, size := utf8.DecodeRune(text[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			return at, "not UTF-8"
		case r < ' ' && r != '\t' && r != '\n' && r != '\r', r == 0x7f:
			return at, "control character " + strconv.QuoteRune(r) + " outside of a double-quoted string, where it can be escaped"
		}
		at += size
	}
	return 0, ""
}
