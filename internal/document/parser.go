package document

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"go.yaml.in/yaml/v3"

	"github.com/mop-platform/mop/internal/budget"
)

// Interrupted is the error if the work had to end before a text was read.
type Interrupted struct {
	// Line is about where the work ended, from 1; 0 if it is unknown.
	Line int
	// Err is the reason, as [budget.Budget.Err] gives it.
	Err error
}

func (i *Interrupted) Error() string {
	if i.Line == 0 {
		return i.Err.Error()
	}
	return fmt.Sprintf("line %d: %v", i.Line, i.Err)
}

// Unwrap returns the reason.
func (i *Interrupted) Unwrap() error { return i.Err }

// parser lets the library parse a text. The library has no budget, but reads the text in
// small parts, and ends if it does not get the next one.
type parser struct {
	source  *source
	decoder *yaml.Decoder
	// before is the number of lines before the text.
	before int
}

func newParser(b *budget.Budget, text []byte, before int) *parser {
	s := &source{text: text, budget: b}
	return &parser{source: s, decoder: yaml.NewDecoder(s), before: before}
}

// next returns the next document. The error is [io.EOF] behind the last one, a
// [Faults] or an [*Interrupted].
func (p *parser) next() (document *yaml.Node, err error) {
	defer func() {
		broken := recover()
		switch {
		case p.source.err != nil:
			document, err = nil, &Interrupted{Line: p.before + lineOf(p.source.text, p.source.read), Err: p.source.err}
		case broken != nil:
			document, err = nil, Faults{{
				Line: p.before + lineOf(p.source.text, p.source.read), Problem: fmt.Sprintf("the parser breaks off: %v", broken),
			}}
		}
	}()
	document = &yaml.Node{}
	err = p.decoder.Decode(document)
	if err != nil && !errors.Is(err, io.EOF) {
		err = Faults{syntaxFault(p.source.text, err, p.before)}
	}
	return document, err
}

// Nodes yields the documents of a stream as the library parses them, in order, with the
// lines of the text. The error comes last: a [Faults] or an [*Interrupted].
func Nodes(ctx context.Context, text []byte) iter.Seq2[*yaml.Node, error] {
	return func(yield func(*yaml.Node, error) bool) {
		p := newParser(budget.Of(ctx), text, 0)
		for {
			n, err := p.next()
			if errors.Is(err, io.EOF) || !yield(n, err) || err != nil {
				return
			}
		}
	}
}

// source is a text whose reading ends with an error when the budget ends.
type source struct {
	text   []byte
	read   int
	budget *budget.Budget
	err    error
}

func (s *source) Read(p []byte) (int, error) {
	if s.err = s.budget.Err(); s.err != nil {
		return 0, s.err
	}
	n := copy(p, s.text[s.read:])
	if s.read += n; n == 0 {
		return 0, io.EOF
	}
	return n, nil
}
