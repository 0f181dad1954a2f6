package explain

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/mop-platform/mop/internal/emitter"
	"github.com/mop-platform/mop/pkg/diag"
)

// WriteJSON writes e for programs.
func (e Explanation) WriteJSON(w io.Writer) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(e); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}

// WriteText writes e for people.
func (e Explanation) WriteText(ctx context.Context, to io.Writer) error {
	var w bytes.Buffer
	fmt.Fprintf(&w, "environment: %s\nobject: %s\npath: %s\n", e.Environment, e.Object.id, e.Object.Path)
	if e.Field != "" {
		value, err := e.valueText(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(&w, "field: %s\n%s", e.Field, value)
	}
	for _, p := range e.Parts {
		heading := p.Field
		if heading == "" {
			heading = "object"
		}
		fmt.Fprintf(&w, "\n%s\n", heading)
		for _, o := range p.Origins {
			at := diag.Position{File: o.File, Line: o.Line, Column: o.Column}
			fmt.Fprintf(&w, "  %-7s  %s\n", o.Effect, strings.TrimRight(at.String()+"  "+cut(o.Text), " "))
		}
	}
	_, err := to.Write(w.Bytes())
	return err
}

// valueText returns the first lines of the value as YAML.
func (e Explanation) valueText(ctx context.Context) (string, error) {
	const most = 11
	text, err := emitter.Marshal(ctx, map[string]any{"value": e.Value}, emitter.Style{})
	if err != nil {
		return "", err
	}
	var out string
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		if i == most {
			return out + "  ...\n", nil
		}
		out += cut(line) + "\n"
	}
	return out, nil
}

// cut keeps a line of text short enough for a screen.
func cut(line string) string {
	const most = 100
	if r := []rune(line); len(r) > most {
		return string(r[:most]) + "…"
	}
	return line
}
