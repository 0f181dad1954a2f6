package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/mop-platform/mop/internal/stream"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/message"
)

// output is where a command writes.
type output struct {
	// stdout and stderr take text for people, product takes what programs read too:
	// manifests, JSON, scripts.
	stdout, stderr, product io.Writer
	// rawStdout and rawStderr take also the sequences that mop itself has for a
	// terminal, colours and the like. What others wrote must not go there. coloured is
	// rawStdout, but for what is asked about a terminal.
	rawStdout, rawStderr, coloured io.Writer
	// flush writes the ends of last lines.
	flush func()
}

// count has what is written from here on count against a budget, except for what is
// written to standard error.
func (o *output) count(b *budget.Budget) {
	o.stdout, o.product, o.coloured = stream.Counted(o.stdout, b), stream.Counted(o.product, b), stream.Counted(o.coloured, b)
}

// newOutput returns what writes to the process's streams. Text for people shows
// control characters as escapes wherever it goes: a terminal may be at the far end
// of a pipe. A product keeps its bytes, unless it goes to a terminal itself.
func newOutput(stdout, stderr io.Writer) output {
	text, messages := message.NewWriter(stdout, message.LineLimit), message.NewWriter(stderr, message.LineLimit)
	o := output{stdout: text, stderr: messages, product: stdout, rawStdout: stdout, rawStderr: stderr, coloured: stdout}
	written := []*message.Writer{text, messages}
	if stream.IsTerminal(stdout) {
		terminal := message.NewTerminal(stdout)
		o.product = terminal
		written = append(written, terminal)
	}
	o.flush = func() {
		for _, w := range written {
			// Nothing is left to tell a failure of a few bytes to.
			_ = w.Flush()
		}
	}
	return o
}

// cell returns a value as a part of a line, such as a column of a table.
func cell(s string) string { return message.Line(s, message.Screen) }

// progress returns a bar that counts what, which shows only if standard error
// is a terminal.
func (a *app) progress(what string) *stream.Bar { return stream.NewBar(a.rawStderr, what) }

// printJSON prints a value on one line.
func (a *app) printJSON(value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.product, "%s\n", text)
	return err
}
