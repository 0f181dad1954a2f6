package main

import (
	"bufio"
	"context"
	"fmt"
	"slices"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/message"
	"github.com/mop-platform/mop/pkg/report"
	"github.com/mop-platform/mop/pkg/schema"
	"github.com/mop-platform/mop/pkg/validate"
)

var validateFormats = []string{"text", "json", "junit", "sarif", "github"}

// validateOutput writes what a run finds. An object of a stream is told of in two
// parts: what it says by itself, and what there is to say when all are known.
// Formats for which both are one keep the first until then.
type validateOutput struct {
	*app
	o       validateOptions
	to      *bufio.Writer
	w       report.Writer
	several bool
	// kept are records that wait for the second part, nil in formats that take parts.
	// first are those that stand before them, later what there is to say of their
	// objects since, by their numbers.
	kept  *spool
	first []report.Record
	later map[int]remainder
	// objects are those of objects whose first part is written, by their numbers.
	objects []tally
	counts  report.Counts
	failed  bool
}

// tally is what is kept of a record that has been written.
type tally struct {
	status   validate.Status
	warnings int
}

// newValidateOutput returns what writes records about versions of Kubernetes.
func (a *app) newValidateOutput(ctx context.Context, o validateOptions, minors []schema.Minor) *validateOutput {
	v := &validateOutput{app: a, o: o, several: len(minors) > 1, later: map[int]remainder{}}
	w := a.product
	if o.output == "text" {
		w = a.stdout
	}
	v.to = bufio.NewWriter(w)
	options := report.Options{Several: v.several}
	switch o.output {
	case "json":
		v.w, v.kept = report.JSON(v.to), newSpool()
	case "junit":
		v.w, v.kept = report.JUnit(v.to), newSpool()
	case "sarif":
		options.Version = readVersions().Mop
		v.w, v.kept = report.SARIF(v.to, options), newSpool()
	case "github":
		v.w = report.GitHub(v.to, options)
	default:
		v.w = report.Text(v.to, options)
	}
	return v
}

// environment tells of records of environments. As text what reads alike is told
// once: inline environments have much in common.
func (v *validateOutput) environment(records []report.Record) error {
	if v.kept != nil {
		v.first = records
		return nil
	}
	var all diag.List
	for _, r := range records {
		v.o.adjust(&r)
		v.count(r)
		if v.o.output == "text" {
			all = append(all, r.Diagnostics(v.several)...)
		} else if err := v.w.Write(r); err != nil {
			return err
		}
	}
	return diag.Write(v.to, all, diag.Options{})
}

func (v *validateOutput) count(r report.Record) {
	v.counts.Add(r)
	v.failed = v.failed || v.o.fails(r)
}

// whole writes a record of which everything is known.
func (v *validateOutput) whole(r report.Record) error {
	v.o.adjust(&r)
	v.count(r)
	return v.w.Write(r)
}

// unread tells of a part of a file that cannot be read.
func (v *validateOutput) unread(r report.Record) error {
	if v.kept != nil {
		return v.kept.add(r)
	}
	return v.whole(r)
}

// alone tells what an object says by itself, by the versions of Kubernetes, where
// that is known.
func (v *validateOutput) alone(records []report.Record, known []bool) error {
	if v.kept != nil {
		return v.kept.add(records...)
	}
	var now []report.Record
	for i, r := range records {
		if !known[i] {
			v.objects = append(v.objects, tally{})
			continue
		}
		v.o.adjust(&r)
		v.objects = append(v.objects, tallyOf(r))
		now = append(now, r)
	}
	return v.w.Write(now...)
}

func tallyOf(r report.Record) tally {
	o := tally{status: r.Status}
	for _, f := range r.Findings {
		if f.Severity == diag.Warning {
			o.warnings++
		}
	}
	return o
}

// rest tells what more there is to say of an object of which [validateOutput.alone]
// has told, by the versions of Kubernetes. They have numbers from first on; of late
// ones the record has what the object says by itself, too.
func (v *validateOutput) rest(first int, records []report.Record, late []bool) error {
	for i := range records {
		r := &records[i]
		v.o.adjust(r)
		t := tallyOf(*r)
		if before := v.objects[first+i]; !late[i] {
			t.warnings += before.warnings
			if before.status != validate.Valid {
				t.status = before.status
			}
		}
		r.Status = t.status
		v.counts.Count(r.Minor, t.status, t.warnings)
		v.failed = v.failed || v.o.fails(*r)
	}
	return v.w.Write(records...)
}

// told writes what has been told so far, in a format that takes parts.
func (v *validateOutput) told() error {
	if v.kept != nil {
		return nil
	}
	return v.flush()
}

// flush writes what is buffered.
func (v *validateOutput) flush() error {
	if err := v.to.Flush(); err != nil {
		return err
	}
	if v.o.output == "text" {
		v.app.flush()
	}
	return nil
}

// close writes what stands at the end. The error is errFindings where records make
// the command fail.
func (v *validateOutput) close() error {
	if v.kept != nil {
		if err := v.writeKept(); err != nil {
			return err
		}
	}
	if err := v.w.Close(); err != nil {
		return err
	}
	if err := v.flush(); err != nil {
		return err
	}
	if v.o.output == "text" {
		v.summarize()
	}
	if v.failed {
		return errFindings
	}
	return nil
}

// summarize counts records on standard error.
func (v *validateOutput) summarize() {
	summaries := v.counts.Summaries()
	if len(summaries) == 0 && v.counts.Unread == 0 {
		fmt.Fprintln(v.stderr, "0 objects")
	}
	for _, s := range summaries {
		fmt.Fprintf(v.stderr, "kubernetes %s: %s: %d valid, %d invalid, %d of unknown kind, %s; %s\n", s.Minor,
			message.Counted(s.Objects(), "object"), s.Valid, s.Invalid, s.UnknownKind, message.Counted(s.Broken, "error"), message.Counted(s.Warnings, "warning"))
	}
	if v.counts.Unread > 0 {
		fmt.Fprintf(v.stderr, "not checked, because they cannot be read: %d\n", v.counts.Unread)
	}
}

// adjust makes of a record's findings what the flags want.
func (o validateOptions) adjust(r *report.Record) {
	if o.ignoreUnknown && r.Status == validate.UnknownKind {
		r.Findings = slices.DeleteFunc(slices.Clone(r.Findings), func(f validate.Finding) bool { return f.Rule == validate.RuleUnknownKind })
	}
	if !o.strict {
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
func (o validateOptions) fails(r report.Record) bool {
	switch r.Status {
	case validate.Valid:
		return false
	case validate.UnknownKind:
		return !o.ignoreUnknown
	}
	return true
}
