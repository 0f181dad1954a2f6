// Package failure names the kinds of failures by their codes, and has one table of what each
// means and of the hints that mend it. docs/failures.md shows the table to users.
//
// The codes are untyped constants, so that a code of a public diagnostic is a string.
package failure

import (
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
)

// row describes a kind of failure. A hint has names of values in angle brackets, and is
// given only if these values are known. A hint with double bars has alternatives; the first
// with known values is given.
type row struct {
	code    string
	meaning string
	hints   []string
}

// parts returns the table, which has a file for each area.
func parts() [][]row { return [][]row{programs, packages, products, answers} }

// Codes returns all codes, in the order of the documentation.
func Codes() []string {
	var all []string
	for _, part := range parts() {
		for _, r := range part {
			all = append(all, r.code)
		}
	}
	return all
}

// Meaning says in a sentence what a code stands for, "" if there is no such code.
func Meaning(code string) string { return rowOf(code).meaning }

// Hints returns what may mend a failure, with the names of values in angle brackets. There
// are none for an unknown code.
func Hints(code string) []string {
	var all []string
	for _, alternatives := range rowOf(code).hints {
		all = append(all, strings.Split(alternatives, " || ")...)
	}
	return all
}

// Advice returns the hints of a code whose values are known. values returns the texts of the
// value with a name, none if it is not known.
func Advice(code string, values func(name string) []string) []string {
	var hints []string
	for _, alternatives := range rowOf(code).hints {
		for hint := range strings.SplitSeq(alternatives, " || ") {
			if texts := fill(hint, values); texts != nil {
				hints = append(hints, texts...)
				break
			}
		}
	}
	return hints
}

// rowOf returns the row of a code in the table. A code that is not in it has no hints.
func rowOf(code string) row {
	for _, part := range parts() {
		if i := slices.IndexFunc(part, func(r row) bool { return r.code == code }); i >= 0 {
			return part[i]
		}
	}
	return row{}
}

// fill returns a hint with values in place of their names. If dots follow the name of a
// list, it returns the hint once for each value of the list. It returns none if a value is
// unknown.
func fill(hint string, valuesOf func(name string) []string) []string {
	texts := []string{""}
	for hint != "" {
		before, rest, _ := strings.Cut(hint, "<")
		name, after, named := strings.Cut(rest, ">")
		ends := []string{before}
		if named {
			name, each := strings.CutSuffix(name, "...")
			values := valuesOf(name)
			if !each && len(values) > 0 {
				values = []string{strings.Join(values, ", ")}
			}
			ends = nil
			for _, value := range values {
				ends = append(ends, before+value)
			}
		}
		var longer []string
		for _, begin := range texts {
			for _, end := range ends {
				longer = append(longer, begin+end)
			}
		}
		texts, hint = longer, after
	}
	return texts
}

// Spent returns the code of an evaluation that has spent a budget, "" if there is none.
func Spent(e *budget.Exceeded) string {
	switch {
	case e.AtOnce:
		return TooLarge
	case e.What == budget.Time:
		return TimeSpent
	case e.What == budget.Output:
		return OutputSpent
	case e.What == budget.Allocation:
		return ""
	}
	return MemorySpent
}
