// Package report writes what a validation has found in the formats of those who
// read it: JSON lines for programs, JUnit, SARIF and GitHub's workflow commands
// for systems of continuous integration.
//
// Each writer takes [Record] values, one for an object and a version of
// Kubernetes, in the order in which they are to be written:
//
//	results, err := validator.Check(ctx, objects)
//	var records []report.Record
//	for _, r := range results {
//		records = append(records, report.Record{Result: r, Minor: 29})
//	}
//	err := report.WriteJSON(os.Stdout, records)
//
// For people there is [Diagnostics], which package diag writes. Names of files
// are written as the records have them. Equal records give equal bytes.
package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/schema"
	"github.com/mop-platform/mop/pkg/validate"
)

// Record is what is known of one object after its check, or of an input that
// cannot be read.
type Record struct {
	validate.Result
	// Environment is the name of the environment that the object belongs to, ""
	// for one of a file.
	Environment string
	// Minor is the version of Kubernetes that the object was held against, 0 if
	// it was not.
	Minor schema.Minor
	// Unread says why an input cannot be read. Of the Result only Object.Source
	// is set then, and Status is [validate.Broken].
	Unread diag.List
}

// Unreadable returns the record of an input that cannot be read. environment is
// "" where it is a file.
func Unreadable(source diag.Position, environment string, why diag.List) Record {
	return Record{
		Result:      validate.Result{Object: validate.Object{Source: source}, Status: validate.Broken},
		Environment: environment,
		Unread:      why,
	}
}

// Diagnostics returns the findings of records as diagnostics. They name the
// version of Kubernetes where records are about several.
func Diagnostics(records []Record) diag.List {
	var all diag.List
	several := len(minors(records)) > 1
	for _, r := range records {
		l := append(r.Unread, r.Result.Diagnostics()...)
		if several && r.Minor != 0 {
			for i := range l {
				l[i].Subject = "kubernetes " + r.Minor.String() + ": " + l[i].Subject
			}
		}
		all = append(all, l...)
	}
	return all
}

// minors returns the versions of Kubernetes that records are about, ascending.
func minors(records []Record) []schema.Minor {
	seen := map[schema.Minor]bool{}
	for _, r := range records {
		if r.Minor != 0 {
			seen[r.Minor] = true
		}
	}
	var all []schema.Minor
	for m := range seen {
		all = append(all, m)
	}
	slices.Sort(all)
	return all
}

// Summary counts the records about one version of Kubernetes.
type Summary struct {
	Minor                               schema.Minor
	Valid, Invalid, UnknownKind, Broken int
	// Warnings is the number of findings that are warnings.
	Warnings int
}

// Objects returns the number of objects that were checked.
func (s Summary) Objects() int { return s.Valid + s.Invalid + s.UnknownKind + s.Broken }

// Summarize returns a summary for each version of Kubernetes that records are
// about, ascending, and the number of inputs that could not be read.
func Summarize(records []Record) (summaries []Summary, unread int) {
	all := minors(records)
	summaries = make([]Summary, len(all))
	for i, m := range all {
		summaries[i].Minor = m
	}
	for _, r := range records {
		if r.Minor == 0 {
			unread++
			continue
		}
		i, _ := slices.BinarySearch(all, r.Minor)
		s := &summaries[i]
		switch r.Status {
		case validate.Valid:
			s.Valid++
		case validate.Invalid:
			s.Invalid++
		case validate.UnknownKind:
			s.UnknownKind++
		case validate.Broken:
			s.Broken++
		}
		for _, f := range r.Findings {
			if f.Severity == diag.Warning {
				s.Warnings++
			}
		}
	}
	return summaries, unread
}

// issue is a finding of a record, or a reason why there is nothing to check.
type issue struct {
	severity diag.Severity
	rule     validate.Rule
	at       diag.Position
	path     manifest.Path
	problem  string
	hints    []string
	// origins are the places that led here, nearest first, related those of them
	// that a finding has besides at.
	origins, related []diag.Position
}

func (r Record) issues() []issue {
	var all []issue
	for _, d := range r.Unread.Sorted() {
		at := r.Object.Source
		if len(d.Origins) > 0 {
			at = d.Origins[0]
		}
		if d.At.File != "" {
			at = d.At
		}
		problem := d.Problem
		if d.Subject != "" && d.Subject != r.Environment {
			problem = d.Subject + ": " + problem
		}
		all = append(all, issue{d.Severity, validate.RuleInput, at, nil, problem, d.Hints, d.Origins, nil})
	}
	for _, f := range r.Findings {
		at := r.Object.Source
		if i := slices.IndexFunc(f.Origins, diag.Position.IsFile); i >= 0 {
			at = f.Origins[i]
		} else if len(f.Origins) > 0 && !at.IsFile() {
			at = f.Origins[0]
		}
		var related []diag.Position
		for _, p := range f.Origins {
			if p != at {
				related = append(related, p)
			}
		}
		all = append(all, issue{f.Severity, f.Rule, at, f.Path, f.Problem, f.Hints, f.Origins, related})
	}
	return all
}

// messageAndRelated is message with the related places after it, each on a line of
// its own.
func (i issue) messageAndRelated() string {
	text := i.message()
	for _, p := range i.related {
		text += "\nrelated: " + p.String()
	}
	return text
}

// message is the problem with the path before it and the hints after it, each
// on a line of its own.
func (i issue) message() string {
	text := i.problem
	if len(i.path) > 0 {
		text = i.path.String() + ": " + text
	}
	for _, h := range i.hints {
		text += "\nhint: " + h
	}
	return text
}

// source names where the record comes from: the environment, else the file.
func (r Record) source() string { return cmp.Or(r.Environment, r.Object.Source.File) }

// object names the object: by its identity, as far as it has one, and by its
// path, if that is not the whole source; "" for an input that cannot be read.
func (r Record) object() string {
	name := r.ID.Kind
	if r.ID.Name != "" {
		name = strings.TrimSpace(r.ID.String())
	}
	if path := r.Object.Path; len(path) > 0 {
		name = strings.TrimSpace(name + " (" + path.String() + ")")
	}
	return name
}

// titles returns a function that names a record within records: by its
// environment and object, and by the version of Kubernetes where there are
// several.
func titles(records []Record) func(Record) string {
	several := len(minors(records)) > 1
	return func(r Record) string {
		var parts []string
		if several && r.Minor != 0 {
			parts = append(parts, "kubernetes "+r.Minor.String())
		}
		for _, part := range []string{r.Environment, r.object()} {
			if part != "" {
				parts = append(parts, part)
			}
		}
		return strings.Join(parts, ": ")
	}
}

// field returns a string of the manifest, "" where there is none.
func (r Record) field(name string) string {
	s, _ := r.Object.Value[name].(string)
	return s
}
