package document

import "github.com/mop-platform/mop/pkg/budget"

// Split returns the texts of the documents of a stream that is a text.
func Split(text []byte) []Piece {
	// The zero meter has no end.
	pieces, _ := split(text, &budget.Meter{})
	return pieces
}
