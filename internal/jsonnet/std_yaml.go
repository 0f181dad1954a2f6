package jsonnet

import (
	"strconv"

	"github.com/mop-platform/mop/internal/jsonnet/internal/notation"
)

// yamlWriter writes YAML as std.manifestYamlDoc does.
type yamlWriter struct {
	*evaluator
	// indentArrays indents arrays in objects. quoteKeys quotes all names.
	indentArrays, quoteKeys bool
	at                      *site
}

func manifestYAMLDoc(ev *evaluator, a []value, at *site) value {
	y := yamlWriter{ev, a[1].given() && ev.boolean(a[1], at), !a[2].given() || ev.boolean(a[2], at), at}
	return ev.finished(y.append(nil, a[0], "", ev.maxStack), at)
}

func manifestYAMLStream(ev *evaluator, a []value, at *site) value {
	documents, ok := a[0].ref.(*array)
	if !ok {
		return ev.written("manifestYamlStream", a, at)
	}
	b := []byte("---\n")
	for i, t := range documents.elements {
		if i > 0 {
			b = append(b, "\n---\n"...)
		}
		// The other arguments are evaluated after the first document.
		v := ev.force(t, at)
		indent, quote := ev.argument(a[1], at), ev.argument(a[3], at)
		y := yamlWriter{ev, indent.given() && ev.boolean(indent, at), !quote.given() || ev.boolean(quote, at), at}
		b = y.append(b, v, "", ev.maxStack)
	}
	if end := ev.argument(a[2], at); !end.given() || ev.boolean(end, at) {
		return ev.finished(append(b, "\n...\n"...), at)
	}
	return ev.finished(append(b, '\n'), at)
}

func (y *yamlWriter) append(b []byte, v value, margin string, depth int) []byte {
	if depth <= 0 {
		y.fail(y.at, tooDeep)
	}
	y.work(1+len(margin)>>9, y.at)
	b = y.room(b, len(margin)+64, y.at)
	y.descend(y.at)
	defer y.ascend()
	switch r := v.ref.(type) {
	case *scalar:
		switch {
		case v.ref == nullRef:
			return append(b, "null"...)
		case v.ref == numberRef:
			return notation.AppendShortest(b, v.num)
		}
		return strconv.AppendBool(b, v.num != 0)
	case *str:
		y.work(r.bytes>>9, y.at)
		return y.appendString(b, y.flat(r, y.at), margin)
	case *array:
		return y.appendArray(b, r, margin, depth)
	case *object:
		return y.appendObject(b, r, margin, depth)
	}
	// As in go-jsonnet, nothing is written for a function.
	return b
}

func (y *yamlWriter) appendString(b []byte, s, margin string) []byte {
	size := notation.QuotedSize
	if len(margin) > 0 && notation.IsBlock(s) {
		size = func(s string) int { return notation.BlockSize(s, margin) }
		b = y.room(b, size(s), y.at)
	}
	return y.appendText(b, s, y.at, size, func(b []byte, s string) []byte { return notation.AppendYAML(b, s, margin) })
}

func newLine(b []byte, margin string) []byte { return append(append(b, '\n'), margin...) }

func (y *yamlWriter) appendArray(b []byte, a *array, margin string, depth int) []byte {
	if len(a.elements) == 0 {
		return append(b, "[]"...)
	}
	for i, t := range a.elements {
		if i > 0 {
			b = newLine(b, margin)
		}
		v := y.force(t, y.at)
		b = append(b, '-')
		inner := margin
		switch r := v.ref.(type) {
		case *array:
			inner += notation.YAMLIndent
			if len(r.elements) > 0 {
				b = newLine(b, inner)
			} else {
				b = append(b, ' ')
			}
		case *object:
			inner += notation.YAMLIndent
			b = append(b, ' ')
		default:
			b = append(b, ' ')
		}
		b = y.append(b, v, inner, depth-1)
	}
	return b
}

func (y *yamlWriter) appendObject(b []byte, o *object, margin string, depth int) []byte {
	names := y.names(o, false)
	if len(names) == 0 {
		return append(b, "{}"...)
	}
	for i, name := range names {
		v := y.get(o, name, y.at)
		if i > 0 {
			b = newLine(b, margin)
		}
		if y.quoteKeys || !notation.IsBareYAML(name) {
			b = y.appendText(b, name, y.at, notation.QuotedSize, notation.AppendQuoted)
		} else {
			b = y.put(b, y.at, name)
		}
		b = append(b, ':')
		inner := margin
		switch r := v.ref.(type) {
		case *array:
			if len(r.elements) > 0 {
				if y.indentArrays {
					inner += notation.YAMLIndent
				}
				b = newLine(b, inner)
			} else {
				b = append(b, ' ')
			}
		case *object:
			if len(y.shapeOf(r).visible) > 0 {
				inner += notation.YAMLIndent
				b = newLine(b, inner)
			} else {
				b = append(b, ' ')
			}
		default:
			b = append(b, ' ')
		}
		b = y.append(b, v, inner, depth-1)
	}
	return b
}
