package native

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/emitter"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/position"
)

func parseJSON(c eval.Call, args []string) (any, error) {
	text := []byte(args[0])
	v, err := document.JSON(c.Context(), text, document.Options{Doubles: true})
	if err != nil {
		return nil, jsonError(args[0], err)
	}
	warnOfIntegers(c, document.Changed(text))
	return v, nil
}

// jsonError adds the position in text to an error of encoding/json.
func jsonError(text string, err error) error {
	var syntax *json.SyntaxError
	var number *json.UnmarshalTypeError
	var interrupted *document.Interrupted
	switch {
	case errors.As(err, &interrupted):
		return interrupted.Err
	case errors.As(err, &syntax):
		at := position.At("", []byte(text), max(syntax.Offset-1, 0))
		return fmt.Errorf("line %d, column %d: %w", at.Line, at.Column, err)
	case errors.As(err, &number):
		return fmt.Errorf("%s: out of range", number.Value)
	}
	return err
}

// maxIndent is far beyond any use and keeps the output of deep values small.
const maxIndent = 16

func manifestJSON(c eval.Call, args []any) (any, error) {
	text, err := stringArgument("json", args[0])
	if err != nil {
		return nil, err
	}
	indent, ok := args[1].(float64)
	if !ok || indent != math.Trunc(indent) || indent < 0 || indent > maxIndent {
		return nil, wrongType("argument indent", fmt.Sprintf("a whole number from 0 to %d", maxIndent), args[1])
	}
	text = strings.TrimSpace(text)
	out, err := document.Indent(c.Context(), []byte(text), strings.Repeat(" ", int(indent)))
	if err != nil {
		return nil, jsonError(text, err)
	}
	if err := budget.Of(c.Context()).Reserve(uint64(len(out))); err != nil {
		return nil, err
	}
	return string(append(out, '\n')), nil
}

// manifestYAML returns the function that writes JSON as YAML in a style.
func manifestYAML(style emitter.Style) eval.Native {
	return ofStrings("manifestYamlFromJson", func(c eval.Call, args []string) (any, error) {
		text := []byte(args[0])
		v, err := document.JSON(c.Context(), text, document.Options{Doubles: true})
		if err != nil {
			return nil, jsonError(args[0], err)
		}
		changed := document.Changed(text)
		if len(changed) > 0 && !style.Exponents {
			// YAML can hold them up to 64 bits.
			if v, err = numbers(c, args[0]); err != nil {
				return nil, err
			}
			changed = slices.DeleteFunc(changed, func(i document.Integer) bool { return math.Abs(i.Value) <= math.MaxUint64 })
		}
		warnOfIntegers(c, changed)
		out, err := emitter.Marshal(c.Context(), v, style)
		if err == nil {
			err = budget.Of(c.Context()).Reserve(uint64(len(out)))
		}
		if err != nil {
			return nil, err
		}
		return string(out), nil
	}, "json")
}

// numbers returns the value of a text of JSON with its numbers as they are written.
func numbers(c eval.Call, text string) (any, error) {
	var v any
	var wrong error
	err := budget.Away(c.Context(), func() {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		wrong = decoder.Decode(&v)
	})
	if err != nil {
		return nil, err
	}
	return v, wrong
}

func sha256Hex(c eval.Call, args []string) (any, error) {
	b := budget.Of(c.Context())
	hash := sha256.New()
	for rest := args[0]; rest != ""; {
		n := min(len(rest), 1<<20)
		// A hash never fails.
		_, _ = hash.Write([]byte(rest[:n]))
		rest = rest[n:]
		if err := b.Err(); err != nil {
			return nil, err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
