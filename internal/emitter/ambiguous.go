package emitter

import (
	"strconv"
	"strings"
	"time"

	"github.com/mop-platform/mop/internal/pattern"
)

// isAmbiguous reports whether some reader takes a text without quotes for something else:
// null, a boolean, a number or a date.
func isAmbiguous(s string) bool {
	if s == "" {
		return true
	}
	switch s[0] {
	case '~', 'n', 'N', 't', 'T', 'f', 'F', 'y', 'Y', 'o', 'O':
		return isWord(s)
	case '.':
		if isWord(s) {
			return true
		}
		_, err := strconv.ParseFloat(s, 64)
		return err == nil
	case '+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return isWord(s) || isDate(s) || isNumber(s) || sexagesimal().MatchString(s)
	}
	return false
}

// isWord reports whether a text is a word of YAML 1.1
// (https://yaml.org/type/) that is no string.
func isWord(s string) bool {
	switch s {
	case "~", "null", "Null", "NULL",
		"true", "True", "TRUE", "false", "False", "FALSE",
		"y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO",
		"on", "On", "ON", "off", "Off", "OFF",
		".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF",
		"+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
		return true
	}
	return false
}

var (
	decimal = pattern.New(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
	// sexagesimal is a number to the base 60 in YAML 1.1.
	sexagesimal = pattern.New(`^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?$`)
)

// isNumber reports whether the libraries take a text that begins with a sign or a digit for
// a number.
func isNumber(s string) bool {
	s = strings.ReplaceAll(s, "_", "")
	return isInteger(s, 0) || decimal().MatchString(s) && isFloat(s) ||
		isBased(s, "0b", 2) || isBased(s, "0o", 8)
}

func isInteger(s string, base int) bool {
	if _, err := strconv.ParseInt(s, base, 64); err == nil {
		return true
	}
	_, err := strconv.ParseUint(s, base, 64)
	return err == nil
}

func isFloat(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// isBased reports whether the libraries take a text for an integer to a base behind its
// prefix. A sign may stand behind the prefix, a minus also before it.
func isBased(s, prefix string, base int) bool {
	if digits, ok := strings.CutPrefix(s, prefix); ok {
		return isInteger(digits, base)
	}
	if digits, ok := strings.CutPrefix(s, "-"+prefix); ok {
		_, err := strconv.ParseInt("-"+digits, base, 64)
		return err == nil
	}
	return false
}

// isDate reports whether the libraries take a text for a date or a time.
func isDate(s string) bool {
	if len(s) < 5 || strings.IndexFunc(s, func(c rune) bool { return c < '0' || c > '9' }) != 4 || s[4] != '-' {
		return false
	}
	for _, layout := range []string{
		"2006-1-2T15:4:5.999999999Z07:00", "2006-1-2t15:4:5.999999999Z07:00", "2006-1-2 15:4:5.999999999", "2006-1-2",
	} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}
