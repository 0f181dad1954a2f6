package notation

import (
	"math"
	"strings"
)

// The arithmetic below follows std.jsonnet step by step, because its rounding shows in
// results.

// numeral writes a number for a directive.
type numeral struct {
	*Directive
	reserve func(bytes float64)
	// odd is set if std.jsonnet must write the number, because it has an unusual size.
	odd bool
}

// Number returns the text of a number for its directive, without the spaces. ok is false if
// std.jsonnet must write it. Number calls reserve before it makes zeros.
func (d *Directive) Number(n float64, reserve func(bytes float64)) (s string, ok bool) {
	w := numeral{Directive: d, reserve: reserve}
	s = w.number(n)
	return s, !w.odd
}

func (w *numeral) number(n float64) string {
	// chars is the width to fill with zeros.
	chars := 0.0
	if w.zero && !w.left {
		chars = w.Width
	}
	// least is the minimal number of digits, places the number of digits after the point.
	least, places := 0.0, 6.0
	if w.hasPrecision {
		least, places = w.Precision, w.Precision
	}
	magnitude := math.Floor(math.Abs(n))
	switch w.Conversion {
	case 'd':
		return w.whole(digits(magnitude, 10), w.sign(n <= -1), chars, least)
	case 'o':
		octal := digits(magnitude, 8)
		if w.alternate && magnitude != 0 {
			octal = "0" + octal
		}
		return w.whole(octal, w.sign(n <= -1), chars, least)
	case 'x':
		n = math.Floor(n)
		hex, prefix := digits(math.Abs(n), 16), w.sign(n < 0)
		if w.alternate {
			prefix += "0x"
		}
		if w.upper {
			hex, prefix = strings.ToUpper(hex), strings.ToUpper(prefix)
		}
		return w.whole(hex, prefix, chars, least)
	case 'f':
		return w.fixed(n, chars, places, true)
	case 'e':
		return w.scientific(n, chars, places, true)
	}
	e := exponent10(n)
	if e < -4 || e >= places {
		return w.scientific(n, chars, places-1, w.alternate)
	}
	return w.fixed(n, chars, places-max(1, e+1), w.alternate)
}

func (d *Directive) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case d.plus:
		return "+"
	case d.blank:
		return " "
	}
	return ""
}

// whole returns a prefix and digits. It inserts zeros between them, up to chars characters
// or least digits.
func (w *numeral) whole(digits, prefix string, chars, least float64) string {
	zeros := max(chars-float64(len(prefix)), least) - float64(len(digits))
	return prefix + repeated("0", zeros, w.reserve) + digits
}

// fixed returns the text of a number with some places after the point. trailing keeps the
// zeros at its end.
func (w *numeral) fixed(n, chars, places float64, trailing bool) string {
	scale := math.Pow(10, places)
	numerator := math.Abs(n)*scale + 0.5
	if places < 0 || math.IsInf(scale, 0) || math.IsInf(numerator, 0) {
		w.odd = true
		return ""
	}
	whole := math.Floor(numerator / scale)
	if n == 0 {
		whole = 0
	}
	fraction := math.Mod(math.Floor(numerator), scale)
	point := 1.0
	if places == 0 && !w.alternate {
		point = 0
	}
	s := w.whole(digits(whole, 10), w.sign(n < 0), chars-places-point, 0)
	switch {
	case places == 0 && w.alternate:
		return s + "."
	case places == 0 || !trailing && fraction == 0:
		return s
	}
	after := w.whole(digits(fraction, 10), "", places, 0)
	if !trailing {
		after = strings.TrimRight(after, "0")
	}
	return s + "." + after
}

// exponent10 returns the exponent of a number in scientific notation.
func exponent10(n float64) float64 {
	if n == 0 {
		return 0
	}
	return math.Floor(math.Log(math.Abs(n)) / math.Log(10))
}

func (w *numeral) scientific(n, chars, places float64, trailing bool) string {
	e := exponent10(n)
	suffix := "e"
	if w.upper {
		suffix = "E"
	}
	sign := "+"
	if e < 0 {
		sign = "-"
	}
	suffix += w.whole(digits(math.Abs(e), 10), sign, 3, 0)
	mantissa := n / math.Pow(10, e)
	if e == -324 {
		// 10 to this power is 0.
		mantissa = n * 10 / math.Pow(10, e+1)
	}
	return w.fixed(mantissa, chars-float64(len(suffix)), places, trailing) + suffix
}
