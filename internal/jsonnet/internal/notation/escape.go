package notation

import "strings"

// EscapeBash returns s as one word for a shell.
func EscapeBash(s string) string { return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'" }

// BashSize returns the number of bytes of EscapeBash(s).
func BashSize(s string) int { return len(s) + len("''") + len(`"'"'`)*strings.Count(s, "'") }

// EscapeDollars returns s with each dollar doubled.
func EscapeDollars(s string) string { return strings.ReplaceAll(s, "$", "$$") }

// DollarsSize returns the number of bytes of EscapeDollars(s).
func DollarsSize(s string) int { return len(s) + strings.Count(s, "$") }

// XMLEscaper returns a function that returns a text with entities for the characters that
// have a meaning in XML.
func XMLEscaper() func(string) string {
	return strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;", `"`, "&quot;", "'", "&apos;").Replace
}

// XMLSize returns the number of bytes of a text after escaping for XML, or more.
func XMLSize(s string) int {
	n := len(s)
	for i := range len(s) {
		switch s[i] {
		case '<', '>', '&', '"', '\'':
			n += len("&quot;") - 1
		}
	}
	return n
}
