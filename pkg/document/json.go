package document

import (
	"bytes"
	"math/big"
	"strconv"
)

// Changed returns the integers of a valid text of JSON that a float64 cannot
// hold, in order.
func Changed(text []byte) []Integer {
	var changed []Integer
	line, counted := 1, 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			i = endOfString(text, i)
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(text) && bytes.IndexByte([]byte("0123456789+-.eE"), text[end]) >= 0 {
				end++
			}
			if x, ok := changes(text[i:end]); ok {
				line += bytes.Count(text[counted:i], []byte("\n"))
				counted = i
				changed = append(changed, Integer{Line: line, Text: string(text[i:end]), Value: x})
			}
			i = end
		default:
			i++
		}
	}
	return changed
}

// endOfString returns the offset after the string that begins at one.
func endOfString(text []byte, at int) int {
	for at++; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return at
}

// exactDigits is how many digits a float64 holds whatever they are.
const exactDigits = 15

// changes returns the float64 for a number of JSON, and whether that is an
// integer which is another one.
func changes(number []byte) (x float64, ok bool) {
	if len(number) <= exactDigits || bytes.ContainsAny(number, ".eE") {
		return 0, false
	}
	x, err := strconv.ParseFloat(string(number), 64)
	if err != nil {
		return 0, false
	}
	exact, ok := new(big.Int).SetString(string(number), 10)
	return x, ok && differs(exact, x)
}
