package document

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"

	kjson "sigs.k8s.io/json"

	"github.com/mop-platform/mop/internal/budget"
)

// JSON returns the value of a JSON text. With [Options.Doubles] it decodes as encoding/json
// does. Otherwise integers that 64 bits hold are int64. The Meaning has no influence. The
// error is that of the decoder, or an [*Interrupted].
func JSON(ctx context.Context, text []byte, o Options) (value any, err error) {
	unmarshal := json.Unmarshal
	if !o.Doubles {
		unmarshal = kjson.UnmarshalCaseSensitivePreserveInts
	}
	if len(text) < largeJSON {
		err := unmarshal(text, &value)
		return value, err
	}
	// The decoder cannot be stopped.
	if err := budget.Of(ctx).Reserve(jsonSize(text)); err != nil {
		return nil, &Interrupted{Line: 1, Err: err}
	}
	var decoded any
	var wrong error
	if stopped := budget.Away(ctx, func() { wrong = unmarshal(text, &decoded) }); stopped != nil {
		return nil, &Interrupted{Line: 1, Err: stopped}
	}
	return decoded, wrong
}

// largeJSON is the size of a text that takes some milliseconds to decode.
const largeJSON = 256 << 10

// jsonSize returns about how many bytes the value of a JSON text takes.
func jsonSize(text []byte) uint64 {
	// Go takes these bytes for a value in an array that has doubled, for the number or the
	// string's header that the value refers to, and for a map with up to eight fields.
	const element, referred, object = 32, 16, 384
	size := uint64(len(text))
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = endOfString(text, i) - 1
		case ',', ':':
			size += element + referred
		case '[':
			size += element + referred
		case '{':
			size += object
		}
	}
	return size
}

// Changed returns the integers of a valid JSON text that a float64 cannot hold, in order.
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

// endOfString returns the offset behind the string that begins at the offset at.
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

// changes returns the float64 for a number of JSON, and whether the number is an integer
// that this changes.
func changes(number []byte) (x float64, ok bool) {
	if len(number) <= exactDigits || bytes.ContainsAny(number, ".eE") {
		return 0, false
	}
	x, err := strconv.ParseFloat(string(number), 64)
	if err != nil {
		return 0, false
	}
	return x, differs(string(number), 10, x)
}
