// Package diag describes what is wrong with a user's input: which thing, what
// about it, where it comes from, and what to try.
//
// A producer builds [Diagnostic] values, collects them in a [List] and returns
// the list with [List.Err]; it neither formats nor prints. [Write] is the only
// renderer. Wrong input is a Diagnostic; being unable to do the work (a disk
// that cannot be read, a cancelled context) is an ordinary error.
//
// Values are plain data, safe to share between goroutines once built.
package diag

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Severity tells whether a diagnostic stops the work.
type Severity int

const (
	// Error marks input that cannot be used. It is the zero value.
	Error Severity = iota
	// Warning marks input that is used although it is probably a mistake.
	Warning
)

// String returns "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Position is a place in a file.
type Position struct {
	// File is a slash-separated path relative to the project's root, or an
	// absolute one for a file elsewhere. What is no file is in angle brackets: what
	// a program reads, such as <stdin>, or a flag that gives a value.
	File string
	// Line and Column count from 1, columns in bytes. A Line of 0 means the
	// file as a whole, a Column of 0 the line as a whole.
	Line, Column int
}

// PositionAt returns where the byte at an offset of a file's text is; its end for
// an offset beyond that.
func PositionAt(file string, text []byte, offset int64) Position {
	before := text[:min(offset, int64(len(text)))]
	return Position{
		File:   file,
		Line:   1 + bytes.Count(before, []byte("\n")),
		Column: len(before) - bytes.LastIndexByte(before, '\n'),
	}
}

// IsFile reports whether the position is in a file.
func (p Position) IsFile() bool { return p.File != "" && !strings.HasPrefix(p.File, "<") }

// String returns file, file:line or file:line:column; of a flag what the user
// wrote, without the brackets.
func (p Position) String() string {
	var b strings.Builder
	if flag := strings.Trim(p.File, "<>"); strings.HasPrefix(flag, "--") {
		b.WriteString(flag)
	} else {
		b.WriteString(p.File)
	}
	for _, n := range []int{p.Line, p.Column} {
		if n == 0 {
			break
		}
		b.WriteByte(':')
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}

// Diagnostic is one thing that is wrong.
type Diagnostic struct {
	Severity Severity
	// Kind is what happened, and Values are what that is about: they choose hints.
	Kind   Kind
	Values Values
	// At is where the subject is a place rather than a thing: a syntax error,
	// a field of spec.json. The zero Position means that Subject says it.
	At Position
	// Subject names the thing in words that the user can find: a path in the
	// evaluated tree, an environment, an object. It may be empty if At is set.
	Subject string
	// Problem says what is wrong in lower case, without a final period and
	// without a newline, naming what is wanted and what was got.
	Problem string
	// Origins are the places that led here, the nearest first.
	Origins []Position
	// Hints are actions that would mend it besides those of the Kind, see
	// [Diagnostic.Advice].
	Hints []string
}

// Error returns "subject: problem" with the position, if any, before it.
func (d Diagnostic) Error() string {
	return d.summary(asStored)
}

// asStored is the path of a file that is shown as it is stored.
func asStored(name string) string { return name }

func (d Diagnostic) summary(path func(string) string) string {
	var parts []string
	if d.At.File != "" {
		at := d.At
		at.File = path(at.File)
		parts = append(parts, at.String())
	}
	if d.Subject != "" {
		parts = append(parts, d.Subject)
	}
	if d.Severity == Warning {
		parts = append(parts, "warning")
	}
	return strings.Join(append(parts, d.Problem), ": ")
}

// List is a set of diagnostics. As an error it stands for all of them; read
// the elements, or give it to [Write], rather than parsing its text.
type List []Diagnostic

// Error returns the first diagnostic and the number of the others.
func (l List) Error() string {
	switch len(l) {
	case 0:
		return "no diagnostics"
	case 1:
		return l[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", l[0].Error(), len(l)-1)
}

// Err returns l as an error if it holds at least one of severity [Error],
// else nil.
func (l List) Err() error {
	if slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error }) {
		return l
	}
	return nil
}

// Sorted returns a copy in the order in which [Write] prints: by position,
// subject, problem, then origins. Equal input gives equal order.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(
			comparePositions(a.At, b.At),
			strings.Compare(a.Subject, b.Subject),
			strings.Compare(a.Problem, b.Problem),
			cmp.Compare(a.Severity, b.Severity),
			slices.CompareFunc(a.Origins, b.Origins, comparePositions),
			slices.Compare(a.Advice(nil), b.Advice(nil)),
		)
	})
	return out
}

// Renamed returns a copy with the names of files as rename calls them.
func (l List) Renamed(rename func(file string) string) List {
	name := func(at Position) Position {
		if at.IsFile() {
			at.File = rename(at.File)
		}
		return at
	}
	names := func(all []Position) []Position {
		all = slices.Clone(all)
		for i, at := range all {
			all[i] = name(at)
		}
		return all
	}
	out := slices.Clone(l)
	for i, d := range out {
		out[i].At, out[i].Origins, out[i].Values = name(d.At), names(d.Origins), maps.Clone(d.Values)
		for key, value := range d.Values {
			switch value := value.(type) {
			case Position:
				out[i].Values[key] = name(value)
			case []Position:
				out[i].Values[key] = names(value)
			}
		}
	}
	return out
}

// Distinct returns the diagnostics in their order, each once.
func (l List) Distinct() List {
	return slices.CompactFunc(l.Sorted(), func(a, b Diagnostic) bool { return reflect.DeepEqual(a, b) })
}

func comparePositions(a, b Position) int {
	return cmp.Or(
		strings.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
	)
}

// From returns the diagnostics that err carries: those of a [List] or a
// [Diagnostic] in its chain. ok is false if there are none.
func From(err error) (l List, ok bool) {
	if errors.As(err, &l) {
		return l, true
	}
	var d Diagnostic
	if errors.As(err, &d) {
		return List{d}, true
	}
	return nil, false
}
