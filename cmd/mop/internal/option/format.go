package option

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/emitter"
	"github.com/mop-platform/mop/pkg/manifest"
)

// format is an output format for objects.
type format struct {
	// name is its name, and meaning says how it writes several objects.
	name, meaning string
	// write writes objects, and tanka writes them with the bytes of Tanka 0.38. Both work
	// within the budget of the context.
	write, tanka func(ctx context.Context, w io.Writer, objects []manifest.Object) error
}

// formats returns the formats. The first is for people.
func formats() []format {
	return []format{
		{"yaml", "a stream", manifest.WriteYAML, writeTankaYAML},
		{"json", "a List", manifest.WriteJSON, manifest.WriteJSON},
	}
}

// Formats returns the names and meanings of the formats of objects, for the help of a flag.
func Formats() string {
	return oneOf(func(f format) string { return fmt.Sprintf("%s (%s)", f.name, f.meaning) })
}

// Writer returns the writer of objects for a format, which is the value of a flag. c
// chooses the bytes of YAML. The error is an [Error] if there is no such format.
func Writer(flag, name string, c Compat) (func(ctx context.Context, w io.Writer, objects []manifest.Object) error, error) {
	all := formats()
	i := slices.IndexFunc(all, func(f format) bool { return f.name == name })
	switch {
	case i < 0:
		return nil, Error{Problem: fmt.Sprintf("%s: want %s, got %q", flag, oneOf(func(f format) string { return f.name }), name)}
	case bool(c):
		return all[i].tanka, nil
	}
	return all[i].write, nil
}

// oneOf lists the formats, each as the result of text, with "or" before the last.
func oneOf(text func(format) string) string {
	var all []string
	for _, f := range formats() {
		all = append(all, text(f))
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}

// writeTankaYAML is [manifest.WriteYAML] in the bytes of Tanka 0.38, for comparisons. It
// prints numbers of about a million and more with an exponent, 1e+06.
func writeTankaYAML(ctx context.Context, w io.Writer, objects []manifest.Object) error {
	for i, o := range objects {
		value, _ := o.Lookup()
		b, err := emitter.Marshal(ctx, value, emitter.Style{Exponents: true})
		if err != nil {
			return fmt.Errorf("%s: %w", o.ID(), err)
		}
		if i > 0 {
			b = append([]byte("---\n"), b...)
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}
