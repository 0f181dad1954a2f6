// Package report writes the findings of a validation in the formats of their readers: text
// for people, JSON lines for programs, JUnit, SARIF and GitHub's workflow commands for
// systems of continuous integration.
//
// A [Writer] takes [Record] values, one for an object and a version of
// Kubernetes, in the order in which they are to be written:
//
//	checked, err := validator.Check(ctx, objects...)
//	w := report.JSON(os.Stdout)
//	for _, r := range checked.Results {
//		err = w.Write(report.Record{Result: r, Minor: minor})
//	}
//	err = w.Close()
//
// Names of files are written as in the records, and texts longer than [message.Long] are
// cut. Equal records give equal bytes.
package report

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// Record is the result for one object after its check, or for an input that cannot be read.
type Record struct {
	validate.Result
	// Environment is the name of the object's environment, "" for an object in a file.
	Environment string
	// Minor is the version of Kubernetes for which the object was checked, 0 if it was not
	// checked.
	Minor schema.Minor
	// Unread says why an input cannot be read. The Result then has only Object.Source, and
	// the Status [validate.Broken].
	Unread diag.List
}

// Unreadable returns the record of an input that cannot be read. environment is "" for a
// file.
func Unreadable(source diag.Position, environment string, why diag.List) Record {
	return Record{
		Result:      validate.Result{Object: validate.Object{Source: source}, Status: validate.Broken},
		Environment: environment,
		Unread:      why,
	}
}

// Writer writes records in one format. It keeps as little of them as the format
// permits, and is for one goroutine.
type Writer interface {
	// Write writes the records of one object, or of an input that cannot be read, for
	// several versions of Kubernetes. The error is that of the stream.
	Write(records ...Record) error
	// Close writes the end of the output, and everything that Write kept. It does not close
	// the stream.
	Close() error
}

// Options are the facts that all records have in common.
type Options struct {
	// Several says that the records are about several versions of Kubernetes, and name them.
	Several bool
	// Version is the version of the program, "" if it is not known.
	Version string
}

// text writes diagnostics.
type text struct {
	w       io.Writer
	several bool
}

// Text returns a Writer of diagnostics for people. It writes each record by itself, so
// later findings about an object can be another record of it.
func Text(w io.Writer, o Options) Writer { return text{w, o.Several} }

func (t text) Write(records ...Record) error {
	var l diag.List
	for _, r := range records {
		l = append(l, r.Diagnostics(t.several)...)
	}
	if len(l) == 0 {
		return nil
	}
	return diag.Write(t.w, l, diag.Options{})
}

func (t text) Close() error { return nil }

// Diagnostics returns the findings of a record as diagnostics. They name the version of
// Kubernetes if several is set.
func (r Record) Diagnostics(several bool) diag.List {
	l := append(slices.Clip(r.Unread), r.Result.Diagnostics()...)
	if several && r.Minor != 0 {
		for i := range l {
			l[i].Subject = "kubernetes " + r.Minor.String() + ": " + l[i].Subject
		}
	}
	return l
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

// Counts counts records. The zero value has none.
type Counts struct {
	of map[schema.Minor]*Summary
	// Unread is the number of inputs that could not be read.
	Unread int
}

// Add counts a record.
func (c *Counts) Add(r Record) {
	warnings := 0
	for _, f := range r.Findings {
		if f.Severity == diag.Warning {
			warnings++
		}
	}
	c.Count(r.Minor, r.Status, warnings)
}

// Count counts a record by its version of Kubernetes, its status and its warnings. A record
// without a version, 0, is unread.
func (c *Counts) Count(minor schema.Minor, status validate.Status, warnings int) {
	if minor == 0 {
		c.Unread++
		return
	}
	if c.of == nil {
		c.of = map[schema.Minor]*Summary{}
	}
	s := c.of[minor]
	if s == nil {
		s = &Summary{Minor: minor}
		c.of[minor] = s
	}
	switch status {
	case validate.Valid:
		s.Valid++
	case validate.Invalid:
		s.Invalid++
	case validate.UnknownKind:
		s.UnknownKind++
	case validate.Broken:
		s.Broken++
	}
	s.Warnings += warnings
}

// Summaries returns a summary for each version of Kubernetes that records are
// about, ascending.
func (c *Counts) Summaries() []Summary {
	var all []Summary
	for _, minor := range slices.Sorted(maps.Keys(c.of)) {
		all = append(all, *c.of[minor])
	}
	return all
}

// issue is a finding of a record, or a reason why there is nothing to check.
type issue struct {
	severity diag.Severity
	rule     validate.Rule
	at       diag.Position
	path     manifest.Path
	problem  string
	hints    []string
	// origins are the places that led here, nearest first. related are those of them that a
	// finding has besides at.
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
		all = append(all, issue{d.Severity, RuleInput, at, nil, message.Cut(problem, message.Long), d.Advice(nil), d.Origins, nil})
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

// messageAndRelated returns the message with the related places after it, each on its own
// line.
func (i issue) messageAndRelated() string {
	text := i.message()
	for _, p := range i.related {
		text += "\nrelated: " + p.String()
	}
	return text
}

// message returns the problem with the path before it and the hints after it, each on its
// own line.
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

// source returns the name of the record's source: the environment, else the file.
func (r Record) source() string { return cmp.Or(r.Environment, r.Object.Source.File) }

// object returns the name of the object: its identity as far as it has one, and its path if
// that is not the whole source; "" for an input that cannot be read.
func (r Record) object() string {
	name := r.ID.Kind
	if r.ID.Name != "" {
		name = strings.TrimSpace(r.ID.String())
	}
	if path := r.Object.Path; len(path) > 0 {
		name = strings.TrimSpace(name + " (" + path.String() + ")")
	}
	return message.Cut(name, message.Screen)
}

// title returns the name of a record: its environment and object, and the version of
// Kubernetes if there are several.
func (r Record) title(several bool) string {
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
