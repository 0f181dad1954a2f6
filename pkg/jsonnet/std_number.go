package jsonnet

import (
	"math"
	"strconv"
	"strings"
)

// The arithmetic below is std.jsonnet's, step by step: its rounding shows.

// convertNumber returns a number as its directive says, without the spaces.
func (f *formatting) convertNumber(d *directive, n float64) string {
	// chars is the width to fill with zeros.
	chars := 0.0
	if d.zero && !d.left {
		chars = d.width
	}
	// least is the number of digits, places that after the point.
	least, places := 0.0, 6.0
	if d.hasPrecision {
		least, places = d.precision, d.precision
	}
	magnitude := math.Floor(math.Abs(n))
	switch d.conversion {
	case 'd':
		return f.whole(digits(magnitude, 10), d.sign(n <= -1), chars, least)
	case 'o':
		octal := digits(magnitude, 8)
		if d.alternate && magnitude != 0 {
			octal = "0" + octal
		}
		return f.whole(octal, d.sign(n <= -1), chars, least)
	case 'x':
		n = math.Floor(n)
		hex, prefix := digits(math.Abs(n), 16), d.sign(n < 0)
		if d.alternate {
			prefix += "0x"
		}
		if d.upper {
			hex, prefix = strings.ToUpper(hex), strings.ToUpper(prefix)
		}
		return f.whole(hex, prefix, chars, least)
	case 'f':
		return f.fixed(d, n, chars, places, true)
	case 'e':
		return f.scientific(d, n, chars, places, true)
	}
	e := exponent10(n)
	if e < -4 || e >= places {
		return f.scientific(d, n, chars, places-1, d.alternate)
	}
	return f.fixed(d, n, chars, places-max(1, e+1), d.alternate)
}

func (d *directive) sign(negative bool) string {
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

// whole returns digits after a prefix, with zeros between them up to a number of
// characters in all, or of digits.
func (f *formatting) whole(digits, prefix string, chars, least float64) string {
	zeros := max(chars-float64(len(prefix)), least) - float64(len(digits))
	return prefix + f.repeated("0", zeros) + digits
}

// digits returns those of a whole number.
func digits(n, base float64) string {
	if n <= mostExact {
		return strconv.FormatInt(int64(n), int(base))
	}
	// Most first digits of such a number are none of its value but of the
	// divisions.
	var reversed []byte
	for ; n > 0; n = math.Floor(n / base) {
		reversed = append(reversed, hexDigits[int(math.Mod(n, base))])
	}
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return string(reversed)
}

// fixed returns a number with a number of places after the point; trailing
// keeps the zeros there.
func (f *formatting) fixed(d *directive, n, chars, places float64, trailing bool) string {
	scale := math.Pow(10, places)
	numerator := math.Abs(n)*scale + 0.5
	if places < 0 || math.IsInf(scale, 0) || math.IsInf(numerator, 0) {
		f.odd = true
		return ""
	}
	whole := math.Floor(numerator / scale)
	if n == 0 {
		whole = 0
	}
	fraction := math.Mod(math.Floor(numerator), scale)
	point := 1.0
	if places == 0 && !d.alternate {
		point = 0
	}
	s := f.whole(digits(whole, 10), d.sign(n < 0), chars-places-point, 0)
	switch {
	case places == 0 && d.alternate:
		return s + "."
	case places == 0 || !trailing && fraction == 0:
		return s
	}
	after := f.whole(digits(fraction, 10), "", places, 0)
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

func (f *formatting) scientific(d *directive, n, chars, places float64, trailing bool) string {
	e := exponent10(n)
	suffix := "e"
	if d.upper {
		suffix = "E"
	}
	sign := "+"
	if e < 0 {
		sign = "-"
	}
	suffix += f.whole(digits(math.Abs(e), 10), sign, 3, 0)
	mantissa := n / math.Pow(10, e)
	if e == -324 {
		// 10 to that power is 0.
		mantissa = n * 10 / math.Pow(10, e+1)
	}
	return f.fixed(d, mantissa, chars-float64(len(suffix)), places, trailing) + suffix
}
