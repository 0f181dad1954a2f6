package plain

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/pattern"
)

// PathText returns a path as Jsonnet spells the access, without a leading dot:
// policies.tempo, items[0], ["a.b"].c. Different paths have different texts. The empty path
// is ".".
func PathText(p []any) string {
	if len(p) == 0 {
		return "."
	}
	var b strings.Builder
	for i, step := range p {
		switch step := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		case string:
			if !plainField(step) {
				b.WriteString("[" + Quote(step) + "]")
				continue
			}
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
	}
	return b.String()
}

// ParsePath reads a path as [PathText] writes it. It also accepts a dot before the first
// field, single quotes, and behind a dot any name without a dot, bracket or quote:
// .metadata.labels['a.b'], data.my-key.
func ParsePath(text string) ([]any, error) {
	if text == "." {
		return nil, nil
	}
	var path []any
	for rest := text; rest != ""; {
		var step any
		var err error
		if rest[0] == '[' {
			step, rest, err = parseBracket(rest)
		} else {
			step, rest, err = parseField(rest, len(path) > 0)
		}
		if err != nil {
			return nil, fmt.Errorf("path %s: %w", text, err)
		}
		path = append(path, step)
	}
	if path == nil {
		return nil, fmt.Errorf("want a path such as spec.ports[0], got %s", message.Quote(text))
	}
	return path, nil
}

// parseField reads a field's name and the dot before it, which only the first step may
// leave out.
func parseField(text string, needDot bool) (name, rest string, err error) {
	name, dot := strings.CutPrefix(text, ".")
	if needDot && !dot {
		return "", "", fmt.Errorf("want a dot or [, got %s", message.Quote(text))
	}
	if end := strings.IndexAny(name, `.[]"'`); end >= 0 {
		name, rest = name[:end], name[end:]
	}
	if name == "" {
		return "", "", fmt.Errorf("want a field's name, got %s", message.Quote(text))
	}
	return name, rest, nil
}

// parseBracket reads an index or a quoted name in brackets.
func parseBracket(text string) (step any, rest string, err error) {
	inner := text[1:]
	if strings.HasPrefix(inner, `"`) {
		dec := json.NewDecoder(strings.NewReader(inner))
		var name string
		if err := dec.Decode(&name); err != nil {
			return nil, "", fmt.Errorf("want a quoted name in brackets, got %s", message.Quote(text))
		}
		step, rest = name, inner[dec.InputOffset():]
	} else if quoted, ok := strings.CutPrefix(inner, "'"); ok {
		name, after, ok := strings.Cut(quoted, "'")
		if !ok {
			return nil, "", fmt.Errorf("nothing ends the name in %s", message.Quote(text))
		}
		step, rest = name, after
	} else {
		number, _, _ := strings.Cut(inner, "]")
		index, err := strconv.Atoi(number)
		if err != nil || index < 0 {
			return nil, "", fmt.Errorf("want an index or a quoted name in brackets, got %s", message.Quote(text))
		}
		step, rest = index, inner[len(number):]
	}
	rest, ok := strings.CutPrefix(rest, "]")
	if !ok {
		return nil, "", fmt.Errorf("nothing ends the bracket of %s", message.Quote(text))
	}
	return step, rest, nil
}

var identifier = pattern.New(`^[A-Za-z_][A-Za-z0-9_]*$`)

// keywords are Jsonnet's reserved words, which cannot follow a dot
// (https://jsonnet.org/ref/spec.html, section "Lexing").
var keywords = []string{
	"assert", "else", "error", "false", "for", "function", "if", "import",
	"importbin", "importstr", "in", "local", "null", "self", "super",
	"tailstrict", "then", "true",
}

func plainField(name string) bool {
	return identifier().MatchString(name) && !slices.Contains(keywords, name)
}

// Quote returns name as a string literal that both JSON and Jsonnet read.
func Quote(name string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(name); err != nil {
		panic("plain: a string that JSON cannot encode: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}
