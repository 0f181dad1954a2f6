package diag

import (
	"bufio"
	"io"
	"strings"
)

// Options changes how [Write] renders. The zero value is plain text with
// paths as they are stored.
type Options struct {
	// Path translates file names for display, for example to be relative to
	// the working directory. nil leaves them alone.
	Path func(string) string
}

// Write renders l in sorted order: the summary, then each origin and each hint
// on a line of its own, indented by four spaces, as are the further lines of a
// summary that has several. Diagnostics that render alike are written once.
func Write(w io.Writer, l List, o Options) error {
	path := o.Path
	if path == nil {
		path = func(name string) string { return name }
	}
	b := bufio.NewWriter(w)
	var last string
	for _, d := range l.Sorted() {
		text := indentRest(d.summary(path)) + "\n"
		for _, p := range d.Origins {
			p.File = path(p.File)
			text += "    " + p.String() + "\n"
		}
		for _, h := range d.Hints {
			text += "    hint: " + indentRest(h) + "\n"
		}
		if text == last {
			continue
		}
		last = text
		if _, err := b.WriteString(text); err != nil {
			return err
		}
	}
	return b.Flush()
}

// indentRest indents all lines of s but the first. Messages of the user's own
// code can have several.
func indentRest(s string) string {
	return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ")
}
