// Package survey goes through the text of a Jsonnet program before that is parsed, and
// tells how deep it is nested and what parsing it takes. The parser cannot be stopped.
package survey

import (
	"fmt"
	"strings"
	"time"
)

// MostBrackets is how deep brackets may be nested. go-jsonnet recurses at each in
// several passes; at some ten thousand Go's own stack is full, and the process
// dies. What else nests takes a sixteenth of a bracket at most.
const (
	MostBrackets  = 2500
	bracketWeight = 16
	mostWeight    = 48_000
)

// Deep tells where a program is nested too deeply for Go's stack, and how; how is ""
// where it is not.
func (s *Survey) Deep() (line, column int, how string) {
	switch {
	case s.brackets > MostBrackets:
		how = fmt.Sprintf("more than %d brackets are open", MostBrackets)
	case s.weight > mostWeight:
		how = "too many operators, words and brackets in one another"
	default:
		return 0, 0, ""
	}
	return s.line(), s.at - strings.LastIndexByte(s.code[:s.at], '\n'), how
}

// Memory returns about how many bytes it takes to parse the program.
func (s *Survey) Memory() uint64 { return s.memory() }

// Time returns about how long a fast machine takes to parse the program.
func (s *Survey) Time() time.Duration { return time.Duration(s.time()) }

// Line goes through the program again, and returns the line on which end first holds.
func (s *Survey) Line(end func(*Survey) bool) int {
	again := begin(s.code)
	again.ends = func() bool { return end(again) }
	again.run()
	return again.line()
}

// Survey is what a look at a program tells before that is parsed: how deep the
// program is nested, or more: each word and operator may hold what follows it, up
// to the comma or semicolon. And it counts what parsing takes, see [cost].
type Survey struct {
	code string
	// at is where it has come to.
	at       int
	levels   []level
	brackets int
	// weight is that of all levels.
	weight int
	sights
	cost
	// ends is asked at each token; nil ends nowhere.
	ends func() bool
}

// level is what stands between two brackets.
type level struct {
	weight int
	// locals are those that have not come to their semicolon, and asserts.
	locals []begun
	sight
}

// begun is what there was where a local or assert begins.
type begun struct{ weight, context int }

// Of goes through the text of a program, which may be anything. The Survey is immutable
// and safe for concurrent use.
func Of(code string) *Survey {
	s := begin(code)
	s.run()
	return s
}

func begin(code string) *Survey { return &Survey{code: code, levels: []level{{}}} }

// line returns the line that the survey has come to.
func (s *Survey) line() int { return 1 + strings.Count(s.code[:s.at], "\n") }

// run goes on until the program ends, is nested too deeply or takes too much.
func (s *Survey) run() {
	for s.at < len(s.code) {
		c := s.code[s.at]
		size := 1
		switch {
		case c == ' ', c == '\t', c == '\r':
		case c == '\n':
			s.lines++
			s.indents += 2 * len(s.levels)
		case IsWord(c):
			for s.at+size < len(s.code) && IsWord(s.code[s.at+size]) {
				size++
			}
			s.word(s.code[s.at : s.at+size])
		case c == '\'' || c == '"' || c == '@' || c == '#' || c == '/' || c == '|':
			if size = Literal(s.code[s.at:]); size == 0 {
				size = 1
				s.operator()
			} else {
				s.literal(s.code[s.at : s.at+size])
			}
		case strings.IndexByte("([{", c) >= 0:
			s.opened(c)
		case strings.IndexByte(")]}", c) >= 0:
			s.closed(c)
		case c == ',':
			s.comma()
		case c == ';':
			s.semicolon()
		default:
			s.operator()
		}
		if s.weight > mostWeight || s.brackets > MostBrackets || s.ends != nil && s.ends() {
			return
		}
		s.at += size
	}
}

func (s *Survey) top() *level { return &s.levels[len(s.levels)-1] }

// set sets the weight of the level.
func (s *Survey) set(weight int) {
	s.weight += weight - s.top().weight
	s.top().weight = weight
}

// start returns the weight of the level before the part that is between commas.
func (l *level) start() int {
	if len(l.locals) == 0 {
		return 0
	}
	return l.locals[len(l.locals)-1].weight
}

func (s *Survey) word(word string) {
	top := s.top()
	if word == "local" || word == "assert" {
		top.locals = append(top.locals, begun{top.weight, top.context})
	}
	s.set(top.weight + 1)
	s.tokens++
	if s.sights.word(&top.sight, word) && len(top.locals) > 0 {
		top.context = top.locals[len(top.locals)-1].context + len("thunk <> from <>") + len(word)
		s.contexts += top.context
	}
}

// operator counts a sign; one right after another takes go-jsonnet as long as a
// bracket.
func (s *Survey) operator() {
	weight := 1
	if s.at > 0 && strings.IndexByte("!-+~$", s.code[s.at-1]) >= 0 {
		weight = bracketWeight
	}
	s.set(s.top().weight + weight)
	s.tokens++
	s.sights.sign(&s.top().sight, s.code[s.at])
}

func (s *Survey) opened(c byte) {
	s.tokens++
	s.brackets++
	s.weight += bracketWeight
	inner := s.sights.open(&s.top().sight, c)
	s.contexts += inner.context
	s.levels = append(s.levels, level{sight: inner})
}

func (s *Survey) closed(c byte) {
	s.tokens++
	if len(s.levels) == 1 {
		return
	}
	s.set(0)
	s.weight -= bracketWeight
	s.brackets--
	inner := &s.top().sight
	s.levels = s.levels[:len(s.levels)-1]
	// What follows is applied to what was in the brackets.
	s.set(s.top().weight + 1)
	s.sights.close(&s.top().sight, inner, c)
}

func (s *Survey) comma() {
	s.tokens++
	s.indents += 2 * len(s.levels)
	s.set(s.top().start())
	s.sights.comma(s.top())
}

func (s *Survey) semicolon() {
	s.tokens++
	l := s.top()
	s.set(l.start() + 1)
	if last := len(l.locals) - 1; last >= 0 {
		l.context = l.locals[last].context
		l.locals = l.locals[:last]
	}
	s.sights.semicolon(&l.sight)
}

// IsWord reports whether a word can have a character in it.
func IsWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// Literal returns the length of the string or comment that begins text, 0 where
// none does.
func Literal(text string) int {
	switch {
	case strings.HasPrefix(text, "//"), text[0] == '#':
		return until(text, 0, "\n")
	case strings.HasPrefix(text, "/*"):
		return until(text, 2, "*/")
	case strings.HasPrefix(text, "|||"):
		return textBlock(text)
	case strings.HasPrefix(text, "@'"), strings.HasPrefix(text, `@"`):
		// A doubled quote in it reads as the end and then another string.
		return until(text, 2, text[1:2])
	case text[0] == '\'', text[0] == '"':
		return quoted(text)
	}
	return 0
}

// until returns where the first end after from ends in text, or its length.
func until(text string, from int, end string) int {
	if i := strings.Index(text[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(text)
}

// quoted returns the length of the string with escapes that begins text.
func quoted(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[0]:
			return i + 1
		}
	}
	return len(text)
}

// textBlock returns the length of the text between ||| that begins text: it ends
// at the first line that is not empty and not indented as the first is.
func textBlock(text string) int {
	at := until(text, 0, "\n")
	for at < len(text) && text[at] == '\n' {
		at++
	}
	lines := text[at:]
	indent := lines[:len(lines)-len(strings.TrimLeft(lines, " \t"))]
	for at < len(text) && (text[at] == '\n' || indent != "" && strings.HasPrefix(text[at:], indent)) {
		at = until(text, at, "\n")
	}
	return min(len(text), until(text, at, "|||"))
}
