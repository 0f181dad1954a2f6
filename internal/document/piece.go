package document

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"iter"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
)

// Piece is the text of one document of a stream.
type Piece struct {
	Text []byte
	// Line is its first line. Content is the first line with more than a marker or a
	// comment, 0 if there is none.
	Line, Content int
}

// Document returns the document of a piece of [Pieces]. ok is false if there is none. The
// error is a [Faults] or an [*Interrupted].
func (p Piece) Document(ctx context.Context, o Options) (d Document, ok bool, err error) {
	if p.isEmpty() {
		return Document{}, false, nil
	}
	documents, err := newDecoder(ctx, o, p.Text).piece(p)
	if err != nil || len(documents) == 0 || p.Content == 0 {
		return Document{}, false, err
	}
	return documents[0], true, nil
}

// isEmpty reports whether a piece has only a marker and white space, so that it needs no
// parser.
func (p Piece) isEmpty() bool {
	if p.Content > 0 {
		return false
	}
	text, _ := bytes.CutPrefix(p.Text, []byte("---"))
	return len(bytes.Trim(text, " \n")) == 0
}

// split returns the texts of the documents of a stream. Each can be read by itself. A line
// that begins with --- begins a document, and one that begins with ... ends one, wherever
// it stands (https://yaml.org/spec/1.2.2/#92-streams).
func split(text []byte, meter *budget.Meter) ([]Piece, error) {
	var pieces []Piece
	s := splitter{next: Piece{Line: 1}}
	from, at := 0, 0
	for line := range bytes.Lines(text) {
		if err := meter.Work(len(line)); err != nil {
			return nil, interrupted(s.next.Line, err)
		}
		begin := at
		at += len(line)
		switch s.line(line) {
		case endsBefore:
			pieces = append(pieces, s.piece(text[from:begin]))
			from = begin
		case endsAfter:
			pieces = append(pieces, s.piece(text[from:at]))
			from = at
		case endsInstead:
			pieces = append(pieces, s.piece(text[from:begin]))
			from = at
		}
	}
	return append(pieces, s.last(text[from:])), nil
}

// Pieces reads a stream and yields the texts of its documents, each as soon as it is read,
// so that it takes the memory of one of them. Each can be read by itself.
//
// A [Faults] in place of a text is about a document that is larger than the memory that is
// left; the documents behind it follow. Any other error comes last: one of r, an
// [*Interrupted] if the budget of ctx is exceeded, or the cause of ctx's end.
func Pieces(ctx context.Context, r io.Reader) iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		l := lines{reader: bufio.NewReaderSize(r, 64<<10), budget: budget.Of(ctx)}
		l.meter = l.budget.Meter()
		s := splitter{next: Piece{Line: 1}}
		give := func(p Piece) bool {
			if l.lost != nil {
				l.lost = nil
				return true
			}
			return yield(p, nil)
		}
		// lose reports a document whose last line is cut.
		lose := func(p Piece) bool {
			return !l.lose() || yield(Piece{Line: p.Line, Content: p.Content}, tooLarge(max(p.Line, p.Content), l.lost))
		}
		for {
			line, err := l.read()
			if err != nil && !errors.Is(err, io.EOF) {
				yield(Piece{}, interrupted(s.next.Line, err))
				return
			}
			more := true
			if len(line) > 0 {
				switch s.line(line) {
				case endsNot:
					more = lose(s.next)
				case endsBefore:
					more = give(s.piece(l.take(l.begin))) && lose(s.next)
				case endsAfter:
					more = lose(s.done) && give(s.piece(l.take(len(l.text))))
				case endsInstead:
					more = give(s.piece(l.take(l.begin)))
					l.text, l.cut = l.text[:0], nil
				}
			}
			if more && err != nil {
				give(s.last(l.text))
			}
			if !more || err != nil {
				return
			}
		}
	}
}

// tooLarge is the fault of a text that begins at a line and does not fit in memory.
func tooLarge(line int, err error) error {
	return Faults{{Line: line, Problem: "too large to read: " + err.Error()}}
}

// lines collects the lines of a stream within a budget.
type lines struct {
	reader *bufio.Reader
	text   []byte
	budget *budget.Budget
	meter  budget.Meter
	// cut is the reason why the last line is not completely in the text. lost is the reason
	// why the text has only the last line of its document.
	cut, lost error
	// passed is the number of bytes that are not kept. head is the beginning of a line that
	// is not in the text. begin is the offset of the last line in the text.
	passed uint64
	head   [64]byte
	begin  int
}

// read appends the next line to the text and returns it, or its beginning if it is cut. At
// the end there may be a line with [io.EOF].
func (l *lines) read() (line []byte, err error) {
	if l.lost != nil {
		l.text = l.text[:0]
	}
	l.begin = len(l.text)
	for first := true; ; first = false {
		part, err := l.reader.ReadSlice('\n')
		if ended := l.meter.Work(len(part)); ended != nil {
			return nil, ended
		}
		switch {
		case l.cut != nil:
		case l.lost != nil && !first:
			// If it is the first line of another document, that document is lost too.
			l.cut, line = l.lost, l.text
		case !l.append(part):
			if ended := l.budget.Err(); ended != nil {
				return nil, ended
			}
			n := copy(l.head[:], l.text[l.begin:])
			line = l.head[:n+copy(l.head[n:], part)]
			l.text = l.text[:l.begin]
		}
		if l.cut != nil || l.lost != nil {
			if l.passed += uint64(len(part)); !passes(l.budget, l.passed) {
				return nil, cmp.Or(l.cut, l.lost)
			}
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			if l.cut == nil {
				line = l.text[l.begin:]
			}
			return line, err
		}
	}
}

// append appends a part of a line to the text. It reports false if the memory does not
// suffice.
func (l *lines) append(part []byte) bool {
	if cap(l.text)-len(l.text) < len(part) {
		size := max(2*cap(l.text), len(l.text)+len(part))
		if l.cut = l.budget.Reserve(uint64(size)); l.cut != nil {
			return false
		}
		l.text = append(make([]byte, 0, size), l.text...)
	}
	l.text = append(l.text, part...)
	return true
}

// lose drops a document whose last line is cut. It reports whether this document was kept
// before.
func (l *lines) lose() bool {
	cut, before := l.cut, l.lost
	if l.cut = nil; cut == nil {
		return false
	}
	l.lost = cut
	if before == nil {
		l.text, l.passed = nil, 0
	}
	return before == nil
}

// mostPassed limits a text that is not kept to this multiple of the limit of memory: a
// larger text may have no end.
const mostPassed = 8

// passes reports whether n bytes of a text that is not kept may be skipped.
func passes(b *budget.Budget, n uint64) bool { return n/mostPassed <= b.Limits().Memory }

// take removes the first n bytes of the text and returns them. It does not copy a large
// part.
func (l *lines) take(n int) []byte {
	const large = 1 << 20
	taken, rest := l.text[:n], l.text[n:]
	if n >= large {
		l.text = slices.Clone(rest)
		return taken[:n:n]
	}
	taken = slices.Clone(taken)
	l.text = append(l.text[:0], rest...)
	return taken
}

// A splitter finds out from the lines of a stream where its documents end.
type splitter struct {
	// number is the number of the last line.
	number int
	// done is the last piece that has ended, and next the one after it. Both have no text
	// yet.
	done, next Piece
	// some says that next has a line, directive that it has one that begins with %, and
	// other that it has one that may not stand among directives.
	some, directive, other bool
}

// end says where a line ends a piece.
type end int

const (
	endsNot     end = iota
	endsBefore      // the line is the first of the next piece
	endsAfter       // the line is the last of the piece
	endsInstead     // the line belongs to none
)

// line notes the next line of a stream.
func (s *splitter) line(line []byte) end {
	s.number++
	marker := Marks(line, "---")
	switch {
	case s.some && bytes.HasPrefix(line, []byte("---#")):
		// kubectl takes it for a marker, YAML for text.
		s.end(s.number + 1)
		return endsInstead
	case marker && (s.other || !s.directive):
		s.end(s.number)
		s.note(line, marker)
		return endsBefore
	}
	s.note(line, marker)
	if Marks(line, "...") {
		s.end(s.number + 1)
		return endsAfter
	}
	return endsNot
}

// note notes a line of the next piece.
func (s *splitter) note(line []byte, marker bool) {
	content := hasContent(line)
	if s.next.Content == 0 && content {
		s.next.Content = s.number
	}
	s.some = true
	if line[0] == '%' {
		s.directive = true
	} else if marker || content {
		s.other = true
	}
}

// end ends a piece. The next one begins with the line from.
func (s *splitter) end(from int) {
	*s = splitter{number: s.number, done: s.next, next: Piece{Line: from}}
}

// piece returns the piece that has ended, with its text.
func (s *splitter) piece(text []byte) Piece {
	s.done.Text = text
	return s.done
}

// last returns the piece at the end of the stream.
func (s *splitter) last(text []byte) Piece {
	s.next.Text = text
	return s.next
}

// interrupted adds the line to err if a budget is exceeded.
func interrupted(line int, err error) error {
	if exceeded := (*budget.Exceeded)(nil); errors.As(err, &exceeded) {
		return &Interrupted{Line: line, Err: err}
	}
	return err
}
