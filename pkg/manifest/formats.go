package manifest

import (
	"context"
	"io"
)

// Writer writes objects, within the budget of ctx.
type Writer func(ctx context.Context, w io.Writer, objects []Object) error

// Format is an output format for objects.
type Format struct {
	// Name is its name, and Meaning says how it writes several objects.
	Name, Meaning string
	// Write writes objects, and Tanka writes them with the bytes of Tanka 0.38.
	Write, Tanka Writer
}

// Formats returns the formats. The first is for people.
func Formats() []Format {
	return []Format{
		{"yaml", "a stream", WriteYAML, WriteTankaYAML},
		{"json", "a List", WriteJSON, WriteJSON},
	}
}
