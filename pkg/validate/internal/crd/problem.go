package crd

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Kind is the kind of a problem.
type Kind string

// The kinds of problems.
const (
	UnknownField Kind = "unknown-field" // the schema has no such field
	Type         Kind = "type"          // another JSON type is wanted
	Required     Kind = "required"      // a field is missing or empty
	Format       Kind = "format"        // a string is not written as it must be
	Value        Kind = "value"         // a value is not as the schema wants it
	Duplicate    Kind = "duplicate"     // two items of a list are the same
	Conflict     Kind = "conflict"      // a value must not be there
	Expression   Kind = "expression"    // a CEL rule fails
)

// Problem is one fault of an object or a definition.
type Problem struct {
	// Path is its place, empty for the object as a whole.
	Path manifest.Path
	Kind Kind
	// Problem says what is wrong, as [diag.Diagnostic.Problem] does. It has the API server's
	// words if mop's own would say no more.
	Problem string
	// Hints are actions that would mend it.
	Hints []string
}

// problems returns the problems of the server's errors about a value.
func problems(errs field.ErrorList, value any) []Problem {
	var all []Problem
	for _, err := range errs {
		all = append(all, problem(err, value))
	}
	return all
}

// sorted sorts problems by path and drops duplicates. If two differ only in their kinds or
// hints, the choice does not depend on the order of all, which varies: the API server's
// code walks maps.
func sorted(all []Problem) []Problem {
	compare := func(a, b Problem) int {
		return cmp.Or(strings.Compare(a.Path.String(), b.Path.String()), strings.Compare(a.Problem, b.Problem))
	}
	slices.SortFunc(all, func(a, b Problem) int {
		return cmp.Or(compare(a, b), cmp.Compare(a.Kind, b.Kind), slices.Compare(a.Hints, b.Hints))
	})
	return slices.CompactFunc(all, func(a, b Problem) bool { return compare(a, b) == 0 })
}

// problem puts an error into mop's words.
func problem(err *field.Error, value any) Problem {
	p := Problem{Path: resolve(err.Field, value), Kind: Value}
	v := lookup(value, p.Path)
	got := ", " + plain.GotValue(v)
	switch err.Type {
	case field.ErrorTypeRequired:
		p.Kind, p.Problem = Required, cmp.Or(err.Detail, "is required")+got
	case field.ErrorTypeTypeInvalid:
		p.Kind, p.Problem = Type, err.Detail+got
	case field.ErrorTypeNotSupported:
		var allowed []any
		for _, text := range quoted(err.Detail) {
			allowed = append(allowed, text)
		}
		p.Problem, p.Hints = "want "+alternatives(allowed)+got, similar(v, allowed)
	case field.ErrorTypeDuplicate:
		p.Kind, p.Problem = Duplicate, "is the same as an item before it"
	case field.ErrorTypeForbidden:
		p.Kind, p.Problem = Conflict, err.Detail
	default:
		p.Problem, _, _ = strings.Cut(err.Detail, " (e.g. ")
		p.Problem = strings.TrimSuffix(p.Problem, ",")
		switch v.(type) {
		case string, int64, float64, bool:
			p.Problem += got
		case map[string]any, []any:
			// For a label or finalizer the server gives the path of all of them.
			if text, ok := err.BadValue.(string); ok {
				p.Problem += ", " + plain.GotValue(text)
			}
		}
	}
	p.Problem = oneLine(p.Problem)
	return p
}

// oneLine joins the lines of a message: those of CEL point at a place in the rule.
func oneLine(s string) string {
	lines := strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' })
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, " ")
}

// quoted returns the quoted strings in a list of the server.
func quoted(s string) []string {
	var all []string
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			return all
		}
		q, err := strconv.QuotedPrefix(s[i:])
		if err != nil {
			return all
		}
		text, err := strconv.Unquote(q)
		if err != nil {
			return all
		}
		all, s = append(all, text), s[i+len(q):]
	}
}

// lookup returns the value at a path, nil if there is none.
func lookup(value any, p manifest.Path) any {
	for _, step := range p {
		switch step := step.(type) {
		case string:
			m, _ := value.(map[string]any)
			value = m[step]
		case int:
			list, _ := value.([]any)
			if step >= len(list) {
				return nil
			}
			value = list[step]
		}
	}
	return value
}

// resolve returns the steps of a path that the server wrote. Names are after a dot or in
// brackets, and are not quoted. So resolve looks the names up in the value; a name that is
// not in the value ends at the next dot or bracket.
func resolve(text string, value any) manifest.Path {
	if text == "<nil>" {
		return nil
	}
	p, ok := known(text, value)
	if !ok {
		p = guessed(text, value)
	}
	return p
}

// known resolves a path. All steps except the last must be in the value.
func known(text string, value any) (manifest.Path, bool) {
	if text == "" {
		return nil, true
	}
	switch v := value.(type) {
	case []any:
		index, rest, ok := strings.Cut(strings.TrimPrefix(text, "["), "]")
		i, err := strconv.Atoi(index)
		if !ok || err != nil || text[0] != '[' || i < 0 || i >= len(v) {
			return nil, false
		}
		p, ok := known(rest, v[i])
		return append(manifest.Path{i}, p...), ok
	case map[string]any:
		for name, rest := range namesIn(text, v) {
			if p, ok := known(rest, v[name]); ok {
				return append(manifest.Path{name}, p...), true
			}
		}
		if name := strings.TrimPrefix(text, "."); !strings.ContainsAny(name, ".[") {
			return manifest.Path{name}, true
		}
	}
	return nil, false
}

// namesIn yields the possible first steps of a path, which are fields of an object, the
// longest first, each with the rest of the path. It takes no longer for an object with many
// fields or for a long path: names have at most mostOfName bytes.
func namesIn(text string, object map[string]any) iter.Seq2[string, string] {
	return func(yield func(name, rest string) bool) {
		begun := strings.TrimPrefix(text, ".")
		inside, bracket := strings.CutPrefix(text, "[")
		for n := min(len(begun), mostOfName); n >= 0; n-- {
			if rest := begun[n:]; rest == "" || rest[0] == '.' || rest[0] == '[' {
				if _, ok := object[begun[:n]]; ok && !yield(begun[:n], rest) {
					return
				}
			}
			if bracket && n < len(inside) && inside[n] == ']' {
				if _, ok := object[inside[:n]]; ok && !yield(inside[:n], inside[n+1:]) {
					return
				}
			}
		}
	}
}

// mostOfName is more than any name has that an API server accepts.
const mostOfName = 1000

// guessed resolves a path as far as the value has it, then at each dot and bracket.
func guessed(text string, value any) manifest.Path {
	var p manifest.Path
	for text != "" {
		end := strings.IndexAny(text[1:], ".[") + 1
		if end == 0 {
			end = len(text)
		}
		step := strings.TrimPrefix(text[:end], ".")
		text = text[end:]
		if inside, ok := strings.CutPrefix(step, "["); ok {
			step = strings.TrimSuffix(inside, "]")
			if i, err := strconv.Atoi(step); err == nil {
				p = append(p, i)
				continue
			}
		}
		p = append(p, step)
	}
	return p
}
