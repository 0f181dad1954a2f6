// Package diag has the faults of a user's input as values: the thing, its problem, its
// origins, and what to try.
//
// The other packages return them as errors. [From] finds them in an error, and [Write]
// prints them; a [Diagnostic] also marshals itself as JSON:
//
//	_, err := project.Render(ctx, "prod", render.Args{})
//	if found, ok := diag.From(err); ok {
//		err = diag.Write(os.Stderr, found, diag.Options{})
//	}
//
// Wrong input is a Diagnostic. A failure of the work itself (a disk that cannot be read, a
// cancelled context) is an ordinary error. What is behind a Diagnostic is found by
// [errors.Is] and [errors.As].
//
// Values are plain data, safe to share between goroutines once built.
package diag

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Severity says whether a diagnostic stops the work.
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

// Position is a place in a file. Its JSON is an object with the fields file, line and column,
// without those that are not known. The names are stable.
type Position struct {
	// File is a slash-separated path relative to the project's root, or an absolute path of
	// a file elsewhere. Names that are no files are in angle brackets: the input of a
	// program, such as <stdin>, or a flag that gives a value.
	File string `json:"file,omitempty"`
	// Line and Column count from 1, columns in bytes. A Line of 0 means the
	// file as a whole, a Column of 0 the line as a whole.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
}

// IsFile reports whether the position is in a file.
func (p Position) IsFile() bool { return p.File != "" && !strings.HasPrefix(p.File, "<") }

// String returns file, file:line or file:line:column. For a flag it returns the text of the
// user, without the brackets. The zero Position is "".
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

// Diagnostic is one fault.
type Diagnostic struct {
	Severity Severity
	// Code says what happened, whatever the words of the message, so programs compare
	// codes: "no-project". docs/failures.md lists them. It is "" for a problem without.
	Code string
	// Values say what the code is about, by the names that its hints have for them. Each is
	// a string, a []string, a [Position] or a []Position.
	Values map[string]any
	// At is the place if the subject is a place rather than a thing: a syntax error, a
	// field of spec.json. If it is the zero Position, Subject names the thing.
	At Position
	// Subject names the thing in words that the user can find: a path in the
	// evaluated tree, an environment, an object. It may be empty if At is set.
	Subject string
	// Problem says what is wrong, in lower case, without a final period and without a
	// newline. It names the wanted and the actual value.
	Problem string
	// Origins are the places that led here, the nearest first.
	Origins []Position
	// Hints are actions that would mend the fault, besides those of the Code, see
	// [Diagnostic.Advice].
	Hints []string
	// Err is the error behind the problem, nil if there is none. It is for [errors.Is] and
	// [errors.As]; Problem has its text.
	Err error
}

// Unwrap returns Err.
func (d Diagnostic) Unwrap() error { return d.Err }

// Error returns "subject: problem" with the position before it. If there is none, the nearest
// of the origins follows in parentheses.
func (d Diagnostic) Error() string {
	text := d.summary(asStored)
	if d.At.File == "" && len(d.Origins) > 0 {
		text += " (" + d.Origins[0].shown(asStored) + ")"
	}
	return text
}

// asStored returns the path of a file unchanged.
func asStored(name string) string { return name }

func (d Diagnostic) summary(path func(string) string) string {
	var parts []string
	if d.At.File != "" {
		parts = append(parts, d.At.shown(path))
	}
	if d.Subject != "" {
		parts = append(parts, d.Subject)
	}
	if d.Severity == Warning {
		parts = append(parts, "warning")
	}
	return strings.Join(append(parts, d.Problem), ": ")
}

// List is a set of diagnostics. A pointer to it is an error, which stands for all of them,
// see [List.Err]. Read the elements or give it to [Write], but do not parse its text.
type List []Diagnostic

// Error returns the first diagnostic and the number of the others.
func (l *List) Error() string {
	switch all := *l; len(all) {
	case 0:
		return "no diagnostics"
	case 1:
		return all[0].Error()
	default:
		return fmt.Sprintf("%s (and %d more)", all[0].Error(), len(all)-1)
	}
}

// Unwrap returns the diagnostics, so that [errors.Is] and [errors.As] find what is behind
// each of them.
func (l *List) Unwrap() []error {
	all := make([]error, len(*l))
	for i, d := range *l {
		all[i] = d
	}
	return all
}

// Err returns a *List as an error if l has a diagnostic of severity [Error], else nil.
func (l List) Err() error {
	if slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error }) {
		return &l
	}
	return nil
}

// Sorted returns a copy in the order in which [Write] prints: by position, subject,
// problem, severity, origins, then hints. Equal input gives equal order.
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

func comparePositions(a, b Position) int {
	return cmp.Or(
		strings.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
	)
}

// From returns the diagnostics of err: those of a [List] in its chain, or else a
// [Diagnostic] in its chain. ok is false if there is neither.
func From(err error) (l List, ok bool) {
	var all *List
	if errors.As(err, &all) {
		return *all, true
	}
	var d Diagnostic
	if errors.As(err, &d) {
		return List{d}, true
	}
	return nil, false
}
