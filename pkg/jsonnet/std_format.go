package jsonnet

import (
	"math"
	"strings"
)

// directive is a % of a format and what follows it.
type directive struct {
	// key is the name in parentheses.
	key    string
	hasKey bool

	alternate, zero, left, blank, plus bool

	// width and precision are numbers, or those of arguments for *.
	width, precision         float64
	starWidth, starPrecision bool
	hasPrecision             bool
	// conversion is one of d o x e f g c s %; upper is set for X E F G.
	conversion byte
	upper      bool
}

// formatting applies a format.
type formatting struct {
	*evaluator
	at  *site
	out []byte
	// odd is set where std.jsonnet is to do it: the format is wrong or does not
	// fit the values, or there is a number of unusual size.
	odd bool
}

// format applies a format to an array of values, the fields of an object or one
// value; ok is false where std.jsonnet is to do it.
func (ev *evaluator) format(format *str, v value, at *site) (formatted value, ok bool) {
	f := &formatting{evaluator: ev, at: at}
	texts, directives, ok := ev.parseFormat(format.String(), at)
	if ok {
		switch r := v.ref.(type) {
		case *object:
			f.object(texts, directives, r)
		case *array:
			f.array(texts, directives, r.elements)
		default:
			f.array(texts, directives, []*thunk{ready(v)})
		}
	}
	if !ok || f.odd {
		return value{}, false
	}
	f.reserve(float64(len(f.out)), at)
	return text(string(f.out)), true
}

// parseFormat returns the directives and the text before each, and after the
// last.
func (ev *evaluator) parseFormat(format string, at *site) (texts []string, directives []directive, ok bool) {
	for {
		before, rest, found := strings.Cut(format, "%")
		texts = append(texts, before)
		if !found {
			return texts, directives, true
		}
		d, rest, ok := parseDirective(rest)
		if !ok {
			return nil, nil, false
		}
		directives = append(directives, d)
		format = rest
		ev.work(1, at)
	}
}

// parseDirective parses what follows a %.
func parseDirective(s string) (d directive, rest string, ok bool) {
	if inside, found := strings.CutPrefix(s, "("); found {
		if d.key, s, d.hasKey = strings.Cut(inside, ")"); !d.hasKey {
			return d, "", false
		}
	}
	s = d.parseFlags(s)
	d.width, d.starWidth, s = parseMeasure(s)
	if after, found := strings.CutPrefix(s, "."); found {
		d.hasPrecision = true
		d.precision, d.starPrecision, s = parseMeasure(after)
	}
	if math.IsInf(d.width, 0) || math.IsInf(d.precision, 0) {
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
		d.conversion = 'd'
	case 'o', 'x', 'e', 'f', 'g', 'c', 's', '%':
		d.conversion = c
	case 'X', 'E', 'F', 'G':
		d.conversion, d.upper = c+'a'-'A', true
	default:
		return d, "", false
	}
	return d, s[1:], true
}

func (d *directive) parseFlags(s string) (rest string) {
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

// parseMeasure parses a width or precision; one that is not there is 0.
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

// values returns how many values of an array a directive takes.
func (d *directive) values() int {
	n := 0
	for _, takes := range []bool{d.starWidth, d.starPrecision, d.conversion != '%'} {
		if takes {
			n++
		}
	}
	return n
}

// array applies directives to values in turn.
func (f *formatting) array(texts []string, directives []directive, values []*thunk) {
	next := func() value {
		v := f.force(values[0], f.at)
		values = values[1:]
		return v
	}
	star := func() float64 {
		n, ok := wholeNumber(next())
		f.odd = f.odd || !ok || n < 0
		return float64(n)
	}
	for i := range directives {
		f.out = append(f.out, texts[i]...)
		d := directives[i]
		if d.values() > len(values) {
			f.odd = true
			return
		}
		if d.starWidth {
			d.width = star()
		}
		if d.starPrecision {
			d.precision = star()
		}
		if d.conversion == '%' {
			f.pad(&d, "%")
		} else if v := next(); !f.odd {
			f.pad(&d, f.convert(&d, v))
		}
		if f.odd {
			return
		}
		f.work(1, f.at)
	}
	f.odd = len(values) > 0
	f.out = append(f.out, texts[len(directives)]...)
}

// object applies directives to the fields that they name.
func (f *formatting) object(texts []string, directives []directive, o *object) {
	for i := range directives {
		f.out = append(f.out, texts[i]...)
		d := &directives[i]
		switch {
		case d.starWidth || d.starPrecision:
			f.odd = true
		case d.conversion == '%':
			f.pad(d, "%")
		case !d.hasKey || !f.has(o, d.key, true):
			f.odd = true
		default:
			f.pad(d, f.convert(d, f.get(o, d.key, f.at)))
		}
		if f.odd {
			return
		}
		f.work(1, f.at)
	}
	f.out = append(f.out, texts[len(directives)]...)
}

// pad appends s with spaces up to the width.
func (f *formatting) pad(d *directive, s string) {
	f.out = f.room(f.out, len(s), f.at)
	if d.width == 0 {
		f.out = append(f.out, s...)
		return
	}
	spaces := f.repeated(" ", d.width-float64(newStr(s).length()))
	if d.left {
		s, spaces = spaces, s
	}
	f.out = f.room(f.out, len(s)+len(spaces), f.at)
	f.out = append(append(f.out, spaces...), s...)
}

func (f *formatting) repeated(s string, n float64) string {
	if n <= 0 {
		return ""
	}
	f.reserve(2*n, f.at)
	return strings.Repeat(s, int(n))
}

// convert returns a value as its directive says.
func (f *formatting) convert(d *directive, v value) string {
	switch d.conversion {
	case 's':
		return f.toString(v, f.at).String()
	case 'c':
		return f.character(v)
	}
	if !v.isNumber() || math.IsInf(v.num, 0) || math.IsNaN(v.num) {
		f.odd = true
		return ""
	}
	return f.convertNumber(d, v.num)
}

func (f *formatting) character(v value) string {
	if s, ok := v.ref.(*str); ok {
		f.odd = s.length() != 1
		return s.String()
	}
	if !v.isNumber() {
		f.odd = true
		return ""
	}
	return char(f.evaluator, []value{v}, f.at).ref.(*str).String()
}
