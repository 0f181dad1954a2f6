package explain

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/layout"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Writer writes objects, within the budget of ctx.
type Writer func(ctx context.Context, w io.Writer, objects []manifest.Object) error

// Commented returns a Writer of the objects of env as YAML like write, with comments. The
// comment of a line names the origins of the value that begins there, unless the value
// around it has the same origins.
func Commented(env batch.Environment, write Writer) Writer {
	return func(ctx context.Context, w io.Writer, objects []manifest.Object) error {
		for i, o := range objects {
			var b bytes.Buffer
			if err := write(ctx, &b, []manifest.Object{o}); err != nil {
				return err
			}
			// The parts come in the order of the text. around has the lines of the parts
			// around the next one.
			var around [][]eval.Origin
			text, err := layout.Annotate(ctx, b.Bytes(), func(field manifest.Path) string {
				around = append(around[:min(len(field), len(around))], lines(env.ObjectOrigins(o, field)))
				return comment(env.State, around)
			})
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

// comment returns the files and lines of the last part. Each part is in the one before it.
// It returns "" if the part around has the same line.
func comment(s *workspace.State, parts [][]eval.Origin) string {
	own := parts[len(parts)-1]
	if len(parts) > 1 && len(own) > 0 {
		around := parts[len(parts)-2]
		if slices.Equal(own, around) || len(own) == 1 && len(around) > 0 && own[0].At == around[0].At {
			return ""
		}
		if own[0].Effect == eval.From {
			// The part around it passes the value on, and its comment names the line.
			own = slices.DeleteFunc(slices.Clone(own), func(o eval.Origin) bool {
				return o.Effect == eval.Sets && slices.ContainsFunc(around, func(a eval.Origin) bool { return a.At == o.At })
			})
		}
	}
	var b strings.Builder
	begun := false
	for i, origin := range own {
		own := origin.Effect == eval.Sets || origin.Effect == eval.AddsTo
		switch {
		case i == 0:
		case i == mostCommented:
			b.WriteString(" ...")
			return b.String()
		case !own:
			b.WriteString(" from ")
		case begun:
			b.WriteString(" adds to ")
		default:
			b.WriteString(" via ")
		}
		begun = begun || own
		b.WriteString(strings.Map(printable, shown(s, origin.At)))
	}
	return b.String()
}

// mostCommented is the most lines that a comment names.
const mostCommented = 6

// printable replaces line breaks and other unprintable runes in the names of files, so that
// a comment stays one line.
func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return '?'
}

// lines returns the origins as lines, each once.
func lines(origins []eval.Origin) []eval.Origin {
	var out []eval.Origin
	for _, o := range origins {
		o.At.Column = 0
		if !slices.ContainsFunc(out, func(before eval.Origin) bool { return before.At == o.At }) {
			out = append(out, o)
		}
	}
	return out
}

// shown returns a position with the user's name of the file.
func shown(s *workspace.State, at diag.Position) string {
	at.File = s.Shown(at.File)
	return at.String()
}
