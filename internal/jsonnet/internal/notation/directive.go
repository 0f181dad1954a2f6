// Package notation writes numbers and strings as Jsonnet and its standard library do: in
// JSON, YAML, TOML, XML and shell, and by the directives of a format. It takes plain Go
// values. Package jsonnet reads the values of Jsonnet and calls this package.
package notation

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Directive is a % of a format with the characters after it.
type Directive struct {
	// Key is the name in parentheses.
	Key    string
	HasKey bool

	alternate, zero, left, blank, plus bool

	// Width and Precision are numbers in the format, or arguments for *.
	Width, Precision         float64
	StarWidth, StarPrecision bool
	hasPrecision             bool
	// Conversion is one of d o x e f g c s %; upper is set for X E F G.
	Conversion byte
	upper      bool
}

// ParseDirective parses the text after a % and returns the text after the directive. ok is
// false if the directive is wrong.
func ParseDirective(s string) (d Directive, rest string, ok bool) {
	if inside, found := strings.CutPrefix(s, "("); found {
		if d.Key, s, d.HasKey = strings.Cut(inside, ")"); !d.HasKey {
			return d, "", false
		}
	}
	s = d.parseFlags(s)
	d.Width, d.StarWidth, s = parseMeasure(s)
	if after, found := strings.CutPrefix(s, "."); found {
		d.hasPrecision = true
		d.Precision, d.StarPrecision, s = parseMeasure(after)
	}
	if math.IsInf(d.Width, 0) || math.IsInf(d.Precision, 0) {
		return d, "", false
	}
	if s != "" && strings.IndexByte("hlL", s[0]) >= 0 {
		s = s[1:]
	}
	if s == "" {
		return d, "", false
	}
	switch c := s[0]; c {
	case 'd', 'i', 'u':
		d.Conversion = 'd'
	case 'o', 'x', 'e', 'f', 'g', 'c', 's', '%':
		d.Conversion = c
	case 'X', 'E', 'F', 'G':
		d.Conversion, d.upper = c+'a'-'A', true
	default:
		return d, "", false
	}
	return d, s[1:], true
}

func (d *Directive) parseFlags(s string) (rest string) {
	for ; s != ""; s = s[1:] {
		switch s[0] {
		case '#':
			d.alternate = true
		case '0':
			d.zero = true
		case '-':
			d.left = true
		case ' ':
			d.blank = true
		case '+':
			d.plus = true
		default:
			return s
		}
	}
	return s
}

// parseMeasure parses a width or precision; a missing one is 0.
func parseMeasure(s string) (n float64, star bool, rest string) {
	if after, found := strings.CutPrefix(s, "*"); found {
		return 0, true, after
	}
	for s != "" && s[0] >= '0' && s[0] <= '9' {
		n = n*10 + float64(s[0]-'0')
		s = s[1:]
	}
	return n, false, s
}

// Values returns the number of values of an array that a directive takes.
func (d *Directive) Values() int {
	n := 0
	for _, takes := range []bool{d.StarWidth, d.StarPrecision, d.Conversion != '%'} {
		if takes {
			n++
		}
	}
	return n
}

// Spaces returns the spaces before and after a text that fill the width. It calls reserve
// before it makes them.
func (d *Directive) Spaces(s string, reserve func(bytes float64)) (before, after string) {
	spaces := repeated(" ", d.Width-float64(utf8.RuneCountInString(s)), reserve)
	if d.left {
		return "", spaces
	}
	return spaces, ""
}

// repeated returns s repeated n times.
func repeated(s string, n float64, reserve func(bytes float64)) string {
	if n <= 0 {
		return ""
	}
	reserve(2 * n)
	return strings.Repeat(s, int(n))
}
