package option

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/manifest"
)

// Formats returns the names and meanings of the formats of objects, for the help of a flag.
func Formats() string {
	return oneOf(func(f manifest.Format) string { return fmt.Sprintf("%s (%s)", f.Name, f.Meaning) })
}

// Writer returns the writer of objects for a format, which is the value of a flag. c
// chooses the bytes of YAML. The error is an [Error] if there is no such format.
func Writer(flag, name string, c Compat) (manifest.Writer, error) {
	formats := manifest.Formats()
	i := slices.IndexFunc(formats, func(f manifest.Format) bool { return f.Name == name })
	switch {
	case i < 0:
		return nil, Error{Problem: fmt.Sprintf("%s: want %s, got %q", flag, oneOf(func(f manifest.Format) string { return f.Name }), name)}
	case bool(c):
		return formats[i].Tanka, nil
	}
	return formats[i].Write, nil
}

// oneOf lists the formats, each as the result of text, with "or" before the last.
func oneOf(text func(manifest.Format) string) string {
	var all []string
	for _, f := range manifest.Formats() {
		all = append(all, text(f))
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}
