package compare

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/patch"
)

// Format is a form of a Result.
type Format int

const (
	Unified Format = iota // a diff of each object
	Summary               // a line for each object
	Names                 // the names of the objects that differ
	JSON                  // one JSON object
)

// WriteOptions say how a Result is written.
type WriteOptions struct {
	patch.Options
	Format Format
	// Several says that there may be more than one environment, so that Write names each.
	Several bool
}

// Write writes the whole result or, with an error, nothing.
func (r Result) Write(ctx context.Context, w io.Writer, o WriteOptions) error {
	if begin := r.begin(); begin.File != "" {
		defer budget.Of(ctx).During(begin.String())()
	}
	var b bytes.Buffer
	var err error
	switch o.Format {
	case Names:
		for _, c := range r.Differing {
			fmt.Fprintln(&b, message.Line(cmp.Or(c.To, c.From), message.Screen))
		}
	case JSON:
		err = r.writeJSON(ctx, &b, o)
	default:
		err = r.writeText(ctx, &b, o)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// writeText writes unified diffs or summaries, under headings if there may be more than one
// environment.
func (r Result) writeText(ctx context.Context, b *bytes.Buffer, o WriteOptions) error {
	several := o.Several || r.Rendered > 1
	for _, c := range r.Differing {
		if several {
			heading := "# " + message.Line(c.title(), message.Screen)
			if o.Colour {
				heading = "\x1b[1m" + heading + "\x1b[0m"
			}
			fmt.Fprintln(b, heading)
		}
		write := c.Report.WriteUnified
		if o.Format == Summary {
			write = c.Report.WriteSummary
		}
		if err := write(ctx, b, o.Options); err != nil {
			return c.placed(err)
		}
	}
	if several && o.Format == Summary {
		fmt.Fprintf(b, "environments that differ: %d\n", len(r.Differing))
	}
	return nil
}

// writeJSON writes one JSON object with the environments that differ.
func (r Result) writeJSON(ctx context.Context, b *bytes.Buffer, o WriteOptions) error {
	type environment struct {
		From    *string         `json:"from"`
		To      *string         `json:"to"`
		Objects json.RawMessage `json:"objects"`
	}
	orNull := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	environments := make([]environment, len(r.Differing))
	for i, c := range r.Differing {
		var objects bytes.Buffer
		if err := c.Report.WriteJSON(ctx, &objects, o.Options); err != nil {
			return c.placed(err)
		}
		environments[i] = environment{orNull(c.From), orNull(c.To), objects.Bytes()}
	}
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Environments []environment `json:"environments"`
	}{environments})
}
