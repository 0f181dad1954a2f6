package diff

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/pkg/manifest"
)

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
		lines, err := c.lines(ctx, &meter, o)
		if err != nil {
			return err
		}
		writeUnified(&b, c, lines, o)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func writeUnified(b *bytes.Buffer, c Change, lines []line, o Options) {
	from, to := "a/"+c.title(), "b/"+c.title()
	switch c.Status() {
	case Added:
		from = "/dev/null"
	case Removed:
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
		case Added:
			fmt.Fprintln(&b, o.paint(green, "+ "+c.title()))
		case Removed:
			fmt.Fprintln(&b, o.paint(red, "- "+c.title()))
		case Changed:
			lines, err := c.lines(ctx, &meter, o)
			if err != nil {
				return err
			}
			text := fmt.Sprintf("~ %s (+%d -%d)", c.title(), count(lines, '+'), count(lines, '-'))
			fmt.Fprintln(&b, o.paint(cyan, text))
		}
	}
	fmt.Fprintf(&b, "%d added, %d changed, %d removed, %d equal\n", r.count(Added), r.count(Changed), r.count(Removed), r.Equal)
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
		lines, err := c.lines(ctx, &meter, o)
		if err != nil {
			return err
		}
		var unified bytes.Buffer
		writeUnified(&unified, c, lines, o)
		object := c.object()
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
	}{r.count(Added), r.count(Changed), r.count(Removed), r.Equal, changes})
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// count returns the number of objects with the given status.
func (r Report) count(s Status) int {
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

// lines compares the YAML of the object. The error is an [*Interrupted].
func (c Change) lines(ctx context.Context, m *budget.Meter, o Options) ([]line, error) {
	if !o.ShowSecrets {
		c = mask(c)
	}
	interrupted := func(err error) error { return &Interrupted{c.object().ID(), err} }
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
		return nil, interrupted(fmt.Errorf("%s: %w", c.title(), err))
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
