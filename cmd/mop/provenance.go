package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

// needOrigins refuses the engine that does not know them; what is the command or
// flag that needs them.
func (f *jsonnetFlags) needOrigins(what string) error {
	if f.interpreter.engine != "go-jsonnet" {
		return nil
	}
	return usageError{what + ": the engine go-jsonnet does not know where values come from", "leave out --engine"}
}

// writeProvenance returns a function that writes the objects of env as write
// does, each line with a comment that names the origins of what begins there,
// unless they are those of what is around it.
func (a *app) writeProvenance(env render.Environment, write func(io.Writer, []manifest.Object) error) func(io.Writer, []manifest.Object) error {
	return func(w io.Writer, objects []manifest.Object) error {
		for i, o := range objects {
			var b bytes.Buffer
			if err := write(&b, []manifest.Object{o}); err != nil {
				return err
			}
			text, err := manifest.Annotate(b.Bytes(), func(field manifest.Path) string { return a.provenance(env, o, field) })
			if err != nil {
				return fmt.Errorf("%s: %w", o.ID(), err)
			}
			if i > 0 {
				text = append([]byte("---\n"), text...)
			}
			if _, err := w.Write(text); err != nil {
				return err
			}
		}
		return nil
	}
}

// provenance names the files and lines that made a field of an object, "" where
// that is the line of what is around it.
func (a *app) provenance(env render.Environment, o manifest.Object, field manifest.Path) string {
	own := withoutColumns(env.ObjectOrigins(o, field))
	if len(field) > 0 && len(own) > 0 {
		around := withoutColumns(env.ObjectOrigins(o, field[:len(field)-1]))
		if slices.Equal(own, around) || len(own) == 1 && len(around) > 0 && own[0] == around[0] {
			return ""
		}
	}
	names := make([]string, len(own))
	for i, p := range own {
		p.File = a.displayPath(p.File)
		names[i] = strings.Map(printable, p.String())
	}
	return strings.Join(names, " adds to ")
}

// printable keeps line breaks in the names of files out of comments.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return '?'
}

// withoutColumns returns the lines that positions are on, none twice in a row.
func withoutColumns(positions []diag.Position) []diag.Position {
	lines := slices.Clone(positions)
	for i := range lines {
		lines[i].Column = 0
	}
	return slices.Compact(lines)
}
