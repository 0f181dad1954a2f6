package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/mop-platform/mop/internal/stream"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diff"
	"github.com/mop-platform/mop/pkg/message"
)

// writeDiff writes what was found to standard output in the way that o asks
// for.
func (a *app) writeDiff(ctx context.Context, found comparisons, o diffOptions) error {
	options := diff.Options{Colour: a.colour(o.colour), ShowSecrets: o.showSecrets}
	if begin := found.begin(); begin.File != "" {
		defer budget.Of(ctx).During(begin.String())()
	}
	var b bytes.Buffer
	var err error
	switch {
	case o.names:
		for _, c := range found.differing {
			name := c.to
			if name == "" {
				name = c.from
			}
			fmt.Fprintln(&b, cell(name))
		}
	case o.output == "json":
		err = writeDiffJSON(ctx, &b, found, options)
	default:
		err = writeDiffText(ctx, &b, found, o, options)
	}
	if err != nil {
		return err
	}
	w := a.product
	switch {
	case o.output == "json":
	case options.Colour:
		w = a.coloured
	default:
		text := message.NewWriter(a.coloured, 0)
		defer text.Flush()
		w = text
	}
	_, err = w.Write(b.Bytes())
	return err
}

// colour tells whether to use colours (https://no-color.org).
func (a *app) colour(when string) bool {
	none, _ := a.lookupEnv("NO_COLOR")
	return when == "always" || when == "auto" && none == "" && stream.IsTerminal(a.rawStdout)
}

// writeDiffText writes unified diffs or summaries, under headings where there
// may be more than one environment.
func writeDiffText(ctx context.Context, b *bytes.Buffer, found comparisons, o diffOptions, options diff.Options) error {
	several := o.recursive || found.rendered > 1
	for _, c := range found.differing {
		if several {
			heading := "# " + cell(c.title())
			if options.Colour {
				heading = "\x1b[1m" + heading + "\x1b[0m"
			}
			fmt.Fprintln(b, heading)
		}
		write := c.report.WriteUnified
		if o.summarize {
			write = c.report.WriteSummary
		}
		if err := write(ctx, b, options); err != nil {
			return c.placed(err)
		}
	}
	if several && o.summarize {
		fmt.Fprintf(b, "environments that differ: %d\n", len(found.differing))
	}
	return nil
}

// writeDiffJSON writes one JSON object, with those environments that differ.
func writeDiffJSON(ctx context.Context, b *bytes.Buffer, found comparisons, options diff.Options) error {
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
	environments := make([]environment, len(found.differing))
	for i, c := range found.differing {
		var objects bytes.Buffer
		if err := c.report.WriteJSON(ctx, &objects, options); err != nil {
			return c.placed(err)
		}
		environments[i] = environment{orNull(c.from), orNull(c.to), objects.Bytes()}
	}
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(struct {
		Environments []environment `json:"environments"`
	}{environments})
}
