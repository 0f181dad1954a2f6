package notation

import (
	"strconv"
	"strings"
)

// YAMLIndent is the indentation of one level.
const YAMLIndent = "  "

// IsBlock reports whether [AppendYAML] writes a text line by line.
func IsBlock(s string) bool { return strings.HasSuffix(s, "\n") }

// BlockSize returns the number of bytes of a text that is written line by line, without the
// |.
func BlockSize(s, margin string) int {
	return len(s) + (len(margin)+len(YAMLIndent))*strings.Count(s, "\n")
}

// AppendYAML appends a text. margin is the indentation of the array or object around it.
func AppendYAML(b []byte, s, margin string) []byte {
	if !IsBlock(s) {
		return AppendQuoted(b, s)
	}
	b = append(b, '|')
	for line := range strings.SplitSeq(strings.TrimSuffix(s, "\n"), "\n") {
		b = append(append(append(append(b, '\n'), margin...), YAMLIndent...), line...)
	}
	return b
}

// IsBareYAML reports whether std.manifestYamlDoc writes a key without quotes.
func IsBareYAML(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isWord(c) && c != '/' && c != '.' {
			return false
		}
	}
	switch strings.ToLower(s) {
	case "", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", "-.inf", "+.inf", ".inf", "null", "-", "---":
		return false
	}
	if likeTimestamp(s) || likeBinary(s) || likeHexadecimal(s) {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err != nil
}

// likeTimestamp reports whether s is digits with two hyphens.
func likeTimestamp(s string) bool {
	return strings.Count(s, "-") == 2 && strings.Trim(s, "-0123456789") == ""
}

func likeBinary(s string) bool {
	s = strings.TrimPrefix(s, "-")
	digits, ok := strings.CutPrefix(s, "0b")
	return ok && digits != "" && strings.Trim(digits, "01_") == ""
}

// likeHexadecimal reports whether s contains a hexadecimal number.
func likeHexadecimal(s string) bool {
	for {
		_, after, ok := strings.Cut(s, "0x")
		if !ok {
			return false
		}
		if after != "" && strings.Contains("0123456789abcdefABCDEF_", after[:1]) {
			return true
		}
		s = after
	}
}
