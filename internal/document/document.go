// Package document reads the text of YAML and JSON documents. It alone decides the meaning
// of a text for each reader.
//
// YAML does not mean the same to everyone: yes is a boolean to kubectl and text to Tanka. A
// caller chooses a [Meaning], and gets values, or faults with their lines. docs/yaml.md
// tabulates what each reader of the command makes of a text.
//
// Functions with a context work within its budget (package budget). If that ends, they
// return an [*Interrupted] with the line. [Pieces] and [JSONPieces] take the memory of one
// document of a stream.
//
// The functions are safe for concurrent use. Values may share the parts that YAML names by
// aliases, so nobody must change them. The length of a text limits time and memory,
// whatever the text: aliases expand to at most ten times this length and a constant.
package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Meaning is how a reader interprets the scalars and keys of YAML.
type Meaning int

const (
	// Kubernetes is how kubectl reads a text for an API server, with sigs.k8s.io/yaml: yes,
	// no, on, off, y and n are booleans, and dates are text. A key that is a number or a
	// boolean is the text of that value. A merge replaces the fields before it.
	Kubernetes Meaning = iota
	// Jsonnet is how std.parseYaml reads a text: as Kubernetes, but a key is the text as
	// written. Documents are separated as go-jsonnet separates them.
	Jsonnet
	// Tanka is how the native function parseYaml reads a text: only true and false are
	// booleans, dates are text in the form of RFC 3339, and a key must be text. The fields
	// of an object take precedence over those that it merges.
	Tanka
)

// Options says how to read a text. The zero value reads manifests.
type Options struct {
	Meaning Meaning
	// Doubles reads each number as a float64, as Jsonnet does, and reports the integers
	// that this changes. Without it, whole numbers are int64 if 64 bits hold them, as in an
	// API server.
	Doubles bool
	// Places keeps the lines of all parts of a document with it. This takes memory.
	Places bool
}

// Document is one document of a stream.
type Document struct {
	// Line is the line where it begins, from 1. This is the first line with more than a
	// marker or a comment, if there is one.
	Line int
	// Value consists of nil, bool, int64, float64, string, []any and map[string]any.
	Value any
	// Changed are the integers that differ from the text because a float64 cannot hold
	// them, in order of their lines. Without [Options.Doubles] there are none.
	Changed []Integer
	// Words are the keys that are booleans in YAML 1.1 and for kubectl, but text for most
	// readers and writers: y, on, no. Only [Kubernetes] has them.
	Words []Fault
	// Places are the places of its parts, with [Options.Places]. They count lines from the
	// first line of the piece.
	Places Places
}

// Integer is an integer that a float64 cannot hold.
type Integer struct {
	Line int
	// Path leads to it in a YAML document: strings for fields, ints for elements. It is nil
	// in JSON, for a document that is the integer, and for integers after the first
	// hundred.
	Path []any
	// Text is the integer as it is written.
	Text string
	// Value is the number that replaces it.
	Value float64
}

// String describes the change, without the place.
func (i Integer) String() string {
	return fmt.Sprintf("Jsonnet has %.0f for the integer %s", i.Value, i.Text)
}

// Integers are the changed integers of one text.
type Integers []Integer

// String describes the changes, with the lines.
func (l Integers) String() string {
	return List(len(l), func(i int) string { return fmt.Sprintf("line %d: %s", l[i].Line, l[i]) })
}

// Fault is a fault of a text.
type Fault struct {
	// Line is its line, from 1; 0 if it is unknown.
	Line    int
	Problem string
	// First is the line where a key that is set twice stands first, else 0.
	First int
}

func (f Fault) String() string {
	text := f.Problem
	if f.Line > 0 {
		text = fmt.Sprintf("line %d: %s", f.Line, text)
	}
	if f.First > 0 {
		text += fmt.Sprintf(", first in line %d", f.First)
	}
	return text
}

// Faults is the error of a text. It is never empty, and in order of the lines.
type Faults []Fault

func (f Faults) Error() string {
	return List(len(f), func(i int) string { return f[i].String() })
}

// mostListed is how many things a message lists.
const mostListed = 10

// List joins up to ten of n things for a message, and says how many more there are.
func List(n int, thing func(i int) string) string {
	var b strings.Builder
	for i := range n {
		if i == mostListed {
			fmt.Fprintf(&b, "; and %d more", n-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(thing(i))
	}
	return b.String()
}

// err returns the faults as an error, in order of their lines, nil without any.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return f
}
