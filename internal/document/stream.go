package document

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/pattern"
)

// YAML returns the documents of a text in order. They include null documents, and documents
// without content that the text marks.
//
// If the error is a [Faults], the documents are those without faults. Otherwise it is an
// [*Interrupted], or the cause of ctx's end.
func YAML(ctx context.Context, text []byte, o Options) ([]Document, error) {
	documents, _, err := stream(ctx, text, o)
	return documents, err
}

// Value returns the result of std.parseYaml for a text: nil for an empty text, and an array
// if there are several documents or one with a marker. changed are the integers that a
// float64 cannot hold.
//
// The error is a [Faults], an [*Interrupted], or the cause of ctx's end.
func Value(ctx context.Context, text []byte) (value any, changed []Integer, err error) {
	documents, marked, err := stream(ctx, text, Options{Meaning: Jsonnet, Doubles: true})
	if err != nil || len(documents) == 0 {
		return nil, nil, err
	}
	values := make([]any, len(documents))
	for i, d := range documents {
		values[i] = d.Value
		changed = append(changed, d.Changed...)
	}
	if marked || len(values) > 1 {
		return values, changed, nil
	}
	return values[0], changed, nil
}

// stream reads the documents of a text. With the Meaning [Jsonnet], marked says whether the
// text has a marker ---.
func stream(ctx context.Context, text []byte, o Options) (documents []Document, marked bool, err error) {
	d := newDecoder(ctx, o, text)
	var pieces []Piece
	switch o.Meaning {
	case Tanka:
		pieces = []Piece{{Text: text, Line: 1}}
	case Jsonnet:
		pieces, marked, err = chunks(text, &d.meter)
	default:
		pieces, err = split(text, &d.meter)
	}
	if err != nil {
		return nil, false, err
	}
	var faults Faults
	for _, p := range pieces {
		more, err := d.piece(p)
		var f Faults
		switch {
		case errors.As(err, &f):
			faults = append(faults, f...)
		case err != nil:
			return nil, false, err
		}
		if o.Meaning == Jsonnet && err == nil && len(more) == 0 {
			// A comment.
			more = []Document{{Line: p.Line}}
		}
		documents = append(documents, more...)
	}
	return documents, marked, faults.err()
}

// piece returns the documents of a piece: one, or several if the text has more markers.
func (d *decoder) piece(p Piece) ([]Document, error) {
	if bytes.HasPrefix(p.Text, []byte("\xff\xfe")) || bytes.HasPrefix(p.Text, []byte("\xfe\xff")) {
		return nil, Faults{{Line: p.Line, Problem: "UTF-16: want UTF-8"}}
	}
	if d.options.Meaning == Kubernetes {
		if p.Content == 0 && Marks(p.Text, "...") {
			return nil, nil
		}
		if hasOddMarker(p.Text) {
			return nil, Faults{{Line: max(p.Content, p.Line), Problem: "the end of a document is not marked on a line of its own: want lines that end in LF or CRLF"}}
		}
	}
	text := p.Text
	if d.options.Meaning != Tanka && !bytes.HasSuffix(text, []byte("\n")) {
		// kubectl and go-jsonnet end the last line with a newline, which a literal text
		// keeps.
		text = append(slices.Clip(text), '\n')
	}
	documents, err := d.decode(text, p.Line-1)
	if err == nil && len(documents) == 1 && p.Content > 0 {
		documents[0].Line = p.Content
	}
	return documents, err
}

// hasOddMarker reports whether a text has a marker after a character that is a line break
// only in YAML 1.1. Such a marker ends the document in the middle of a line.
func hasOddMarker(text []byte) bool {
	for _, marker := range []string{"---", "..."} {
		for rest := text; ; {
			at := bytes.Index(rest, []byte(marker))
			if at < 0 {
				break
			}
			behind := rest[at+len(marker):]
			if endsInOddBreak(rest[:at]) && (len(behind) == 0 || oddSpace().Match(behind[:min(len(behind), utf8.UTFMax)])) {
				return true
			}
			rest = rest[at+1:]
		}
	}
	return false
}

// oddSpace is what may follow a marker.
var oddSpace = pattern.New(`^[\s\x{85}\x{2028}\x{2029}]`)

func endsInOddBreak(text []byte) bool {
	for _, b := range []string{"\r", "\u0085", "\u2028", "\u2029"} {
		if bytes.HasSuffix(text, []byte(b)) {
			return true
		}
	}
	return false
}

// Marks reports whether a line begins with a marker, --- or ..., as a word of its own.
func Marks(line []byte, marker string) bool {
	rest, ok := bytes.CutPrefix(line, []byte(marker))
	return ok && (len(rest) == 0 || strings.ContainsRune(" \t\r\n", rune(rest[0])))
}

// hasContent reports whether a line has more than a marker and a comment.
func hasContent(line []byte) bool {
	if Marks(line, "---") || Marks(line, "...") {
		line = line[len("---"):]
	}
	line = bytes.TrimSpace(line)
	return len(line) > 0 && line[0] != '#'
}

// onlyDirectives reports whether text has only directives and comments, which may stand
// before the marker of their document.
func onlyDirectives(text []byte) bool {
	directive := false
	for line := range bytes.Lines(text) {
		switch {
		case line[0] == '%':
			directive = true
		case Marks(line, "---") || hasContent(line):
			return false
		}
	}
	return directive
}

// chunks returns the texts of the documents of a stream as go-jsonnet's std.parseYaml
// separates them. Text before the first marker is a document too, even a comment, but
// directives are none: std.parseYaml refuses them.
func chunks(text []byte, meter *budget.Meter) (pieces []Piece, marked bool, err error) {
	number, from, at, first := 0, 0, 0, 1
	for line := range bytes.Lines(text) {
		number++
		if err := meter.Work(len(line)); err != nil {
			return nil, false, interrupted(number, err)
		}
		if Marks(line, "---") {
			marked = true
			if at > from && !onlyDirectives(text[from:at]) {
				pieces = append(pieces, Piece{Text: text[from:at], Line: first})
				from, first = at, number
			}
		}
		at += len(line)
	}
	if at > from {
		pieces = append(pieces, Piece{Text: text[from:], Line: first})
	}
	return pieces, marked, nil
}
