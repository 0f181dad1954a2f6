package native

import (
	"context"
	"io"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/eval"
)

func escapeRegex(c eval.Call, args []string) (any, error) {
	if err := budget.Of(c.Context()).Reserve(2 * uint64(len(args[0]))); err != nil {
		return nil, err
	}
	return regexp.QuoteMeta(args[0]), nil
}

func regexMatch(c eval.Call, args []string) (any, error) {
	e, err := compileExpression(c.Context(), args[0])
	if err != nil {
		return nil, err
	}
	return e.match(args[1])
}

func regexSubst(c eval.Call, args []string) (any, error) {
	e, err := compileExpression(c.Context(), args[0])
	if err != nil {
		return nil, err
	}
	return e.replace(args[1], args[2])
}

// expression is a regular expression whose use ends with a budget. For each match, package
// regexp takes time in proportion to the program's size times the text's in the worst case,
// and nothing interrupts it. But if it reads runes one by one, the reader can end the text.
type expression struct {
	ctx    context.Context
	budget *budget.Budget
	text   string
	*regexp.Regexp
	// small says that the program is not much larger than its text.
	small bool
}

const (
	// smallExpression is the size in bytes of an expression that is compiled at once. Each
	// byte takes parsedByte bytes of memory for some time, each instruction of the program
	// instruction bytes.
	smallExpression = 1 << 10
	parsedByte      = 256
	instruction     = 256
)

func compileExpression(ctx context.Context, text string) (*expression, error) {
	e := &expression{ctx: ctx, budget: budget.Of(ctx), text: text}
	// Only counted repetitions make a program much larger than its text.
	e.small = len(text) <= smallExpression && !strings.Contains(text, "{")
	var err error
	e.Regexp, err = e.compile(text)
	return e, err
}

// compile is [regexp.Compile] for the text of e or for one that contains it.
func (e *expression) compile(text string) (made *regexp.Regexp, err error) {
	if e.small {
		return regexp.Compile(text)
	}
	if err := e.budget.Reserve(parsedByte * uint64(len(text))); err != nil {
		return nil, err
	}
	type result struct {
		made *regexp.Regexp
		err  error
	}
	done := make(chan result, 1)
	ended := budget.Away(e.ctx, func() {
		tree, err := syntax.Parse(text, syntax.Perl)
		if err == nil {
			err = e.budget.Reserve(instruction * instructions(tree))
		}
		var made *regexp.Regexp
		if err == nil {
			made, err = regexp.Compile(text)
		}
		done <- result{made, err}
	})
	if ended != nil {
		return nil, ended
	}
	r := <-done
	return r.made, r.err
}

// instructions returns the approximate number of instructions in the program of an
// expression. The parser limits this number, and the depth.
func instructions(tree *syntax.Regexp) uint64 {
	n := uint64(1 + len(tree.Rune))
	for _, sub := range tree.Sub {
		n += instructions(sub)
	}
	if tree.Op == syntax.OpRepeat {
		n *= uint64(max(tree.Min, tree.Max, 1))
	}
	return n
}

// atOnce is the limit of steps without a look at the budget: some 50 ms at most.
const atOnce = 1 << 22

// quick reports whether work that takes a number of passes over a text needs no look at the
// budget.
func (e *expression) quick(text string, passes int) bool {
	return e.small && len(e.text)*len(text) <= atOnce/max(passes, 1)
}

func (e *expression) match(text string) (bool, error) {
	if e.quick(text, 1) {
		return e.MatchString(text), nil
	}
	matches := e.MatchReader(&runes{budget: e.budget, text: text})
	return matches, e.budget.Err()
}

// replace is [regexp.Regexp.ReplaceAllString].
func (e *expression) replace(text, replacement string) (string, error) {
	if e.quick(text, len(text)) && len(text)*len(replacement) <= atOnce {
		return e.ReplaceAllString(text, replacement), nil
	}
	later, err := e.later()
	if err != nil {
		return "", err
	}
	parts := expansions(replacement)
	out := output{budget: e.budget}
	// The rest does what package regexp does, which finds the next match itself.
	end := 0
	for from := 0; from <= len(text); {
		match := e.next(later, text, from)
		if err := e.budget.Err(); err != nil {
			return "", err
		}
		if match == nil {
			break
		}
		if err := out.write(text[end:match[0]]); err != nil {
			return "", err
		}
		// An empty match just after another one does not count.
		if match[1] > end || match[0] == 0 {
			for _, part := range parts {
				if err := out.grow(len(part) + match[1] - match[0]); err != nil {
					return "", err
				}
				out.text = e.ExpandString(out.text, part, text, match)
			}
		}
		end = match[1]
		_, width := utf8.DecodeRuneInString(text[from:])
		from = max(from+max(width, 1), end)
	}
	if err := out.write(text[end:]); err != nil {
		return "", err
	}
	return string(out.text), nil
}

// later returns the expression for a match behind the first rune of a text. The match is
// its first group. It reads the text before the match too, which can decide about the
// match.
func (e *expression) later() (*regexp.Regexp, error) {
	tree, err := syntax.Parse(e.text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	// The text itself may end within a quotation.
	return e.compile(`\A(?s:.)(?s:.*?)(` + tree.String() + `)`)
}

// next returns the first match at or behind an offset of a text, nil for none.
func (e *expression) next(later *regexp.Regexp, text string, from int) []int {
	if from == 0 {
		return e.FindReaderSubmatchIndex(&runes{budget: e.budget, text: text})
	}
	_, width := utf8.DecodeLastRuneInString(text[:from])
	from -= width
	match := later.FindReaderSubmatchIndex(&runes{budget: e.budget, text: text[from:]})
	if match == nil {
		return nil
	}
	match = match[2:]
	for i := range match {
		if match[i] >= 0 {
			match[i] += from
		}
	}
	return match
}

// expansions returns the parts of a replacement, each with at most one reference to a
// group, so that the result of one is not much longer than the match.
func expansions(replacement string) []string {
	var parts []string
	begin := 0
	for i := 0; i < len(replacement); i++ {
		if replacement[i] != '$' {
			continue
		}
		if i > begin {
			parts = append(parts, replacement[begin:i])
			begin = i
		}
		if strings.HasPrefix(replacement[i:], "$$") {
			i++
		}
	}
	return append(parts, replacement[begin:])
}

// runes reads a text until a budget is spent.
type runes struct {
	budget *budget.Budget
	text   string
	at     int
}

func (r *runes) ReadRune() (c rune, size int, err error) {
	if err := r.budget.Err(); err != nil {
		return 0, 0, err
	}
	c, size = utf8.DecodeRuneInString(r.text[r.at:])
	if size == 0 {
		return 0, 0, io.EOF
	}
	r.at += size
	return c, size, nil
}

// output is a text under construction.
type output struct {
	budget *budget.Budget
	text   []byte
}

// grow makes room for n more bytes.
func (o *output) grow(n int) error {
	if n <= cap(o.text)-len(o.text) {
		return nil
	}
	size := max(2*cap(o.text), len(o.text)+n)
	// The text is copied once more in the end.
	if err := o.budget.Reserve(2 * uint64(size)); err != nil {
		return err
	}
	o.text = append(make([]byte, 0, size), o.text...)
	return nil
}

func (o *output) write(s string) error {
	if err := o.grow(len(s)); err != nil {
		return err
	}
	o.text = append(o.text, s...)
	return nil
}
