// Package emitter writes values as YAML. Equal values have equal bytes, which mean the same
// to every reader.
//
// The bytes are those of the libraries that Kubernetes' tools and Tanka use,
// go.yaml.in/yaml v2 and v3, with two exceptions. The keys of an object have one order,
// whereas those libraries have several. Text that some reader takes for something else is
// quoted, such as a key << for a merge or a text 0o17 for a number.
package emitter

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/mop-platform/mop/internal/budget"
)

// Style says how values are written.
type Style struct {
	// Wide indents by four spaces, elements of arrays too, and does not break long lines,
	// as yaml.v3 does. Otherwise the indent is two, with none for arrays in objects, and
	// lines break at spaces beyond column 80, as in yaml.v2.
	Wide bool
	// Exponents writes floats of a million and more with an exponent, 1e+06. Otherwise
	// whole numbers are written as integers if 64 bits hold them.
	Exponents bool
}

// Marshal returns v as one YAML document with a final newline. v has the types of
// encoding/json, and may also hold int, int64, uint64 and json.Number. A byte that is not
// UTF-8 is written as U+FFFD. Other types, infinities and NaN are an error, and so is text
// beyond the budget of ctx.
func Marshal(ctx context.Context, v any, style Style) ([]byte, error) {
	e := emitter{ctx: ctx, budget: budget.Of(ctx), style: style, step: 2, width: 80, spaced: true, fresh: true, last: true}
	if style.Wide {
		e.step, e.width, e.relation.lettersFirst = 4, math.MaxInt, true
	}
	e.node(v, -1, root)
	if e.err != nil {
		return nil, e.err
	}
	e.indent(0)
	return e.out, nil
}

// emitter writes one document. It follows the state machine of libyaml, of which both
// libraries are translations, as far as JSON values need it.
type emitter struct {
	ctx      context.Context
	budget   *budget.Budget
	style    Style
	relation relation
	// step is the indent, width the column beyond which lines break.
	step, width int
	out         []byte
	// column counts the characters of the line.
	column int
	// spaced says that the next text needs no space before it. fresh says that the line has
	// only indentation, and indicators that count as such.
	spaced, fresh bool
	// last says that nothing follows the node.
	last bool
	// asked is the length of out when the budget was asked last. After an error, out does
	// not matter.
	asked int
	err   error
}

const (
	// askEvery is how many bytes are written between two questions to the budget.
	askEvery = 64 << 10
	// manyKeys is a number of keys that takes long to sort.
	manyKeys = 32 << 10
)

// wrote asks the budget once for every askEvery bytes of output, and makes room in out.
func (e *emitter) wrote() {
	if len(e.out)-e.asked < askEvery || e.err != nil {
		return
	}
	e.asked = len(e.out)
	if e.err = e.budget.Err(); e.err == nil && cap(e.out)-len(e.out) < 2*askEvery {
		if e.err = e.budget.Reserve(2 * uint64(cap(e.out))); e.err == nil {
			e.out = slices.Grow(e.out, cap(e.out))
		}
	}
}

// sort sorts the keys of an object. If it fails, the keys must not be used again, because a
// goroutine may still move them.
func (e *emitter) sort(keys []string) {
	if len(keys) < manyKeys {
		e.relation.sort(keys)
		return
	}
	relation := e.relation
	if err := budget.Away(e.ctx, func() { relation.sort(keys) }); err != nil && e.err == nil {
		e.err = err
	}
}

// place is the place of a node.
type place int

const (
	root place = iota
	element
	simpleKey    // a key on one line with its colon
	longKey      // a key that needs lines of its own
	mixedLongKey // a long key that goccy/go-yaml may take for another of its object
	// The value of a simple key or of a long key. The value of a long key that is no
	// literal has a place of its own.
	field
	longField
	quotedLongField
)

// node writes v. indent is the indent of the collection around it, -1 for the root.
func (e *emitter) node(v any, indent int, at place) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			e.write("{}", true, false)
			return
		}
		e.object(v, e.deeper(indent, at, 0))
	case []any:
		switch {
		case len(v) == 0:
			e.write("[]", true, false)
		case at == field && !e.style.Wide:
			e.array(v, indent) // the - suffices as indent
		default:
			e.array(v, e.deeper(indent, at, 0))
		}
	case string:
		e.text(v, indent, at)
	default:
		text, err := e.other(v)
		if err != nil && e.err == nil {
			e.err = err
		}
		e.write(text, true, false)
	}
}

// deeper returns the indent of the content of a node at a place. For the root it returns
// outermost.
func (e *emitter) deeper(indent int, at place, outermost int) int {
	switch {
	case indent < 0:
		return outermost
	case !e.style.Wide:
		return indent + e.step
	case at == element:
		return indent + len("- ")
	}
	return (indent + e.step) / e.step * e.step
}

func (e *emitter) object(v map[string]any, indent int) {
	keys := make([]string, 0, len(v))
	for key := range v {
		keys = append(keys, key)
	}
	if e.sort(keys); e.err != nil {
		return
	}
	last := e.last
	similar := -1 // not counted yet
	for i, key := range keys {
		if e.err != nil {
			return
		}
		e.last = false
		e.indent(indent)
		if isSimpleKey(key) {
			e.text(key, indent, simpleKey)
			e.write(":", false, false)
			e.last = last && i == len(keys)-1
			e.node(v[key], indent, field)
			continue
		}
		e.write("?", true, true)
		at := longKey
		if strings.Contains(key, "\n") {
			if similar < 0 {
				similar = similarKeys(keys)
			}
			if similar > 1 {
				at = mixedLongKey
			}
		}
		if e.text(key, indent, at) == literal {
			at = longField
		} else {
			at = quotedLongField
		}
		e.indent(indent)
		e.write(":", true, true)
		e.last = last && i == len(keys)-1
		e.node(v[key], indent, at)
	}
}

// isSimpleKey reports whether the libraries write a key before its colon on one line.
func isSimpleKey(key string) bool { return len(key) <= 128 && !strings.ContainsAny(key, breaks) }

// similarKeys returns how many keys goccy/go-yaml may confuse with a key of several lines
// of the same object, including such keys: it compares the indicators before them.
func similarKeys(keys []string) int {
	n := 0
	for _, key := range keys {
		if strings.Contains(key, "\n") || strings.HasPrefix(key, "|") || strings.HasPrefix(key, "?") {
			n++
		}
	}
	return n
}

func (e *emitter) array(v []any, indent int) {
	last := e.last
	for i, value := range v {
		if e.err != nil {
			return
		}
		e.indent(indent)
		e.write("-", true, true)
		e.last = last && i == len(v)-1
		e.node(value, indent, element)
	}
}

// indent begins a line, unless the current one is still empty, and indents it.
func (e *emitter) indent(n int) {
	if !e.fresh || e.column > n || e.column == n && !e.spaced {
		e.lineBreak()
	}
	e.pad(n)
	e.spaced, e.fresh = true, true
}

// pad writes spaces up to a column.
func (e *emitter) pad(column int) {
	for e.column < column {
		e.out = append(e.out, ' ')
		e.column++
	}
	e.wrote()
}

func (e *emitter) lineBreak() {
	e.out = append(e.out, '\n')
	e.column = 0
}

// write writes an indicator or a word on the line, with a space before it if it needs one.
// indents says that the text counts as indentation.
func (e *emitter) write(text string, space, indents bool) {
	if space && !e.spaced {
		e.out = append(e.out, ' ')
		e.column++
	}
	e.out = append(e.out, text...)
	e.column += utf8.RuneCountInString(text)
	e.spaced, e.fresh = false, e.fresh && indents
	e.wrote()
}

// other returns the text of a value that is neither a collection nor a string.
func (e *emitter) other(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case uint64:
		return strconv.FormatUint(v, 10), nil
	case float64:
		return e.float(v)
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return strconv.FormatInt(n, 10), nil
		}
		if n, err := strconv.ParseUint(v.String(), 10, 64); err == nil {
			return strconv.FormatUint(n, 10), nil
		}
		n, err := v.Float64()
		if err != nil {
			return "", err
		}
		return e.float(n)
	}
	return "", fmt.Errorf("want a value of JSON, got %T", v)
}

func (e *emitter) float(n float64) (string, error) {
	switch {
	case math.IsNaN(n) || math.IsInf(n, 0):
		return "", fmt.Errorf("%v: JSON has no such number", n)
	case !e.style.Exponents && n == math.Trunc(n) && -1<<63 <= n && n < 1<<63:
		return strconv.FormatInt(int64(n), 10), nil
	}
	return strconv.FormatFloat(n, 'g', -1, 64), nil
}
