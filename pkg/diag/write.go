package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mop-platform/mop/internal/message"
)

// Options says how [Write] renders. The zero value is plain text with paths as they are
// stored.
type Options struct {
	// Path translates file names for display, for example to be relative to
	// the working directory. nil leaves them alone.
	Path func(string) string
	// Limit is the limit of a problem or a hint in bytes, 0 for 4096.
	Limit int
	// Most is how many diagnostics are written, and MostBytes how many bytes, unless a
	// single diagnostic has more. The others are only counted. 0 is no limit.
	Most, MostBytes int
}

// The limits of one diagnostic.
const (
	mostOrigins = 20
	mostHints   = 10
	// nameLimit is the limit of subjects and files, in bytes.
	nameLimit = 1024
)

// Write renders l in sorted order: the summary, then each origin and each hint on a line of
// its own, indented by four spaces. Further lines of a summary have the same indent.
// Diagnostics that render alike are written once. The error is that of w.
//
// Write cuts long texts and says how much is left out. It shows subjects and files on one
// line, and leaves other control characters as they are.
func Write(w io.Writer, l List, o Options) error {
	path := func(name string) string {
		if o.Path != nil {
			name = o.Path(name)
		}
		return message.Line(name, nameLimit)
	}
	limit := message.Screen
	if o.Limit > 0 {
		limit = o.Limit
	}
	b := bufio.NewWriter(w)
	var last string
	written, bytes, left := 0, 0, 0
	for _, d := range l.Sorted() {
		if o.Most > 0 && written == o.Most || left > 0 {
			left++
			continue
		}
		text := d.text(path, limit)
		if text == last {
			continue
		}
		if o.MostBytes > 0 && written > 0 && bytes+len(text) > o.MostBytes {
			left++
			continue
		}
		last = text
		written++
		bytes += len(text)
		if _, err := b.WriteString(text); err != nil {
			return err
		}
	}
	if left > 0 {
		fmt.Fprintf(b, "… and %s more\n", message.Count(left))
	}
	return b.Flush()
}

// text returns the lines of d.
func (d Diagnostic) text(path func(string) string, limit int) string {
	var b strings.Builder
	d.Subject = message.Line(d.Subject, nameLimit)
	d.Problem = indentRest(message.CutLines(d.Problem, limit))
	b.WriteString(d.summary(path) + "\n")
	for _, p := range d.Origins[:min(len(d.Origins), mostOrigins)] {
		b.WriteString("    " + p.shown(path) + "\n")
	}
	if n := len(d.Origins) - mostOrigins; n > 0 {
		fmt.Fprintf(&b, "    … and %s more places\n", message.Count(n))
	}
	hints := d.Advice(path)
	for _, h := range hints[:min(len(hints), mostHints)] {
		b.WriteString("    hint: " + indentRest(message.CutLines(h, limit)) + "\n")
	}
	if n := len(hints) - mostHints; n > 0 {
		fmt.Fprintf(&b, "    … and %s more hints\n", message.Count(n))
	}
	return b.String()
}

// indentRest indents all lines of s except the first. Messages of the user's own code can
// have several lines.
func indentRest(s string) string {
	return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ")
}
