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

// EscapeXML returns s with entities for the characters that are special in XML.
func EscapeXML(s string) string {
	n := XMLSize(s)
	if n == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(n)
	for i := range len(s) {
		if e := entity(s[i]); e != "" {
			b.WriteString(e)
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// XMLSize returns the number of bytes of EscapeXML(s).
func XMLSize(s string) int {
	n := len(s)
	for i := range len(s) {
		if e := entity(s[i]); e != "" {
			n += len(e) - 1
		}
	}
	return n
}

func entity(c byte) string {
	switch c {
	case '<':
		return "&lt;"
	case '>':
		return "&gt;"
	case '&':
		return "&amp;"
	case '"':
		return "&quot;"
	case '\'':
		return "&apos;"
	}
	return ""
}
