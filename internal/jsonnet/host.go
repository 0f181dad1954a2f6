package jsonnet

import (
	"unsafe"

	"github.com/google/go-jsonnet/ast"
)

// Importer finds the files that a program imports.
type Importer interface {
	// Import returns the text and the name of the file to which a path leads in the file
	// importedFrom, which is "" for [Input.File]. Equal names have the same Contents.
	Import(importedFrom, importedPath string) (contents Contents, foundAt string, err error)
}

// Contents is the text of a file. Two Contents are equal if they are the same one, and not
// if their texts are equal. The zero Contents is none.
type Contents struct{ text *string }

// MakeContents returns new Contents with a text.
func MakeContents(text string) Contents { return Contents{&text} }

// MakeContentsRaw returns new Contents with the text data, which must not be changed any
// more.
func MakeContentsRaw(data []byte) Contents {
	return MakeContents(unsafe.String(unsafe.SliceData(data), len(data)))
}

// String returns the text.
func (c Contents) String() string {
	if c.text == nil {
		return ""
	}
	return *c.text
}

// Data returns the text, which must not be changed.
func (c Contents) Data() []byte {
	s := c.String()
	return unsafe.Slice(unsafe.StringData(s), len(s))
}

// Native is a function written in Go. Func is called with an argument for each parameter.
// Arguments and the result consist of nil, bool, float64, string, []any and map[string]any;
// the result may also have integers, and be [Warned].
type Native struct {
	Name   string
	Params []string
	Func   func(args []any) (any, error)
}

// RuntimeError is an error of a running program: its message, and the calls that led to it,
// the outermost first.
type RuntimeError struct {
	Msg        string
	StackTrace []TraceFrame
}

func (e RuntimeError) Error() string { return "RUNTIME ERROR: " + e.Msg }

// TraceFrame is a call in a stack trace: its place, and the name of the code there.
type TraceFrame struct {
	Name string
	Loc  ast.LocationRange
}
