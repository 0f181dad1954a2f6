package jsonnet

import (
	"strconv"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/jsonnet/internal/notation"
)

// style is the layout of JSON.
type style struct {
	// multiline puts each element and field on its own line.
	multiline bool
	// indent is the indentation of one level.
	indent string
	// emptyArray and emptyObject are the texts of empty values. comma and colon are the texts
	// after an element or field, and after a name.
	emptyArray, emptyObject string
	comma, colon            string
}

var (
	// outputStyle is the style of the result of a program.
	outputStyle = style{multiline: true, indent: "   ", emptyArray: "[ ]", emptyObject: "{ }", comma: ",\n", colon: ": "}
	// compactStyle is the style of values in strings.
	compactStyle = style{emptyArray: "[ ]", emptyObject: "{ }", comma: ", ", colon: ": "}
)

// unwritable is the message about a function that should be written as JSON.
const unwritable = "couldn't manifest function as JSON"

var checkingAssertions = stage("Checking object assertions")

// appendJSON appends a value as JSON.
func (ev *evaluator) appendJSON(b []byte, v value, s style, at *site) []byte {
	m := manifester{evaluator: ev, style: s}
	return m.append(b, v, at)
}

type manifester struct {
	*evaluator
	style
	// margin is the indentation of the current level.
	margin []byte
	// sites are the sites of the fields and elements that lead to the current one. Sites
	// beyond the length of the slice are reused.
	sites []*site
}

// within returns a site for the elements or fields of the current value. It is valid until
// the value ends.
func (m *manifester) within(s step) *site {
	n := len(m.sites)
	if n < cap(m.sites) {
		m.sites = m.sites[:n+1]
	} else {
		m.sites = append(m.sites, nil)
	}
	if m.sites[n] == nil {
		m.sites[n] = &site{}
	}
	m.sites[n].begin.column = int32(s)
	return m.sites[n]
}

func (m *manifester) append(b []byte, v value, at *site) []byte {
	depth := m.depth
	m.push(at)
	b = m.room(b, 2*len(m.margin)+64, at)
	switch r := v.ref.(type) {
	case *scalar:
		switch {
		case v.ref == nullRef:
			b = append(b, "null"...)
		case v.ref == numberRef:
			b = notation.AppendNumber(b, v.num)
		default:
			b = strconv.AppendBool(b, v.num != 0)
		}
	case *str:
		b = m.appendText(b, m.flat(r, at), at, notation.QuotedSize, notation.AppendQuoted)
	case *array:
		b = m.appendArray(b, r, at)
	case *object:
		b = m.appendObject(b, r, at)
	default:
		m.failWith(nil, unwritable, Error{Code: failure.FunctionValue})
	}
	m.pop(depth)
	return b
}

// appendText appends a text with f, which appends at most size(s) bytes.
func (ev *evaluator) appendText(b []byte, s string, at *site, size func(string) int, f func(b []byte, s string) []byte) []byte {
	if len(s) < largeString/8 {
		if 8*len(s)+64 > cap(b)-len(b) {
			b = ev.room(b, size(s), at)
		}
		return f(b, s)
	}
	n := ev.reserveFor(s, at, size)
	grown := ev.room(b, n, at)
	if len(s) < largeString {
		return f(grown, s)
	}
	var out []byte
	ev.away(len(s), at, func() { out = f(grown, s) })
	return out
}

// put appends texts unchanged.
func (ev *evaluator) put(b []byte, at *site, texts ...string) []byte {
	n := 0
	for _, s := range texts {
		n += len(s)
	}
	b = ev.room(b, n, at)
	for _, s := range texts {
		b = append(b, s...)
	}
	return b
}

func (m *manifester) appendArray(b []byte, a *array, at *site) []byte {
	if len(a.elements) == 0 {
		return append(b, m.emptyArray...)
	}
	b = m.open(b, '[')
	here := m.within(atElement)
	for i, t := range a.elements {
		if i > 0 {
			b = append(b, m.comma...)
		}
		here.begin.line = int32(i)
		b = append(m.room(b, len(m.margin)+64, here), m.margin...)
		b = m.append(b, m.force(t, here), here)
	}
	return m.end(b, ']')
}

func (m *manifester) appendObject(b []byte, o *object, at *site) []byte {
	m.assert(o, checkingAssertions)
	shape := m.shapeOf(o)
	if len(shape.visible) == 0 {
		return append(b, m.emptyObject...)
	}
	b = m.open(b, '{')
	here := m.within(atField)
	for i, e := range shape.visible {
		if i > 0 {
			b = append(b, m.comma...)
		}
		entry := &shape.entries[e]
		here.context = &entry.name
		b = append(m.room(b, len(m.margin)+len(entry.name)+64, here), m.margin...)
		b = m.appendText(b, entry.name, here, notation.QuotedSize, notation.AppendQuoted)
		b = append(b, m.colon...)
		w, _ := m.find(o, 0, entry.name)
		b = m.append(b, m.fieldAt(o, w, here), here)
	}
	return m.end(b, '}')
}

func (m *manifester) open(b []byte, c byte) []byte {
	b = append(b, c)
	if m.multiline {
		b = append(b, '\n')
		m.margin = append(m.margin, m.indent...)
	}
	return b
}

func (m *manifester) end(b []byte, c byte) []byte {
	m.sites = m.sites[:len(m.sites)-1]
	if m.multiline {
		m.margin = m.margin[:len(m.margin)-len(m.indent)]
		b = append(b, '\n')
		b = append(b, m.margin...)
	}
	return append(b, c)
}

// expansion is the memory that a Go value takes when it is written.
type expansion struct{ bytes, next int }

// copies is how many copies of a written value are in memory, because it is written in
// steps.
const copies = 4

// show notes a text of a Go value, and fails if there is no memory to write the value.
// Before it is written, a text that occurs many times takes memory only once.
func (ev *evaluator) show(s string, at *site) {
	n := len(s)
	if n > 4096 {
		n = notation.QuotedSize(s)
	}
	ev.expanded.bytes += n
	if ev.expanded.bytes > ev.expanded.next {
		ev.within(ev.bounds.Reserve(copies*uint64(ev.expanded.bytes)), at)
		ev.expanded.next = max(largeString, ev.expanded.bytes/4*5)
	}
}

// toGo returns a value as nil, bool, float64, string, []any or map[string]any.
func (ev *evaluator) toGo(v value, at *site) any {
	depth := ev.depth
	ev.push(at)
	var out any
	switch r := v.ref.(type) {
	case *scalar:
		switch {
		case v.ref == numberRef:
			out = v.num
		case v.ref == booleanRef:
			out = v.num != 0
		}
	case *str:
		flat := ev.flat(r, at)
		ev.show(flat, at)
		out = flat
	case *array:
		ev.reserve(16*float64(len(r.elements)), at)
		list := make([]any, len(r.elements))
		here := newStep(atElement, nil)
		for i, t := range r.elements {
			here.begin.line = int32(i)
			list[i] = ev.toGo(ev.force(t, here), here)
		}
		out = list
	case *object:
		ev.assert(r, checkingAssertions)
		shape := ev.shapeOf(r)
		ev.reserve(thunkBytes*float64(len(shape.visible)), at)
		fields := make(map[string]any, len(shape.visible))
		here := newStep(atField, nil)
		for _, e := range shape.visible {
			entry := &shape.entries[e]
			here.context = &entry.name
			ev.show(entry.name, here)
			w, _ := ev.find(r, 0, entry.name)
			fields[entry.name] = ev.toGo(ev.fieldAt(r, w, here), here)
		}
		out = fields
	default:
		ev.failWith(nil, unwritable, Error{Code: failure.FunctionValue})
	}
	ev.pop(depth)
	return out
}

// fromGo returns the value of the result of a native function.
func (ev *evaluator) fromGo(v any, at *site) value {
	switch v := v.(type) {
	case nil:
		return null
	case bool:
		return boolean(v)
	case int:
		return number(float64(v))
	case int8:
		return number(float64(v))
	case int16:
		return number(float64(v))
	case int32:
		return number(float64(v))
	case int64:
		return number(float64(v))
	case float64:
		return ev.finite(v, at)
	case string:
		ev.make(stringBytes + len(v))
		return text(validUTF8(v))
	case []any:
		ev.make(stringBytes + thunkBytes*len(v))
		values := make([]value, len(v))
		for i, element := range v {
			values[i] = ev.fromGo(element, at)
		}
		return readyArray(values)
	case map[string]any:
		return ev.fromMap(v, at)
	}
	ev.failf(at, "Not a json type: %#+v", v)
	return value{}
}

func (ev *evaluator) fromMap(m map[string]any, at *site) value {
	ev.make(objectBytes + layerBytes*len(m))
	fields := make([]field, 0, len(m))
	for _, name := range sortedKeys(m) {
		fields = append(fields, constantField(validUTF8(name), ev.fromGo(m[name], at)))
	}
	return newConstantObject(fields)
}
