package native

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/document"
	"github.com/mop-platform/mop/pkg/emitter"
	"github.com/mop-platform/mop/pkg/eval"
)

func parseJSON(c eval.Call, args []string) (any, error) {
	var v any
	text := []byte(args[0])
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, jsonError(args[0], err)
	}
	warnOfIntegers(c, document.Changed(text))
	return v, nil
}

// jsonError says where in text a fault lies that encoding/json has found.
func jsonError(text string, err error) error {
	var syntax *json.SyntaxError
	var number *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at := diag.PositionAt("", []byte(text), max(syntax.Offset-1, 0))
		return fmt.Errorf("line %d, column %d: %w", at.Line, at.Column, err)
	case errors.As(err, &number):
		return fmt.Errorf("%s: out of range", number.Value)
	}
	return err
}

// maxIndent is far beyond any use and keeps the output of deep values small.
const maxIndent = 16

func manifestJSON(_ eval.Call, args []any) (any, error) {
	text, err := stringArgument("json", args[0])
	if err != nil {
		return nil, err
	}
	indent, ok := args[1].(float64)
	if !ok || indent != math.Trunc(indent) || indent < 0 || indent > maxIndent {
		return nil, wrongType("argument indent", fmt.Sprintf("a whole number from 0 to %d", maxIndent), args[1])
	}
	text = strings.TrimSpace(text)
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(text), "", strings.Repeat(" ", int(indent))); err != nil {
		return nil, jsonError(text, err)
	}
	return b.String() + "\n", nil
}

// manifestYAML returns the function that writes JSON as YAML in a style.
func manifestYAML(style emitter.Style) eval.Native {
	return ofStrings("manifestYamlFromJson", func(c eval.Call, args []string) (any, error) {
		v, err := parseJSON(eval.Call{}, args)
		if err != nil {
			return nil, err
		}
		changed := document.Changed([]byte(args[0]))
		if len(changed) > 0 && !style.Exponents {
			// YAML can hold them, to 64 bits.
			decoder := json.NewDecoder(strings.NewReader(args[0]))
			decoder.UseNumber()
			if err := decoder.Decode(&v); err != nil {
				return nil, err
			}
			changed = slices.DeleteFunc(changed, func(i document.Integer) bool { return math.Abs(i.Value) <= math.MaxUint64 })
		}
		warnOfIntegers(c, changed)
		text, err := emitter.Marshal(v, style)
		return string(text), err
	}, "json")
}

func escapeRegex(_ eval.Call, args []string) (any, error) { return regexp.QuoteMeta(args[0]), nil }

func regexMatch(_ eval.Call, args []string) (any, error) {
	re, err := regexp.Compile(args[0])
	if err != nil {
		return nil, err
	}
	return re.MatchString(args[1]), nil
}

func regexSubst(_ eval.Call, args []string) (any, error) {
	re, err := regexp.Compile(args[0])
	if err != nil {
		return nil, err
	}
	return re.ReplaceAllString(args[1], args[2]), nil
}

func sha256Hex(_ eval.Call, args []string) (any, error) {
	sum := sha256.Sum256([]byte(args[0]))
	return hex.EncodeToString(sum[:]), nil
}
