package document

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"strings"

	"github.com/mop-platform/mop/pkg/budget"
)

// JSONPieces reads JSON values that stand one after the other and yields their
// texts, whose syntax is right, each as soon as it is read. Line and Content of a
// piece are the line where it begins.
//
// A [Faults] in the place of a text tells of a value that is more than there is memory
// for; those behind it follow. Any other error comes last: a [Faults] about the first
// thing that is no JSON, an error of r, or an [*Interrupted] where the budget of ctx is
// exceeded.
func JSONPieces(ctx context.Context, r io.Reader) iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		v := newValues(ctx, r)
		for {
			p, err := v.next()
			if errors.Is(err, io.EOF) {
				return
			}
			switch {
			case err != nil:
				yield(Piece{}, err)
				return
			case v.lost != nil:
				if !yield(p, tooLarge(p.Line, v.lost)) {
					return
				}
			case !v.checked(p, yield):
				return
			}
		}
	}
}

// values separates JSON values.
type values struct {
	reader *bufio.Reader
	budget *budget.Budget
	meter  budget.Meter
	line   int
	// lost is why the text of the last value is not kept.
	lost error
	// passed is how many bytes of it are not kept.
	passed uint64
}

func newValues(ctx context.Context, r io.Reader) *values {
	b := budget.Of(ctx)
	return &values{reader: bufio.NewReaderSize(r, 64<<10), budget: b, meter: b.Meter(), line: 1}
}

// next returns the text of the next value, be it JSON or not: all up to the bracket
// that closes it; of what has none all up to a bracket or white space, which may be
// several values. The error is [io.EOF] where there is none. Where there is not the
// memory for the text, it is lost.
func (v *values) next() (Piece, error) {
	v.lost, v.passed = nil, 0
	if _, err := v.begin(); err != nil {
		return Piece{}, interrupted(v.line, err)
	}
	p := Piece{Line: v.line, Content: v.line}
	var b boundary
	for ended := false; !ended; {
		buffered, err := v.buffered()
		if errors.Is(err, io.EOF) {
			break
		}
		n := 0
		if err == nil {
			n, ended = b.find(buffered)
			p.Text, err = v.append(p.Text, buffered[:n])
		}
		if err != nil {
			return Piece{}, interrupted(p.Line, err)
		}
	}
	return p, nil
}

// begin goes past white space and returns the byte that stands behind it.
func (v *values) begin() (byte, error) {
	for {
		buffered, err := v.buffered()
		if err != nil {
			return 0, err
		}
		text := bytes.TrimLeft(buffered, jsonSpace)
		if err := v.discard(buffered[:len(buffered)-len(text)]); err != nil {
			return 0, err
		}
		if len(text) > 0 {
			return text[0], nil
		}
	}
}

// jsonSpace is the white space of JSON (RFC 8259, section 2).
const jsonSpace = " \t\r\n"

// buffered returns what can be had without waiting, at least a byte.
func (v *values) buffered() ([]byte, error) {
	if _, err := v.reader.Peek(1); err != nil {
		return nil, err
	}
	return v.reader.Peek(v.reader.Buffered())
}

// append appends the next bytes of the stream to text.
func (v *values) append(text, next []byte) ([]byte, error) {
	if v.lost != nil {
		if v.passed += uint64(len(next)); !passes(v.budget, v.passed) {
			return nil, v.lost
		}
		return nil, v.discard(next)
	}
	if cap(text)-len(text) < len(next) {
		size := max(2*cap(text), len(text)+len(next))
		if v.lost = v.budget.Reserve(uint64(size)); v.lost != nil {
			if err := v.budget.Err(); err != nil {
				return nil, err
			}
			return nil, v.discard(next)
		}
		text = append(make([]byte, 0, size), text...)
	}
	text = append(text, next...)
	return text, v.discard(next)
}

// discard goes past the next bytes of the stream.
func (v *values) discard(next []byte) error {
	v.line += bytes.Count(next, []byte("\n"))
	if _, err := v.reader.Discard(len(next)); err != nil {
		return err
	}
	return v.meter.Work(len(next))
}

// checked yields the values of what next has returned, and what is wrong with its
// syntax. It returns whether to go on.
func (v *values) checked(p Piece, yield func(Piece, error) bool) bool {
	if json.Valid(p.Text) {
		return yield(p, nil)
	}
	d := json.NewDecoder(bytes.NewReader(p.Text))
	for {
		var raw json.RawMessage
		err := d.Decode(&raw)
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			yield(Piece{}, Faults{v.fault(p, err)})
			return false
		}
		if !yield(Piece{Text: raw, Line: p.Line, Content: p.Line}, nil) {
			return false
		}
	}
}

// fault says what is wrong with the syntax of a piece, of which err tells.
func (v *values) fault(p Piece, err error) Fault {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		next, _ := v.reader.Peek(1)
		if len(next) == 0 {
			return Fault{Line: v.line, Problem: "unexpected end of file"}
		}
		var raw json.RawMessage
		err = json.Unmarshal(append(p.Text, next...), &raw)
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return Fault{Line: p.Line - 1 + lineOf(p.Text, min(int(syntax.Offset), len(p.Text))), Problem: syntax.Error()}
	}
	return Fault{Line: p.Line, Problem: err.Error()}
}

// boundary looks for the end of a JSON value, whose syntax it does not check.
type boundary struct {
	// depth is how many brackets are open.
	depth int
	// inText and escaped tell that a string is open, and that a backslash stands
	// before.
	inText, escaped bool
	// scalar tells that the value does not begin with a bracket.
	begun, scalar bool
}

// find returns how many of the next bytes are the value's, and whether it ends
// there.
func (b *boundary) find(text []byte) (n int, ended bool) {
	if !b.begun && len(text) > 0 {
		b.begun, b.scalar = true, text[0] != '{' && text[0] != '['
	}
	for i, c := range text {
		switch {
		case b.escaped:
			b.escaped = false
		case b.inText:
			b.escaped = c == '\\'
			b.inText = c != '"'
		case c == '"':
			b.inText = true
		case b.scalar && (c == '{' || c == '['):
			return i, true
		case b.scalar:
			if strings.IndexByte(jsonSpace, c) >= 0 {
				return i + 1, true
			}
		case c == '{' || c == '[':
			b.depth++
		case c == '}' || c == ']':
			if b.depth--; b.depth == 0 {
				return i + 1, true
			}
		}
	}
	return len(text), false
}

// IsJSON reports whether a stream begins with an object or an array of JSON that
// nothing follows but another one, as it does in no YAML but JSON. rest is the whole
// stream again.
//
// The error is one of r, or an [*Interrupted].
func IsJSON(ctx context.Context, r io.Reader) (is bool, rest io.Reader, err error) {
	var read bytes.Buffer
	v := newValues(ctx, io.TeeReader(r, &read))
	is, err = v.onlyContainers()
	if err != nil && !errors.Is(err, io.EOF) {
		return false, nil, interrupted(v.line, err)
	}
	return is, io.MultiReader(&read, r), nil
}

// onlyContainers reports whether an object or an array comes first, and behind it
// the end of the stream or another one.
func (v *values) onlyContainers() (bool, error) {
	if first, err := v.begin(); err != nil || first != '{' && first != '[' {
		return false, err
	}
	p, err := v.next()
	if err == nil && v.lost != nil {
		err = v.lost
	}
	if err != nil || !json.Valid(p.Text) {
		return false, err
	}
	next, err := v.begin()
	return next == '{' || next == '[' || errors.Is(err, io.EOF), err
}
