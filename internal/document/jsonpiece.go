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

	"github.com/mop-platform/mop/internal/budget"
)

// JSONPieces reads a sequence of JSON values and yields their texts, each as soon as it is
// read. Their syntax is right. Line and Content of a piece are the line where it begins.
//
// A [Faults] in place of a text is about a value that is larger than the memory that is
// left; the values behind it follow. Any other error comes last: a [Faults] about the first
// text that is no JSON, an error of r, an [*Interrupted] if the budget of ctx is exceeded,
// or the cause of ctx's end.
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
	// lost is the reason why the text of the last value is not kept.
	lost error
	// passed is the number of its bytes that are not kept.
	passed uint64
}

func newValues(ctx context.Context, r io.Reader) *values {
	b := budget.Of(ctx)
	return &values{reader: bufio.NewReaderSize(r, 64<<10), budget: b, meter: b.Meter(), line: 1}
}

// next returns the text of the next value, which may be no JSON. A value in brackets ends
// with the bracket that closes it. Any other text ends at a bracket or white space, and may
// be several values. The error is [io.EOF] if there is no value. If the memory does not
// suffice for the text, it is lost.
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

// begin skips white space and returns the byte behind it.
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

// buffered returns the bytes that can be read without waiting, at least one.
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

// discard skips the next bytes of the stream.
func (v *values) discard(next []byte) error {
	v.line += bytes.Count(next, []byte("\n"))
	if _, err := v.reader.Discard(len(next)); err != nil {
		return err
	}
	return v.meter.Work(len(next))
}

// checked yields the values in the text that next has returned, and the fault of its
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

// fault describes the wrong syntax of a piece. err is the error of the decoder.
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

// boundary finds the end of a JSON value. It does not check the syntax.
type boundary struct {
	// depth is how many brackets are open.
	depth int
	// inText says that a string is open, escaped that a backslash precedes the next byte.
	inText, escaped bool
	// scalar says that the value does not begin with a bracket.
	begun, scalar bool
}

// find returns how many of the next bytes belong to the value, and whether it ends there.
func (b *boundary) find(text []byte) (n int, ended bool) {
	if !b.begun && len(text) > 0 {
		b.begun, b.scalar = true, text[0] != '{' && text[0] != '['
	}
	scalar := b.scalar
	for i, c := range text {
		// Most bytes are neither a quote nor one of [ \ ] { | }.
		if c != '"' && (c|' ')-'{' > 2 && !scalar {
			b.escaped = false
			continue
		}
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

// IsJSON reports whether a stream begins with an object or an array of JSON, and ends there
// or has another object or array next. YAML does so only if it is JSON. rest reads the
// whole stream again.
//
// The error is one of r, an [*Interrupted] if the budget of ctx is exceeded, or the cause
// of ctx's end.
func IsJSON(ctx context.Context, r io.Reader) (is bool, rest io.Reader, err error) {
	var read bytes.Buffer
	v := newValues(ctx, io.TeeReader(r, &read))
	is, err = v.onlyContainers()
	if err != nil && !errors.Is(err, io.EOF) {
		return false, nil, interrupted(v.line, err)
	}
	return is, io.MultiReader(&read, r), nil
}

// onlyContainers reports whether an object or an array comes first, and then the end of the
// stream or another one.
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
