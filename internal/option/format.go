package option

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/manifest"
)

// Formats names the formats of objects for the help of a flag, with what they mean.
func Formats() string {
	return oneOf(func(f manifest.Format) string { return fmt.Sprintf("%s (%s)", f.Name, f.Meaning) })
}

// Writer returns what writes objects in the format of a flag's name and value. The error is
// an [Error] if there is no such format.
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

// oneOf lists the formats in words.
func oneOf(text func(manifest.Format) string) string {
	var all []string
	for _, f := range manifest.Formats() {
		all = append(all, text(f))
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " or " + all[last]
}
