package notation

import (
	"math"
	"strconv"
)

// MostExact is the largest integer that float64 distinguishes from its neighbours.
const MostExact = 1<<53 - 1

// AppendNumber appends a number as go-jsonnet prints it.
func AppendNumber(b []byte, n float64) []byte {
	if n == math.Floor(n) {
		if n > -1e15 && n < 1e15 && (n != 0 || !math.Signbit(n)) {
			return strconv.AppendInt(b, int64(n), 10)
		}
		return strconv.AppendFloat(b, n, 'f', 0, 64)
	}
	return strconv.AppendFloat(b, n, 'g', 17, 64)
}

// AppendShortest appends a number with the fewest digits, without an exponent.
func AppendShortest(b []byte, n float64) []byte { return strconv.AppendFloat(b, n, 'f', -1, 64) }

// digits returns the digits of a whole number.
func digits(n, base float64) string {
	if n <= MostExact {
		return strconv.FormatInt(int64(n), int(base))
	}
	// Most first digits of such a number come from the divisions, not from its value.
	var reversed []byte
	for ; n > 0; n = math.Floor(n / base) {
		reversed = append(reversed, hexDigits[int(math.Mod(n, base))])
	}
	for i, j := 0, len(reversed)-1; i < j; i, j = i+1, j-1 {
		reversed[i], reversed[j] = reversed[j], reversed[i]
	}
	return string(reversed)
}

// Digit returns the value of a digit in std.parseHex. For other characters the value is
// negative or 16 or more.
func Digit(r rune) int {
	switch {
	case r >= 'a':
		return int(r) - 'a' + 10
	case r >= 'A':
		return int(r) - 'A' + 10
	}
	return int(r) - '0'
}
