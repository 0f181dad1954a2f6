// Package document reads the text of YAML and JSON documents: it is the one
// place that says what a text means, and to whom.
//
// YAML does not mean the same to everyone: yes is a boolean to kubectl and text
// to Tanka. A reader chooses a [Meaning], and gets values, or faults with the
// line that they stand on. docs/yaml.md tabulates what each reader of the
// command makes of what.
//
// What takes a context works within its budget (package budget), and says with an
// [*Interrupted] on which line that ended. [Pieces] and [JSONPieces] take the memory
// of one document of a stream.
//
// The functions are safe for concurrent use. Values may share parts, those that
// YAML names by aliases, so nobody must change them. Whatever the text, time and
// memory are bounded by its length: aliases expand to no more than ten times of
// it and a constant.
package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Meaning is what a reader makes of the scalars and keys of YAML.
type Meaning int

const (
	// Kubernetes is what kubectl sends to an API server, by sigs.k8s.io/yaml:
	// yes, no, on, off, y and n are booleans, dates are text, a key that is a
	// number or a boolean is the text of that value, and merges count where they
	// stand, so that they replace the fields before them.
	Kubernetes Meaning = iota
	// Jsonnet is std.parseYaml: as Kubernetes, but a key is the text that stands
	// there. Documents are separated as go-jsonnet separates them.
	Jsonnet
	// Tanka is the native function parseYaml: only true and false are booleans,
	// dates are text in the form of RFC 3339, a key must be text, and the fields of
	// an object come before those that it merges.
	Tanka
)

// Options says how to read a text. The zero value reads manifests.
type Options struct {
	Meaning Meaning
	// Doubles gives each number as a float64, as Jsonnet has them, and reports the
	// integers that this changes. Without it whole numbers are int64 as far as 64
	// bits hold them, as an API server has them.
	Doubles bool
	// Places has documents know where their parts stand. It takes memory.
	Places bool
}

// Document is one document of a stream.
type Document struct {
	// Line is the line of the text where it begins, from 1: the first with more
	// than a marker or a comment where there is one.
	Line int
	// Value is made of nil, bool, int64, float64, string, []any and
	// map[string]any.
	Value any
	// Changed are the integers that are not what the text says, in order of their
	// lines, because a float64 cannot hold them. Without [Options.Doubles] there
	// are none.
	Changed []Integer
	// Words are the keys that are booleans to YAML 1.1 and kubectl, and text to most
	// readers and writers: y, on, no. Meanings but [Kubernetes] have none.
	Words []Fault
	// Places are where its parts stand, with [Options.Places]. They count lines from
	// the first one of the piece.
	Places Places
}

// Integer is an integer that a float64 cannot hold.
type Integer struct {
	Line int
	// Path leads to it in a document of YAML: strings for fields, ints for
	// elements. It is nil in JSON, for a document that is the integer, and for those
	// behind the first hundred.
	Path []any
	// Text is the integer as it is written.
	Text string
	// Value is the number in its place.
	Value float64
}

// String says what is wrong, without the place.
func (i Integer) String() string {
	return fmt.Sprintf("Jsonnet has %.0f for the integer %s", i.Value, i.Text)
}

// Integers are those of one text.
type Integers []Integer

// String says what is wrong, with the lines.
func (l Integers) String() string {
	return List(len(l), func(i int) string { return fmt.Sprintf("line %d: %s", l[i].Line, l[i]) })
}

// Fault is one thing that is wrong with a text.
type Fault struct {
	// Line is where, from 1; 0 where nobody knows.
	Line    int
	Problem string
	// First is the line where a key stands first that is set twice, else 0.
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

// Faults is the error of a text, never empty, in order of the lines.
type Faults []Fault

func (f Faults) Error() string {
	return List(len(f), func(i int) string { return f[i].String() })
}

// mostListed is how many things a message lists.
const mostListed = 10

// List joins n things for a message, which says how many more than ten there are.
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

// err returns the faults as an error in order of their lines, nil without any.
func (f Faults) err() error {
	if len(f) == 0 {
		return nil
	}
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return f
}
