package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/stream"
)

// output has the writers of a command.
type output struct {
	// stdout and stderr are for text that people read. product is for text that programs
	// read too: manifests, JSON, scripts.
	stdout, stderr, product io.Writer
	// rawStdout and rawStderr also pass mop's own sequences for a terminal, such as
	// colours. Texts of others must not go there. coloured is rawStdout for writing;
	// rawStdout is also asked whether it is a terminal.
	rawStdout, rawStderr, coloured io.Writer
	// flush writes last lines without an end.
	flush func()
}

// count counts all further output against a budget, except output to standard error.
func (o *output) count(b *budget.Budget) {
	o.stdout, o.product, o.coloured = stream.Counted(o.stdout, b), stream.Counted(o.product, b), stream.Counted(o.coloured, b)
}

// newOutput returns the writers for standard output and error. Text for people shows
// control characters as escapes, even in a pipe, because a terminal may be at its far end.
// A product keeps its bytes unless standard output is a terminal.
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
			// A failure to write these few bytes cannot be reported.
			_ = w.Flush()
		}
	}
	return o
}

// cell returns a text for a part of a line, such as a column of a table.
func cell(s string) string { return message.Line(s, message.Screen) }

// progress returns a bar that counts things named what. It shows only if standard error is
// a terminal.
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
