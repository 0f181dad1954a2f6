package manifest

import (
	"context"
	"io"
	"iter"

	"github.com/mop-platform/mop/internal/intake"
	"github.com/mop-platform/mop/pkg/diag"
)

// Document is one document of a file. It is immutable and safe for concurrent use, as long
// as nobody changes its Value.
type Document struct {
	// At is where it begins.
	At diag.Position
	// Value is as encoding/json decodes it, but whole numbers are int64 if 64 bits hold
	// them.
	Value any
	// Size is the length of its text in bytes.
	Size int
	read intake.Document
}

func documentOf(d intake.Document) Document { return Document{d.At, d.Value, d.Size, d} }

// Find returns the position of the part at a path. If there is none, it returns that of the
// innermost part around the path. Of a Document that no reader has made, it returns At.
func (d Document) Find(path Path) diag.Position {
	if at := d.read.Find(path); at != (diag.Position{}) {
		return at
	}
	return d.At
}

// Parse returns the documents of a file with manifests, in order. file is its name for
// messages. If it ends in .json or .jsonl, data holds a sequence of JSON values, if it ends
// in .yaml or .yml a stream of YAML; for any other name, the text decides. YAML has the
// meaning that it has for kubectl (sigs.k8s.io/yaml): yes and no are booleans, and the keys
// of objects become strings. A document that is empty, null, or has only comments is left
// out.
//
// The diagnostics are about documents that cannot be parsed and keys that an object sets
// twice. Parse still returns the other documents, in JSON those before the fault. The error
// is the reason why ctx has ended, with the place that the reading had reached.
func Parse(ctx context.Context, file string, data []byte) ([]Document, diag.List, error) {
	read, found, err := intake.Parse(ctx, file, data)
	var documents []Document
	for _, d := range read {
		documents = append(documents, documentOf(d))
	}
	return documents, found, err
}

// Read yields the documents that [Parse] finds, in order, each as soon as r has given it. It
// takes the memory of one document.
//
// A [*diag.List] in place of a document says what is wrong with it. Any other error comes
// last: one of r, or the reason why ctx has ended, with the place that the reading had
// reached.
func Read(ctx context.Context, file string, r io.Reader) iter.Seq2[Document, error] {
	return func(yield func(Document, error) bool) {
		for d, err := range intake.Read(ctx, file, r) {
			if !yield(documentOf(d), err) {
				return
			}
		}
	}
}
