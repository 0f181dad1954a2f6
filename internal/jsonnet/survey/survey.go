// Package survey reads the text of a Jsonnet program before it is parsed. It estimates how
// deep the program is nested, and what parsing takes. The parser cannot be stopped.
package survey

import (
	"fmt"
	"strings"
	"time"
)

// MostBrackets is the limit of open brackets. go-jsonnet recurses at each bracket in
// several passes: at some ten thousand, Go's own stack is full and the process dies. Other
// nesting takes at most a sixteenth of a bracket.
const (
	MostBrackets  = 2500
	bracketWeight = 16
	mostWeight    = 48_000
)

// Deep returns the place where a program is nested too deeply for Go's stack, and the
// reason. line and column are 1-based; column counts bytes. how is "" if it is not nested
// too deeply.
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

// Line reads the program again, and returns the line on which end is first true, or the
// last line that was read.
func (s *Survey) Line(end func(*Survey) bool) int {
	again := begin(s.code)
	again.ends = func() bool { return end(again) }
	again.run()
	return again.line()
}

// Survey is the estimate for a program. Each open bracket counts as nested. Each word and
// operator also counts, because what follows it may be nested in it, up to the comma or
// semicolon. A Survey also counts what parsing takes, see [cost].
type Survey struct {
	code string
	// at is the current offset.
	at       int
	levels   []level
	brackets int
	// weight is the sum of the weights of all levels.
	weight int
	sights
	cost
	// ends, if not nil, stops the survey at the first token at which it returns true.
	ends func() bool
}

// level is the code between two brackets.
type level struct {
	weight int
	// locals are the open locals and asserts, whose semicolons have not come yet.
	locals []begun
	sight
}

// begun is the state at the beginning of a local or assert.
type begun struct{ weight, context int }

// Of reads the text of a program. The text may be anything. The Survey is immutable and
// safe for concurrent use.
func Of(code string) *Survey {
	s := begin(code)
	s.run()
	return s
}

func begin(code string) *Survey { return &Survey{code: code, levels: []level{{}}} }

// line returns the current line.
func (s *Survey) line() int { return 1 + strings.Count(s.code[:s.at], "\n") }

// run reads until the program ends, is nested too deeply, or ends is true.
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

// set sets the weight of the innermost level.
func (s *Survey) set(weight int) {
	s.weight += weight - s.top().weight
	s.top().weight = weight
}

// start returns the weight of the level before its current part between commas.
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

// operator counts a sign. A sign right after another takes go-jsonnet as much stack as a
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
	// The code after brackets is applied to their value.
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

// IsWord reports whether a word can contain a byte.
func IsWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// Literal returns the length of the string or comment at the beginning of text, 0 if there
// is none. text must not be empty.
func Literal(text string) int {
	switch {
	case strings.HasPrefix(text, "//"), text[0] == '#':
		return until(text, 0, "\n")
	case strings.HasPrefix(text, "/*"):
		return until(text, 2, "*/")
	case strings.HasPrefix(text, "|||"):
		return textBlock(text)
	case strings.HasPrefix(text, "@'"), strings.HasPrefix(text, `@"`):
		// A doubled quote in it counts as the end and the beginning of another string.
		return until(text, 2, text[1:2])
	case text[0] == '\'', text[0] == '"':
		return quoted(text)
	}
	return 0
}

// until returns the index after the first end in text from from on, or the length of text.
func until(text string, from int, end string) int {
	if i := strings.Index(text[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(text)
}

// quoted returns the length of the string with escapes at the beginning of text.
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

// textBlock returns the length of the text between ||| at the beginning of text. It ends at
// the first line that is not empty and not indented as the first line.
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
