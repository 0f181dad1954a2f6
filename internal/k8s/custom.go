package k8s

import (
	"embed"
	"fmt"
	"slices"
	"strings"
)

// custom holds the additions that are written by hand: a file named after each group with
// additions, and the files that these import.
//
// The documentation consists of the lines that begin with '#, the import docImport, and
// docFile, the file with the functions that write documentation.
//
//go:embed custom/*.libsonnet
var custom embed.FS

const (
	docFile   = "doc.libsonnet"
	docImport = "local d = import '" + docFile + "';\n"
)

// additions returns the files written by hand.
func (l *library) additions() ([]File, error) {
	entries, err := custom.ReadDir("custom")
	if err != nil {
		return nil, err
	}
	var files []File
	for _, e := range entries {
		if e.Name() == docFile && !l.docs {
			continue
		}
		text, err := custom.ReadFile("custom/" + e.Name())
		if err != nil {
			return nil, err
		}
		files = append(files, File{"_custom/" + e.Name(), l.documented(string(text))})
	}
	return files, nil
}

// documented returns text, without its documentation if that is not wanted.
func (l *library) documented(text string) string {
	if l.docs {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		if line != docImport && !strings.HasPrefix(strings.TrimSpace(line), "'#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

// mainText returns the text of main.libsonnet: the generated groups with their additions.
// Each addition is imported when it is used.
func mainText(groups []string, additions []File) string {
	var b strings.Builder
	b.WriteString("(import 'gen.libsonnet') + {\n")
	for _, group := range groups {
		name := "_custom/" + group + ".libsonnet"
		if slices.ContainsFunc(additions, func(f File) bool { return f.Name == name }) {
			fmt.Fprintf(&b, "  %s+: import %s,\n", field(group), literal(name))
		}
	}
	b.WriteString("}\n")
	return b.String()
}
