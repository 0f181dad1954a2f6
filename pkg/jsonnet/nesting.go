package jsonnet

import (
	"fmt"
	"strings"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/ast"
)

// Parse returns the syntax tree of a program, as [gojsonnet.SnippetToAST] does
// but for what [CheckNesting] refuses.
func Parse(name, code string) (ast.Node, error) {
	if err := CheckNesting(code); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return gojsonnet.SnippetToAST(name, code)
}

// maxNesting is how deep brackets may be nested. go-jsonnet recurses at each in
// several passes; at some ten thousand Go's own stack is full, and the process
// dies. What else nests takes a sixteenth of a bracket at most.
const (
	maxNesting    = 2500
	bracketWeight = 16
	mostWeight    = 48_000
)

// CheckNesting returns an error if code is nested so deeply that it could not be
// parsed within Go's stack. It may be called with anything.
func CheckNesting(code string) error {
	n := nesting{code: code, levels: []level{{}}}
	at := n.tooDeep()
	if at < 0 {
		return nil
	}
	line := 1 + strings.Count(code[:at], "\n")
	if n.brackets > maxNesting {
		return fmt.Errorf("nested too deeply: more than %d brackets are open on line %d", maxNesting, line)
	}
	return fmt.Errorf("nested too deeply: too many operators, words and brackets in one another on line %d", line)
}

// nesting measures how deep a program is nested, or more: each word and operator
// may hold what follows it, up to the comma or semicolon.
type nesting struct {
	code     string
	levels   []level
	brackets int
	// weight is that of all levels.
	weight int
}

// level is what stands between two brackets.
type level struct {
	weight int
	// locals are the weights where a local or assert begins that has not come to
	// its semicolon.
	locals []int
}

// tooDeep returns where the program is nested too deeply, -1 for nowhere.
func (n *nesting) tooDeep() int {
	for i := 0; i < len(n.code); {
		c := n.code[i]
		size := 1
		switch {
		case c == '\'' || c == '"' || c == '@' || c == '#' || c == '/' || c == '|':
			if size = literal(n.code[i:]); size == 0 {
				size = 1
				n.operator(i)
			}
		case isWord(c):
			for i+size < len(n.code) && isWord(n.code[i+size]) {
				size++
			}
			n.word(n.code[i : i+size])
		case strings.IndexByte("([{", c) >= 0:
			n.brackets++
			n.levels = append(n.levels, level{})
			n.weight += bracketWeight
		case strings.IndexByte(")]}", c) >= 0:
			n.closed()
		case c == ',':
			n.set(n.top().start())
		case c == ';':
			n.semicolon()
		case strings.IndexByte(" \t\r\n", c) < 0:
			n.operator(i)
		}
		if n.weight > mostWeight || n.brackets > maxNesting {
			return i
		}
		i += size
	}
	return -1
}

func (n *nesting) top() *level { return &n.levels[len(n.levels)-1] }

// set sets the weight of the level.
func (n *nesting) set(weight int) {
	n.weight += weight - n.top().weight
	n.top().weight = weight
}

// start returns the weight of the level before the part that is between commas.
func (l *level) start() int {
	if len(l.locals) == 0 {
		return 0
	}
	return l.locals[len(l.locals)-1]
}

func (n *nesting) word(word string) {
	if word == "local" || word == "assert" {
		n.top().locals = append(n.top().locals, n.top().weight)
	}
	n.set(n.top().weight + 1)
}

// operator counts a sign; one right after another takes go-jsonnet as long as a
// bracket.
func (n *nesting) operator(i int) {
	weight := 1
	if i > 0 && strings.IndexByte("!-+~$", n.code[i-1]) >= 0 {
		weight = bracketWeight
	}
	n.set(n.top().weight + weight)
}

func (n *nesting) closed() {
	if len(n.levels) == 1 {
		return
	}
	n.set(0)
	n.weight -= bracketWeight
	n.brackets--
	n.levels = n.levels[:len(n.levels)-1]
	// What follows is applied to what was in the brackets.
	n.set(n.top().weight + 1)
}

func (n *nesting) semicolon() {
	l := n.top()
	n.set(l.start() + 1)
	l.locals = l.locals[:max(0, len(l.locals)-1)]
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// literal returns the length of the string or comment that begins text, 0 where
// none does.
func literal(text string) int {
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
