package suite

import (
	"fmt"
	"strings"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/diag"
)

// Report is a text about results.
type Report struct {
	// Text is about the cases that failed and, on request, those that passed.
	Text           string
	Passed, Failed int
	// Broken are the files that could not be evaluated.
	Broken diag.List
}

// Report reports cases in their order. If several cases have the same message, as when a
// library cannot be parsed, it reports the message once. The error says why a case could
// not be run.
func (r Results) Report(verbose bool) (Report, error) {
	var report Report
	alike := map[string]int{}
	for _, f := range r.files {
		for _, c := range f.cases {
			alike[c.failure]++
		}
	}
	var out strings.Builder
	for _, f := range r.files {
		if l, ok := diag.From(f.state.LocatedErr(f.err)); ok {
			report.Broken = append(report.Broken, l...)
			continue
		}
		if f.err != nil {
			return Report{}, f.err
		}
		for _, c := range f.cases {
			switch {
			case c.err != nil:
				return Report{}, c.err
			case c.failure != "":
				report.Failed++
				if err := f.fails(&out, c, alike[c.failure]); err != nil {
					return Report{}, err
				}
				alike[c.failure] = 0
			default:
				report.Passed++
				if verbose {
					fmt.Fprintf(&out, "%s: %s: passed\n", line(f.state.Shown(c.File)), line(strings.Join(c.Path, "/")))
				}
			}
		}
	}
	report.Text = out.String()
	return report, nil
}

// fails reports a case of f that fails. times is the number of cases with its message, 0 if
// the message was reported before.
func (f file) fails(out *strings.Builder, c result, times int) error {
	if times == 0 {
		return nil
	}
	problem := c.failure
	if times > 1 {
		problem += fmt.Sprintf("\nand so for %d more", times-1)
	}
	d := diag.Diagnostic{At: diag.Position{File: c.File}, Subject: strings.Join(c.Path, "/"), Problem: problem}
	return diag.Write(out, diag.List{d}, diag.Options{
		Path:  f.state.Shown,
		Limit: message.Long, // a comparison may have many lines
	})
}

func line(s string) string { return message.Line(s, message.Screen) }
