package eval

import (
	"bytes"
	"fmt"
	"path"
)

// maxNesting is how deep brackets may be nested in a file. go-jsonnet recurses
// at each in several passes; at some ten thousand Go's own stack is full, and
// the process dies.
const maxNesting = 2500

// checkNesting returns an error if a Jsonnet file, going by its name, is nested
// more deeply than maxNesting.
func checkNesting(name string, text []byte) error {
	switch path.Ext(name) {
	case ".jsonnet", ".libsonnet", ".json":
	default:
		return nil
	}
	if line := deepest(text, maxNesting); line > 0 {
		return fmt.Errorf("nested too deeply: more than %d brackets are open on line %d", maxNesting, line)
	}
	return nil
}

// deepest returns the line on which more than limit brackets are open, 0 if
// there is none. Those in strings and comments do not count.
func deepest(text []byte, limit int) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		rest := text[i:]
		switch {
		case bytes.HasPrefix(rest, []byte("//")), rest[0] == '#':
			i += until(rest, []byte("\n"))
		case bytes.HasPrefix(rest, []byte("/*")):
			i += 1 + until(rest[2:], []byte("*/")) + 2
		case bytes.HasPrefix(rest, []byte("|||")):
			i += 2 + until(rest[3:], []byte("|||")) + 3
		case rest[0] == '@' && len(rest) > 1 && (rest[1] == '\'' || rest[1] == '"'):
			// A doubled quote in it reads as two strings.
			i += 1 + until(rest[2:], rest[1:2]) + 1
		case rest[0] == '\'', rest[0] == '"':
			i += quoted(rest)
		case bytes.IndexByte([]byte("([{"), rest[0]) >= 0:
			if depth++; depth > limit {
				return 1 + bytes.Count(text[:i], []byte("\n"))
			}
		case bytes.IndexByte([]byte(")]}"), rest[0]) >= 0:
			depth--
		}
	}
	return 0
}

// until returns where end begins in text, or its length.
func until(text, end []byte) int {
	if i := bytes.Index(text, end); i >= 0 {
		return i
	}
	return len(text)
}

// quoted returns where the string ends that begins text.
func quoted(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case text[0]:
			return i
		}
	}
	return len(text)
}
