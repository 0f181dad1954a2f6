// Package intake reads files with manifests, document by document.
package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"path"
	"runtime"
	"slices"
	"sync/atomic"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/pool"
	"github.com/mop-platform/mop/internal/position"
	"github.com/mop-platform/mop/pkg/diag"
)

// Document is one document of a file.
type Document struct {
	// At is where it begins.
	At diag.Position
	// Value is as encoding/json decodes it, but whole numbers are int64 if 64 bits hold
	// them.
	Value any
	// Size is the length of its text in bytes.
	Size int
	// places count the line first of the file as line 1.
	places document.Places
	first  int
	// within is the path of Value in the document that has been read.
	within []any
}

// Find returns the position of the part at a path. If there is none, it returns that of the
// innermost part around the path. It is safe for concurrent use.
func (d Document) Find(path []any) diag.Position {
	at := d.At
	if len(d.within) > 0 {
		path = slices.Concat(d.within, path)
	}
	if line := d.places.Line(path...); line > 0 {
		at.Line = d.first + line - 1
	}
	return at
}

// Part returns the part of d at a path, such as the item of a list, as a document of its
// own. value is its value, or one made of it. At stays.
func (d Document) Part(path []any, value any) Document {
	d.Value, d.within = value, slices.Concat(d.within, path)
	return d
}

// Interrupted is the error if a budget ended before a file was read.
type Interrupted struct {
	// At is about where reading ended.
	At diag.Position
	// Err is the reason, as [budget.Budget.Err] gives it.
	Err error
}

func (i *Interrupted) Error() string { return i.At.String() + ": " + i.Err.Error() }

// Unwrap returns the reason.
func (i *Interrupted) Unwrap() error { return i.Err }

// interrupted adds the name of a file to a [document.Interrupted]; other errors stay.
func interrupted(file string, err error) error {
	if i := (*document.Interrupted)(nil); errors.As(err, &i) {
		return &Interrupted{At: diag.Position{File: file, Line: i.Line}, Err: i.Err}
	}
	return err
}

// Parse returns the documents of a file with manifests, in order, as [Texts] and
// [Text.Parse] find them.
//
// The diagnostics are about documents that cannot be parsed and keys that an object sets
// twice. Parse still returns the other documents, in JSON those before the fault. The error
// is an [*Interrupted], or the reason why ctx has ended.
func Parse(ctx context.Context, file string, data []byte) ([]Document, diag.List, error) {
	var texts []Text
	var unread diag.List
	for text, err := range Texts(ctx, file, bytes.NewReader(data)) {
		l, wrong := diag.From(err)
		switch {
		case wrong:
			unread = append(unread, l...)
		case err != nil:
			return nil, nil, err
		default:
			texts = append(texts, text)
		}
	}
	documents, found, err := parseAll(ctx, texts)
	return documents, append(found, unread...), err
}

// parseAll parses texts in parallel. The results are in the order of the texts.
func parseAll(ctx context.Context, texts []Text) (documents []Document, found diag.List, err error) {
	type parsed struct {
		document Document
		ok       bool
		err      error
	}
	all := make([]parsed, len(texts))
	var next atomic.Int64
	workers, _ := pool.NewGroup(ctx)
	for range min(len(texts), runtime.GOMAXPROCS(0)) {
		workers.Go(func() error {
			for i := int(next.Add(1)) - 1; i < len(texts); i = int(next.Add(1)) - 1 {
				all[i].document, all[i].ok, all[i].err = texts[i].Parse(ctx)
			}
			return nil
		})
	}
	_ = workers.Wait()
	for _, p := range all {
		l, wrong := diag.From(p.err)
		switch {
		case p.err != nil && !wrong:
			return nil, nil, p.err
		case p.ok:
			documents = append(documents, p.document)
		}
		found = append(found, l...)
	}
	return documents, found, nil
}

// Read yields the documents of a file with manifests, in order, as [Texts] and [Text.Parse]
// find them, each as soon as it is read. It takes the memory of one document.
//
// A [*diag.List] in place of a document says what is wrong with it. Any other error comes
// last: one of r, an [*Interrupted], or the reason why ctx has ended.
func Read(ctx context.Context, file string, r io.Reader) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		for text, err := range Texts(ctx, file, r) {
			var d Document
			ok := false
			if err == nil {
				d, ok, err = text.Parse(ctx)
			}
			if (ok || err != nil) && !yield(d, err) {
				return
			}
			if _, wrong := diag.From(err); err != nil && !wrong {
				return
			}
		}
	}
}

// Text is the text of one document of a file.
type Text struct {
	file   string
	isJSON bool
	piece  document.Piece
}

// Texts reads a file with manifests and yields the texts of its documents, in order, each
// as soon as it is read. file is its name for messages. A file whose name ends in .json or
// .jsonl holds a sequence of JSON values, one whose name ends in .yaml or .yml a stream of
// YAML. For any other name, the text decides.
//
// A [*diag.List] in place of a text is about a document that is larger than the memory that
// is left. Its text is empty, and the texts behind it follow. Any other error comes last: a
// [*diag.List] about the syntax of JSON, an error of r, an [*Interrupted], or the reason why
// ctx has ended.
func Texts(ctx context.Context, file string, r io.Reader) iter.Seq2[Text, error] {
	return func(yield func(Text, error) bool) {
		isJSON := false
		switch path.Ext(file) {
		case ".json", ".jsonl":
			isJSON = true
		case ".yaml", ".yml":
		default:
			var err error
			if isJSON, r, err = document.IsJSON(ctx, r); err != nil {
				yield(Text{}, interrupted(file, err))
				return
			}
		}
		pieces := document.Pieces
		if isJSON {
			pieces = document.JSONPieces
		}
		for piece, err := range pieces(ctx, r) {
			if !yield(Text{file, isJSON, piece}, InFile(file, err)) {
				return
			}
		}
	}
}

// InFile turns an error of package document into one about a file.
func InFile(file string, err error) error {
	var faults document.Faults
	if !errors.As(err, &faults) {
		return interrupted(file, err)
	}
	return position.OfFaults(file, faults).Err()
}

// Bytes returns the text itself.
func (t Text) Bytes() []byte { return t.piece.Text }

// At returns where the text begins.
func (t Text) At() diag.Position { return diag.Position{File: t.file, Line: t.piece.Line} }

// Lines returns the first and the last line of the text. If the text is empty, last is the
// line before first.
func (t Text) Lines() (first, last int) {
	last = t.piece.Line + bytes.Count(t.piece.Text, []byte("\n"))
	if bytes.HasSuffix(t.piece.Text, []byte("\n")) || len(t.piece.Text) == 0 {
		last--
	}
	return t.piece.Line, last
}

// Parse returns the document in the text. ok is false if the text is empty, null, or has
// only comments.
//
// YAML has the meaning that it has for kubectl (sigs.k8s.io/yaml): yes and no are booleans,
// and the keys of objects become strings.
//
// The error is a [*diag.List] if the text cannot be parsed or an object sets a key twice,
// else an [*Interrupted].
func (t Text) Parse(ctx context.Context) (d Document, ok bool, err error) {
	return t.parse(ctx, document.Options{})
}

// Located is [Text.Parse] for a document that is used for a short time. The document finds
// the places of its parts without reading the text again, but keeps them in memory.
func (t Text) Located(ctx context.Context) (d Document, ok bool, err error) {
	return t.parse(ctx, document.Options{Places: true})
}

func (t Text) parse(ctx context.Context, o document.Options) (d Document, ok bool, err error) {
	var value any
	line, places := t.piece.Line, document.Places{}
	if t.isJSON {
		value, err = t.json(ctx)
	} else {
		var parsed document.Document
		parsed, _, err = t.piece.Document(ctx, o)
		value, line, places, err = parsed.Value, parsed.Line, parsed.Places, InFile(t.file, err)
	}
	if err != nil || value == nil {
		return Document{}, false, err
	}
	switch {
	case t.isJSON && o.Places:
		places = document.JSONPlaces(t.piece.Text)
	case !o.Places:
		places = document.PlacesOf(ctx, t.piece.Text)
	}
	return Document{At: diag.Position{File: t.file, Line: line}, Value: value, Size: len(t.piece.Text), places: places, first: t.piece.Line}, true, nil
}
