// Package patch writes the changes between two renderings of Kubernetes objects: as unified
// diffs of the objects' YAML, as one line per object, and as JSON for programs.
//
// The values of Secrets do not get into the output unless [Options] allows it. The output
// depends only on whether they are equal: it has no lengths, hashes or counts of lines of
// them.
package patch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/diff"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Report is the difference between two renderings. It is immutable and safe for concurrent
// use.
type Report struct {
	// Changes are the objects that differ, in the order of [manifest.Sort].
	Changes []diff.Change
	// Equal is the number of objects that do not differ.
	Equal int
}

// Compare returns the changes from from to to, as [diff.Compare] does.
func Compare(from, to []manifest.Object) Report {
	r := Report{Changes: diff.Compare(from, to)}
	r.Equal = len(to) - r.count(diff.Added) - r.count(diff.Changed)
	return r
}

// Options says how a [Report] is written. The zero value is plain text without the values
// of Secrets.
type Options struct {
	// Colour marks lines by ANSI escape sequences, and escapes control characters of the
	// objects. JSON has none.
	Colour bool
	// ShowSecrets shows the values of Secrets.
	ShowSecrets bool
}

// The "select graphic rendition" sequences of ECMA-48.
const (
	reset = "\x1b[0m"
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	green = "\x1b[32m"
	cyan  = "\x1b[36m"
)

// paint returns a line of text in a colour if colours are wanted. The colour "" is that of
// the terminal.
func (o Options) paint(colour, text string) string {
	if !o.Colour {
		return text
	}
	text = message.Escape(text)
	if colour == "" {
		return text
	}
	return colour + text + reset
}

// WriteUnified writes each change as a unified diff of the object's YAML with three lines
// of context. A diff is the shortest one, unless the texts have many thousand lines. The
// file names are a/ and b/ with the object's identity as [manifest.ID.String] gives it, or
// /dev/null if there is no object. A generated name is the generateName with a star.
// Without changes it writes nothing. The error is an [*Interrupted] or one of w.
func (r Report) WriteUnified(ctx context.Context, w io.Writer, o Options) error {
	var b bytes.Buffer
	meter := budget.Of(ctx).Meter()
	for _, c := range r.Changes {
		lines, err := compared(ctx, &meter, c, o)
		if err != nil {
			return err
		}
		writeUnified(&b, c, lines, o)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func writeUnified(b *bytes.Buffer, c diff.Change, lines []line, o Options) {
	from, to := "a/"+title(c), "b/"+title(c)
	switch c.Status() {
	case diff.Added:
		from = "/dev/null"
	case diff.Removed:
		to = "/dev/null"
	}
	fmt.Fprintln(b, o.paint(bold, "--- "+from))
	fmt.Fprintln(b, o.paint(bold, "+++ "+to))
	for _, h := range hunks(lines) {
		fmt.Fprintln(b, o.paint(cyan, h.header()))
		for _, l := range h.lines {
			colour := map[byte]string{'-': red, '+': green}[l.op]
			fmt.Fprintln(b, o.paint(colour, string(l.op)+l.text))
		}
	}
}

// WriteSummary writes a line for each change: + for an added object, - for a removed one,
// and ~ for a changed one. A changed object has the numbers of its added and removed lines
// of YAML. Then it writes a line with the numbers of objects. The error is an
// [*Interrupted] or one of w.
func (r Report) WriteSummary(ctx context.Context, w io.Writer, o Options) error {
	var b bytes.Buffer
	meter := budget.Of(ctx).Meter()
	for _, c := range r.Changes {
		switch c.Status() {
		case diff.Added:
			fmt.Fprintln(&b, o.paint(green, "+ "+title(c)))
		case diff.Removed:
			fmt.Fprintln(&b, o.paint(red, "- "+title(c)))
		case diff.Changed:
			lines, err := compared(ctx, &meter, c, o)
			if err != nil {
				return err
			}
			text := fmt.Sprintf("~ %s (+%d -%d)", title(c), count(lines, '+'), count(lines, '-'))
			fmt.Fprintln(&b, o.paint(cyan, text))
		}
	}
	fmt.Fprintf(&b, "%d added, %d changed, %d removed, %d equal\n", r.count(diff.Added), r.count(diff.Changed), r.count(diff.Removed), r.Equal)
	_, err := w.Write(b.Bytes())
	return err
}

// WriteJSON writes one indented JSON object. It has the numbers of objects, and under
// changes for each object the parts of its identity, the numbers of lines of YAML and the
// unified diff. All fields are always there. The error is an [*Interrupted] or one of w.
func (r Report) WriteJSON(ctx context.Context, w io.Writer, o Options) error {
	o.Colour = false
	type change struct {
		Status       string `json:"status"`
		Group        string `json:"group"`
		Kind         string `json:"kind"`
		Namespace    string `json:"namespace"`
		Name         string `json:"name"`
		GenerateName string `json:"generateName"`
		LinesAdded   int    `json:"linesAdded"`
		LinesRemoved int    `json:"linesRemoved"`
		Diff         string `json:"diff"`
	}
	changes := make([]change, len(r.Changes))
	meter := budget.Of(ctx).Meter()
	for i, c := range r.Changes {
		lines, err := compared(ctx, &meter, c, o)
		if err != nil {
			return err
		}
		var unified bytes.Buffer
		writeUnified(&unified, c, lines, o)
		object := latest(c)
		id := object.ID()
		changes[i] = change{
			c.Status().String(), id.Group, id.Kind, id.Namespace, id.Name, object.GenerateName(),
			count(lines, '+'), count(lines, '-'), unified.String(),
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(struct {
		Added   int      `json:"added"`
		Changed int      `json:"changed"`
		Removed int      `json:"removed"`
		Equal   int      `json:"equal"`
		Changes []change `json:"changes"`
	}{r.count(diff.Added), r.count(diff.Changed), r.count(diff.Removed), r.Equal, changes})
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// count returns the number of objects with the given status.
func (r Report) count(s diff.Status) int {
	n := 0
	for _, c := range r.Changes {
		if c.Status() == s {
			n++
		}
	}
	return n
}

// Interrupted is the error if the budget ended before a change was written.
type Interrupted struct {
	// Object is the object that has changed.
	Object manifest.ID
	// Err is the reason. Its text names the object.
	Err error
}

func (i *Interrupted) Error() string { return i.Err.Error() }

// Unwrap returns the reason.
func (i *Interrupted) Unwrap() error { return i.Err }

// latest returns the object as it is now, or as it was if it is gone.
func latest(c diff.Change) manifest.Object {
	if c.To == nil {
		return *c.From
	}
	return *c.To
}

// title names the object of a change on one line as its [manifest.ID] does, with the
// generateName and a star for a name that the API server generates.
func title(c diff.Change) string {
	o := latest(c)
	id := o.ID()
	if id.Name == "" {
		id.Name = o.GenerateName() + "*"
	}
	title := id.String()
	if strings.ContainsFunc(title, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(title)
	}
	return title
}

// compared compares the YAML of the object of a change. The error is an [*Interrupted].
func compared(ctx context.Context, m *budget.Meter, c diff.Change, o Options) ([]line, error) {
	if !o.ShowSecrets {
		c = c.Masked()
	}
	interrupted := func(err error) error { return &Interrupted{latest(c).ID(), err} }
	from, err := yaml(ctx, c.From)
	if err != nil {
		return nil, interrupted(err)
	}
	to, err := yaml(ctx, c.To)
	if err != nil {
		return nil, interrupted(err)
	}
	lines, err := compareLines(m, from, to)
	if err != nil {
		return nil, interrupted(fmt.Errorf("%s: %w", title(c), err))
	}
	return lines, nil
}

// yaml returns the object's YAML, "" for no object.
func yaml(ctx context.Context, o *manifest.Object) (string, error) {
	if o == nil {
		return "", nil
	}
	b, err := o.YAML(ctx)
	return string(b), err
}
