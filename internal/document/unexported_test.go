package document

import "github.com/mop-platform/mop/internal/budget"

// Split returns the texts of the documents of a text.
func Split(text []byte) []Piece {
	// The zero meter never ends.
	pieces, _ := split(text, &budget.Meter{})
	return pieces
}
