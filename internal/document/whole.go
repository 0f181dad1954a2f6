package document

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// differs reports whether a text is an integer other than x. With base 0, the prefix of the
// text says the base, as in Go.
func differs(text string, base int, x float64) bool {
	text, negative := strings.CutPrefix(text, "-")
	if !negative {
		text = strings.TrimPrefix(text, "+")
	}
	if base == 0 {
		text, base = prefixed(text)
	}
	if text == "" {
		return false
	}
	for i := range len(text) {
		digit := base
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			digit = int(c - '0')
		case c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z':
			digit = int(c|0x20-'a') + 10
		}
		if digit >= base {
			return false
		}
	}
	digits := strings.ToLower(strings.TrimLeft(text, "0"))
	if digits == "" {
		return x != 0
	}
	return negative != (x < 0) || digits != digitsOf(math.Abs(x), base)
}

// prefixed returns the digits behind a prefix, and the base of the prefix.
func prefixed(text string) (digits string, base int) {
	if len(text) < 2 || text[0] != '0' {
		return text, 10
	}
	switch text[1] | 0x20 {
	case 'x':
		return text[2:], 16
	case 'o':
		return text[2:], 8
	case 'b':
		return text[2:], 2
	}
	return text[1:], 8
}

// digitsOf returns all digits of a whole number in base 10, or in a base that is a power of
// 2.
func digitsOf(x float64, base int) string {
	if base == 10 {
		return strconv.FormatFloat(x, 'f', 0, 64)
	}
	fraction, exponent := math.Frexp(x)
	const significant = 53
	number := uint64(math.Ldexp(fraction, significant))
	shift := exponent - significant
	if shift < 0 {
		return strconv.FormatUint(number>>-shift, base)
	}
	width := bits.Len(uint(base)) - 1
	number <<= shift % width
	return strconv.FormatUint(number, base) + strings.Repeat("0", shift/width)
}
