package notation

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// QuotedSize returns the number of bytes of s as a JSON string, or more. It holds for
// [AppendQuoted] and for encoding/json.
func QuotedSize(s string) int {
	n := len(s) + len(`""`)
	for i := range len(s) {
		// Beyond ASCII, these are the controls and the separators of lines.
		if c := s[i]; c < 0x20 || c == 0x7f || c == '"' || c == '\\' || c == 0xc2 || c == 0xe2 {
			n += len(`\u0000`) - 1
		}
	}
	return n
}

// Quote returns s as the JSON string that go-jsonnet writes.
func Quote(s string) string { return string(AppendQuoted(nil, s)) }

// AppendQuoted appends s as a JSON string. As go-jsonnet does, it escapes control
// characters up to U+009F.
func AppendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r > 0x9f {
				i += size
				continue
			}
			b = append(b, s[start:i]...)
			b = append(b, `\u00`...)
			b = append(b, hexDigits[r>>4], hexDigits[r&15])
			i += size
			start = i
			continue
		}
		b = append(b, s[start:i]...)
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, `\u00`...)
			b = append(b, hexDigits[c>>4], hexDigits[c&15])
		}
		i++
		start = i
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// EncodedSize is the memory that AppendEncoded takes, which makes the text in a buffer of
// its own first.
func EncodedSize(s string) int {
	n := QuotedSize(s)
	if n == len(s)+2 {
		return n
	}
	return 3 * n
}

// AppendEncoded appends a string as encoding/json does.
func AppendEncoded(b []byte, s string) []byte {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			plain = false
			break
		}
	}
	if plain {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	// Encoding a string never fails.
	_ = encoder.Encode(s)
	return append(b, strings.TrimRight(out.String(), "\n")...)
}
