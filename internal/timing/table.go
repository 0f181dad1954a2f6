package timing

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/message"
)

// mostFiles and mostFunctions are the numbers of rows in the table.
const (
	mostFiles     = 10
	mostFunctions = 20
)

// row is a row of a table of times.
type row struct {
	self, total time.Duration
	// detail comes before the name.
	detail, name string
}

// writeTable writes tables of the times in a report. took is the time of the whole command.
func writeTable(w io.Writer, r *jsonnet.Report, took time.Duration) error {
	var files []row
	for _, f := range r.Files {
		files = append(files, row{f.Self, f.Total, milliseconds(f.Loading), fileText(f.File)})
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s for %s; the command took %s\n\n", milliseconds(r.Time), message.Counted(r.Evaluations, "evaluation"), milliseconds(took))
	writeRows(&b, "loading", "file", files, r.Time, mostFiles)
	fmt.Fprintln(&b)
	writeRows(&b, "calls", "function", functionRows(r), r.Time, mostFunctions)
	_, err := w.Write(b.Bytes())
	return err
}

// functionRows returns a row for each function, and one for each phase of loading. The rows
// of files have the times of loading each file.
func functionRows(report *jsonnet.Report) []row {
	var rows []row
	loading := map[string]int{}
	for _, f := range report.Functions {
		r := row{self: f.Self, total: f.Total, name: f.String()}
		if f.Calls > 0 {
			r.detail = strconv.FormatInt(f.Calls, 10)
		}
		if !f.Loading() {
			rows = append(rows, r)
			continue
		}
		i, ok := loading[f.Name]
		if !ok {
			i = len(rows)
			loading[f.Name] = i
			rows = append(rows, row{name: f.Name})
		}
		rows[i].self += f.Self
		rows[i].total += f.Total
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.self, a.self) })
	return rows
}

// writeRows writes the first rows of a table, and one row for the others. All tables have
// the same columns.
func writeRows(b *bytes.Buffer, detail, name string, rows []row, all time.Duration, most int) {
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
		line(milliseconds(others), share(others), "", "", "", message.Counted(n, "other "+name))
	}
}

// fileText returns the name of a file of a profile in the table.
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
