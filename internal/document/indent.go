package document

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/mop-platform/mop/internal/budget"
)

// Indent returns a JSON text as [json.Indent] writes it, without a prefix and within the
// budget of ctx. The error is that of json.Indent or of the budget.
func Indent(ctx context.Context, text []byte, indent string) ([]byte, error) {
	size := indentedSize(text, len(indent))
	b := budget.Of(ctx)
	if err := b.Reserve(size); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	// A text that is no JSON fails before much is written.
	out.Grow(int(min(size, 1<<30)))
	if size < largeText {
		err := json.Indent(&out, text, "", indent)
		return out.Bytes(), err
	}
	var wrong error
	if err := budget.Away(ctx, func() { wrong = json.Indent(&out, text, "", indent) }); err != nil {
		return nil, err
	}
	return out.Bytes(), wrong
}

// largeText is the size of a text that takes some milliseconds to write.
const largeText = 1 << 20

// indentedSize returns the size of a JSON text that is indented by steps of n bytes, or a
// little more.
func indentedSize(text []byte, n int) uint64 {
	size, depth := uint64(len(text))+1, uint64(0)
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = endOfString(text, i) - 1
		case '[', '{':
			depth++
			size += 1 + depth*uint64(n)
		case ',':
			size += 1 + depth*uint64(n)
		case ']', '}':
			depth -= min(depth, 1)
			size += 1 + depth*uint64(n)
		case ':':
			size++
		}
	}
	return size
}
