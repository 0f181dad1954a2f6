package report

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

// format is a format of an [Output].
type format struct {
	name string
	// whole says that everything about an object is in one place.
	whole bool
	new   func(w io.Writer, o Options) Writer
}

// formats returns all formats, the one for people first.
func formats() []format {
	return []format{
		{"text", false, Text},
		{"json", true, func(w io.Writer, _ Options) Writer { return JSON(w) }},
		{"junit", true, func(w io.Writer, _ Options) Writer { return JUnit(w) }},
		{"sarif", true, SARIF},
		{"github", false, GitHub},
	}
}

// Formats returns the names of the formats, the one for people first.
func Formats() []string {
	var names []string
	for _, f := range formats() {
		names = append(names, f.name)
	}
	return names
}

// OutputOptions say how an [Output] writes.
type OutputOptions struct {
	Options
	// Format is one of [Formats].
	Format string
	// Strict makes warnings errors, and IgnoreUnknown passes over objects of unknown kinds.
	Strict, IgnoreUnknown bool
	// Flush, if not nil, is called when people should see what was written.
	Flush func()
}

// Output writes the records of a run. The findings about an object of a file come in two
// parts: those about the object alone, and those that need all other objects. A format that
// needs both in one place keeps the first part until the second one comes. An Output is for
// one goroutine.
type Output struct {
	o  OutputOptions
	to *bufio.Writer
	w  Writer
	// kept are the records that wait for their second part, nil if the format takes parts.
	// first are the records of environments, which come before them. later are the second
	// parts by the numbers of their objects.
	kept  *spool
	first []Record
	later map[int]Rest
	// objects are the tallies of the written first parts, by the numbers of their objects.
	objects []tally
	counts  Counts
	failed  bool
	// records is the memory for the records of one object.
	records []Record
}

// Rest is the second part of the findings about an object.
type Rest struct {
	// Late is the result of the object alone, if the first part did not have it.
	Late *validate.Result
	// More are findings that other objects cause.
	More []validate.Finding
}

// tally is the kept part of a record that was written.
type tally struct {
	status   validate.Status
	warnings int
}

// NewOutput returns an Output to w. The format must be one of [Formats].
func NewOutput(w io.Writer, o OutputOptions) *Output {
	out := &Output{o: o, to: bufio.NewWriter(w), later: map[int]Rest{}}
	for _, f := range formats() {
		if f.name != o.Format {
			continue
		}
		out.w = f.new(out.to, o.Options)
		if f.whole {
			out.kept = &spool{}
		}
	}
	return out
}

// Environments writes the records of environments, before those of files. In text, it
// writes equal diagnostics once, because inline environments have much in common.
func (out *Output) Environments(records []Record) error {
	if out.kept != nil {
		out.first = records
		return nil
	}
	var all diag.List
	for _, r := range records {
		out.o.adjust(&r)
		out.count(r)
		if out.o.Format == "text" {
			all = append(all, r.Diagnostics(out.o.Several)...)
		} else if err := out.w.Write(r); err != nil {
			return err
		}
	}
	return diag.Write(out.to, all, diag.Options{})
}

func (out *Output) count(r Record) {
	out.counts.Add(r)
	out.failed = out.failed || out.o.fails(r)
}

// whole writes a complete record.
func (out *Output) whole(r Record) error {
	out.o.adjust(&r)
	out.count(r)
	return out.w.Write(r)
}

// Unread writes the record of a part of a file that cannot be read.
func (out *Output) Unread(r Record) error {
	if out.kept != nil {
		out.kept.add(r)
		return nil
	}
	return out.whole(r)
}

// Alone writes the first part of the findings about an object, by the versions of
// Kubernetes. known says which records are complete; the others come with [Output.Rest].
func (out *Output) Alone(records []Record, known []bool) error {
	if out.kept != nil {
		out.kept.add(records...)
		return nil
	}
	var now []Record
	for i, r := range records {
		if !known[i] {
			out.objects = append(out.objects, tally{})
			continue
		}
		out.o.adjust(&r)
		out.objects = append(out.objects, tallyOf(r))
		now = append(now, r)
	}
	return out.w.Write(now...)
}

func tallyOf(r Record) tally {
	o := tally{status: r.Status}
	for _, f := range r.Findings {
		if f.Severity == diag.Warning {
			o.warnings++
		}
	}
	return o
}

// Rest writes the second part of the findings about an object, by the versions of
// Kubernetes, after [Output.Alone] has written the first. The records have numbers from
// first on, and named returns a record that says only which object has a number.
func (out *Output) Rest(first int, rests []Rest, named func(number int) Record) error {
	out.records = out.records[:0]
	for i, rest := range rests {
		if out.kept != nil {
			if rest.Late != nil || len(rest.More) > 0 {
				out.later[first+i] = rest
			}
			continue
		}
		r := rest.record(named(first + i))
		out.o.adjust(&r)
		t := tallyOf(r)
		// A late record has the findings about the object alone, too.
		if before := out.objects[first+i]; rest.Late == nil {
			t.warnings += before.warnings
			if before.status != validate.Valid {
				t.status = before.status
			}
		}
		r.Status = t.status
		out.counts.Count(r.Minor, t.status, t.warnings)
		out.failed = out.failed || out.o.fails(r)
		out.records = append(out.records, r)
	}
	if len(out.records) == 0 {
		return nil
	}
	return out.w.Write(out.records...)
}

// Flush writes everything so far, in a format that takes parts.
func (out *Output) Flush() error {
	if out.kept != nil {
		return nil
	}
	return out.flush()
}

// flush writes the buffer.
func (out *Output) flush() error {
	if err := out.to.Flush(); err != nil {
		return err
	}
	if out.o.Flush != nil {
		out.o.Flush()
	}
	return nil
}

// Close writes the end of the output. It reports whether a record failed: with an error, or
// with an unknown kind if that is not ignored.
func (out *Output) Close() (failed bool, err error) {
	if out.kept != nil {
		if err := out.writeKept(); err != nil {
			return false, err
		}
	}
	if err := out.w.Close(); err != nil {
		return false, err
	}
	return out.failed, out.flush()
}

// Summary returns the counts of the records, in words.
func (out *Output) Summary() string {
	var b strings.Builder
	summaries := out.counts.Summaries()
	if len(summaries) == 0 && out.counts.Unread == 0 {
		fmt.Fprintln(&b, "0 objects")
	}
	for _, s := range summaries {
		fmt.Fprintf(&b, "kubernetes %s: %s: %d valid, %d invalid, %d of unknown kind, %s; %s\n", s.Minor,
			message.Counted(s.Objects(), "object"), s.Valid, s.Invalid, s.UnknownKind, message.Counted(s.Broken, "error"), message.Counted(s.Warnings, "warning"))
	}
	if out.counts.Unread > 0 {
		fmt.Fprintf(&b, "not checked, because they cannot be read: %d\n", out.counts.Unread)
	}
	return b.String()
}

// adjust changes a record's findings as the options want.
func (o OutputOptions) adjust(r *Record) {
	if o.IgnoreUnknown && r.Status == validate.UnknownKind {
		r.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f validate.Finding) bool { return f.Rule == validate.RuleUnknownKind })
	}
	if !o.Strict {
		return
	}
	r.Findings = slices.Clone(r.Findings)
	for i := range r.Findings {
		r.Findings[i].Severity = diag.Error
		if r.Status == validate.Valid {
			r.Status = validate.Invalid
		}
	}
}

// fails reports whether a record, after adjust, makes the command fail.
func (o OutputOptions) fails(r Record) bool {
	switch r.Status {
	case validate.Valid:
		return false
	case validate.UnknownKind:
		return !o.IgnoreUnknown
	}
	return true
}

// record adds the second part of the findings to the record of an object.
func (rest Rest) record(r Record) Record {
	if rest.Late != nil {
		r.Result = *rest.Late
	}
	if len(rest.More) > 0 {
		r.Result = r.With(rest.More)
	}
	return r
}

// writeKept writes the records that were kept, with the second parts for their objects.
func (out *Output) writeKept() error {
	for _, r := range out.first {
		if err := out.whole(r); err != nil {
			return err
		}
	}
	for number := 0; ; {
		r, err := out.kept.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if r.Unread == nil {
			r = out.later[number].record(r)
			number++
		}
		if err := out.whole(r); err != nil {
			return err
		}
	}
}
