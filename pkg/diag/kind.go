package diag

import (
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
)

// Kind says what happened, whatever the words of the message. Code compares kinds, and not
// words. The zero Kind is for a problem that needs no hint.
type Kind string

// Kinds returns all kinds, in the order of the documentation.
func Kinds() []Kind {
	var all []Kind
	for _, part := range parts() {
		for _, r := range part {
			all = append(all, r.kind)
		}
	}
	return all
}

// Meaning says in a sentence what happened.
func (k Kind) Meaning() string { return k.row().meaning }

// Hints returns what may mend the failure, with the names of values in angle brackets.
func (k Kind) Hints() []string {
	var all []string
	for _, alternatives := range k.row().hints {
		all = append(all, strings.Split(alternatives, " || ")...)
	}
	return all
}

// row returns the row of the kind in the table. A kind that is not in it has no hints.
func (k Kind) row() row {
	for _, part := range parts() {
		if i := slices.IndexFunc(part, func(r row) bool { return r.kind == k }); i >= 0 {
			return part[i]
		}
	}
	return row{}
}

// Spent returns the kind of an evaluation that has spent a budget, "" if there is none.
func Spent(e *budget.Exceeded) Kind {
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

// Advice returns actions that would mend the fault: the hints of the kind whose values are
// known, and then the diagnostic's own hints. path translates file names as [Options.Path]
// does; nil leaves them alone.
func (d Diagnostic) Advice(path func(string) string) []string {
	if path == nil {
		path = asStored
	}
	var hints []string
	for _, alternatives := range d.Kind.row().hints {
		for hint := range strings.SplitSeq(alternatives, " || ") {
			if texts := d.Values.fill(hint, path); texts != nil {
				hints = append(hints, texts...)
				break
			}
		}
	}
	return append(hints, d.Hints...)
}

// fill returns a hint with values in place of their names. If dots follow the name of a
// list, it returns the hint once for each value of the list. It returns none if a value is
// unknown.
func (v Values) fill(hint string, path func(string) string) []string {
	texts := []string{""}
	for hint != "" {
		before, rest, _ := strings.Cut(hint, "<")
		name, after, named := strings.Cut(rest, ">")
		ends := []string{before}
		if named {
			name, each := strings.CutSuffix(name, "...")
			values := v.texts(name, path)
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
