package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/swap"
)

// profileFlag is the name of the file for a profile, "" for none.
type profileFlag string

func (f *profileFlag) String() string { return string(*f) }
func (f *profileFlag) Type() string   { return "FILE" }

func (f *profileFlag) Set(s string) error {
	if s == "" {
		return errors.New("want the name of a file")
	}
	*f = profileFlag(s)
	return nil
}

// recording is a profile of what a command evaluates.
type recording struct {
	profile *jsonnet.Profile
	name    string
	// special is the open file where that is none that could be replaced, such as a
	// pipe; else nil.
	special *os.File
	start   time.Time
}

// record returns the profile of the command. That its file cannot be written should
// show before the work is done.
func (a *app) record(name string) (*jsonnet.Profile, error) {
	if a.recording == nil {
		r := &recording{profile: jsonnet.NewProfile(), name: name, start: time.Now()}
		var err error
		if info, statErr := os.Stat(a.abs(name)); statErr == nil && !info.Mode().IsRegular() {
			r.special, err = os.OpenFile(a.abs(name), os.O_WRONLY, 0)
		} else {
			err = swap.Check(a.abs(name))
		}
		if err != nil {
			return nil, unwritable(name, err)
		}
		a.recording = r
	}
	return a.recording.profile, nil
}

// write writes the profile, if there is one, and the table of it. The file has the
// old or the new one, also where the process is killed.
func (r *recording) write(ctx context.Context, a *app) error {
	if r == nil {
		return nil
	}
	report := r.profile.Report(a.displayPath)
	var b bytes.Buffer
	err := report.Write(&b)
	switch {
	case err != nil:
	case r.special != nil:
		_, err = r.special.Write(b.Bytes())
		err = errors.Join(err, r.special.Close())
	default:
		err = swap.Write(ctx, a.abs(r.name), b.Bytes())
	}
	if err != nil {
		return unwritable(r.name, err)
	}
	if report.Evaluations == 0 {
		a.note("--profile: nothing was evaluated")
		return nil
	}
	return writeTimes(a.stderr, report, time.Since(r.start))
}

// unwritable returns the error of a profile's file.
func unwritable(name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("--profile %s: %w", name, err)
}

// mostFiles and mostFunctions are how many the table names.
const (
	mostFiles     = 10
	mostFunctions = 20
)

// timesRow is a row of a table of times.
type timesRow struct {
	self, total time.Duration
	// detail is what stands before the name.
	detail, name string
}

// writeTimes writes where the time of a report goes. took is the time of all
// that the command has done.
func writeTimes(w io.Writer, r *jsonnet.Report, took time.Duration) error {
	var files []timesRow
	for _, f := range r.Files {
		files = append(files, timesRow{f.Self, f.Total, milliseconds(f.Loading), fileText(f.File)})
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s for %s; the command took %s\n\n", milliseconds(r.Time), count(r.Evaluations, "evaluation"), milliseconds(took))
	writeTimesTable(&b, "loading", "file", files, r.Time, mostFiles)
	fmt.Fprintln(&b)
	writeTimesTable(&b, "calls", "function", functionRows(r), r.Time, mostFunctions)
	_, err := w.Write(b.Bytes())
	return err
}

// functionRows returns a row for each function, and one for each phase of
// loading: how long it takes with a file stands with the files.
func functionRows(r *jsonnet.Report) []timesRow {
	var rows []timesRow
	loading := map[string]int{}
	for _, f := range r.Functions {
		row := timesRow{self: f.Self, total: f.Total, name: f.String()}
		if f.Calls > 0 {
			row.detail = strconv.FormatInt(f.Calls, 10)
		}
		if !f.Loading() {
			rows = append(rows, row)
			continue
		}
		i, ok := loading[f.Name]
		if !ok {
			i = len(rows)
			loading[f.Name] = i
			rows = append(rows, timesRow{name: f.Name})
		}
		rows[i].self += f.Self
		rows[i].total += f.Total
	}
	slices.SortStableFunc(rows, func(a, b timesRow) int { return cmp.Compare(b.self, a.self) })
	return rows
}

// writeTimesTable writes the first rows of a table, and one for the others. Its
// columns are those of every table.
func writeTimesTable(b *bytes.Buffer, detail, name string, rows []timesRow, all time.Duration, most int) {
	line := func(self, selfShare, total, totalShare, detail, name string) {
		fmt.Fprintf(b, "%10s %6s %10s %6s %9s  %s\n", self, selfShare, total, totalShare, detail, name)
	}
	share := func(d time.Duration) string { return fmt.Sprintf("%.1f%%", 100*d.Seconds()/all.Seconds()) }
	line("self", "", "total", "", detail, name)
	for _, r := range rows[:min(most, len(rows))] {
		line(milliseconds(r.self), share(r.self), milliseconds(r.total), share(r.total), r.detail, r.name)
	}
	if n := len(rows) - most; n > 0 {
		var others time.Duration
		for _, r := range rows[most:] {
			others += r.self
		}
		line(milliseconds(others), share(others), "", "", "", count(n, "other "+name))
	}
}

// fileText returns what the table calls a file of a profile.
func fileText(name string) string {
	switch name {
	case "":
		return "(evaluator)"
	case "<std>":
		return "std"
	}
	return name
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1fms", float64(d)/float64(time.Millisecond))
}
