package jsonnet

import (
	"math"
	"strings"

	"github.com/mop-platform/mop/internal/jsonnet/internal/notation"
)

// formatting applies a format.
type formatting struct {
	*evaluator
	at  *site
	out []byte
	// odd is set if std.jsonnet has to apply the format: the format is wrong or does not fit
	// the values, or a number is very large.
	odd bool
}

// format applies a format to an array of values, the fields of an object or one value. ok
// is false if std.jsonnet has to apply it.
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

// parseFormat returns the directives, and the texts before each of them and after the last.
// ok is false if the format is wrong.
func (ev *evaluator) parseFormat(format string, at *site) (texts []string, directives []notation.Directive, ok bool) {
	for {
		before, rest, found := strings.Cut(format, "%")
		texts = append(texts, before)
		if !found {
			return texts, directives, true
		}
		d, rest, ok := notation.ParseDirective(rest)
		if !ok {
			return nil, nil, false
		}
		directives = append(directives, d)
		format = rest
		ev.work(1, at)
	}
}

// array applies the directives to the values in order.
func (f *formatting) array(texts []string, directives []notation.Directive, values []*thunk) {
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
		if d.Values() > len(values) {
			f.odd = true
			return
		}
		if d.StarWidth {
			d.Width = star()
		}
		if d.StarPrecision {
			d.Precision = star()
		}
		if d.Conversion == '%' {
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

// object applies the directives to the fields that they name.
func (f *formatting) object(texts []string, directives []notation.Directive, o *object) {
	for i := range directives {
		f.out = append(f.out, texts[i]...)
		d := &directives[i]
		switch {
		case d.StarWidth || d.StarPrecision:
			f.odd = true
		case d.Conversion == '%':
			f.pad(d, "%")
		case !d.HasKey || !f.has(o, d.Key, true):
			f.odd = true
		default:
			f.pad(d, f.convert(d, f.get(o, d.Key, f.at)))
		}
		if f.odd {
			return
		}
		f.work(1, f.at)
	}
	f.out = append(f.out, texts[len(directives)]...)
}

// pad appends s, filled with spaces to the width.
func (f *formatting) pad(d *notation.Directive, s string) {
	f.out = f.room(f.out, len(s), f.at)
	if d.Width == 0 {
		f.out = append(f.out, s...)
		return
	}
	before, after := d.Spaces(s, f.bytes)
	f.out = f.room(f.out, len(before)+len(s)+len(after), f.at)
	f.out = append(append(append(f.out, before...), s...), after...)
}

// bytes reserves n bytes.
func (f *formatting) bytes(n float64) { f.reserve(n, f.at) }

// convert returns the text of a value for its directive.
func (f *formatting) convert(d *notation.Directive, v value) string {
	switch d.Conversion {
	case 's':
		return f.toString(v, f.at).String()
	case 'c':
		return f.character(v)
	}
	if !v.isNumber() || math.IsInf(v.num, 0) || math.IsNaN(v.num) {
		f.odd = true
		return ""
	}
	s, ok := d.Number(v.num, f.bytes)
	f.odd = !ok
	return s
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
