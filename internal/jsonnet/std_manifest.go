package jsonnet

import (
	"strconv"

	"github.com/mop-platform/mop/internal/jsonnet/internal/notation"
)

// manifestNatives are the functions that write values in some format.
func manifestNatives() []*native {
	return []*native{
		newNative("manifestJsonEx(*value, indent, newline=, key_val_sep=)", func(ev *evaluator, a []value, at *site) value {
			j := jsonWriter{ev, ev.str(a[1], at).String(), "\n", ": ", at}
			if a[2].given() {
				j.newline = ev.str(a[2], at).String()
			}
			if a[3].given() {
				j.colon = ev.str(a[3], at).String()
			}
			return j.manifest(a[0])
		}),
		newNative("manifestJson(*value)", func(ev *evaluator, a []value, at *site) value {
			j := jsonWriter{ev, "    ", "\n", ": ", at}
			return j.manifest(a[0])
		}),
		newNative("manifestJsonMinified(*value)", func(ev *evaluator, a []value, at *site) value {
			j := jsonWriter{ev, "", "", ":", at}
			return j.manifest(a[0])
		}),
		newNative("manifestYamlDoc(*value, indent_array_in_object=, quote_keys=)", manifestYAMLDoc),
		newNative("manifestYamlStream(*value, &indent_array_in_object=, &c_document_end=, &quote_keys=) string", manifestYAMLStream),
		newNative("manifestTomlEx(*value, indent)", func(ev *evaluator, a []value, at *site) value {
			return ev.manifestTOML(a[0], ev.str(a[1], at).String(), at)
		}),
		newNative("manifestToml(*value) string", func(ev *evaluator, a []value, at *site) value {
			return ev.manifestTOML(a[0], "  ", at)
		}),
		newNative("manifestIni(*ini)", manifestINI),
		newNative("manifestPython(*v)", func(ev *evaluator, a []value, at *site) value {
			return ev.finished(ev.appendPython(nil, a[0], at), at)
		}),
		newNative("manifestPythonVars(*conf)", manifestPythonVars),
		newNative("manifestXmlJsonml(*value)", func(ev *evaluator, a []value, at *site) value {
			if _, ok := a[0].ref.(*array); ok {
				if b, ok := ev.appendXML(nil, a[0], at); ok {
					return ev.finished(b, at)
				}
			}
			return ev.written("manifestXmlJsonml", a, at)
		}),
	}
}

const tooDeep = "max manifest depth exceeded, possible infinite recursion"

// jsonWriter writes JSON as std.manifestJsonEx does.
type jsonWriter struct {
	*evaluator
	indent, newline, colon string
	at                     *site
}

func (j *jsonWriter) manifest(v value) value {
	return j.finished(j.append(nil, v, nil, "", j.maxStack), j.at)
}

func (j *jsonWriter) append(b []byte, v value, path []string, margin string, depth int) []byte {
	if depth <= 0 {
		j.fail(j.at, tooDeep)
	}
	j.work(1+len(margin)>>9, j.at)
	b = j.room(b, 2*len(margin)+64, j.at)
	j.descend(j.at)
	defer j.ascend()
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
		return j.appendText(b, j.flat(r, j.at), j.at, notation.EncodedSize, notation.AppendEncoded)
	case *array:
		inner := j.indented(margin)
		b = j.put(append(b, '['), j.at, j.newline)
		for i, t := range r.elements {
			if i > 0 {
				b = j.put(append(b, ','), j.at, j.newline)
			}
			b = append(j.room(b, len(inner)+64, j.at), inner...)
			b = j.append(b, j.force(t, j.at), append(path, strconv.Itoa(i)), inner, depth-1)
		}
		b = j.put(b, j.at, j.newline, margin)
		return append(b, ']')
	case *object:
		inner := j.indented(margin)
		b = j.put(append(b, '{'), j.at, j.newline)
		for i, name := range j.names(r, false) {
			field := j.get(r, name, j.at)
			if i > 0 {
				b = j.put(append(b, ','), j.at, j.newline)
			}
			b = append(j.room(b, len(inner)+64, j.at), inner...)
			b = j.put(j.appendText(b, name, j.at, notation.EncodedSize, notation.AppendEncoded), j.at, j.colon)
			b = j.append(b, field, append(path, name), inner, depth-1)
		}
		b = j.put(b, j.at, j.newline, margin)
		return append(b, '}')
	}
	j.failf(j.at, "tried to manifest function at %s", path)
	return nil
}

// indented returns a margin with one more indent.
func (j *jsonWriter) indented(margin string) string {
	j.reserve(float64(len(margin)+len(j.indent)), j.at)
	return margin + j.indent
}

// manifestINI collects the lines before it writes the values: this gives errors in the
// order of std.jsonnet.
func manifestINI(ev *evaluator, a []value, at *site) value {
	ini := ev.object(a[0], at)
	type line struct {
		name  string
		value *thunk
	}
	var all []line
	body := func(v value) {
		section := ev.object(v, at)
		for _, name := range ev.names(section, false) {
			v := ev.get(section, name, at)
			list, ok := v.ref.(*array)
			if !ok {
				list = &array{elements: []*thunk{ready(v)}}
			}
			for _, t := range list.elements {
				all = append(all, line{name, t})
				ev.work(1, at)
			}
		}
	}
	if ev.has(ini, "main", false) {
		body(ev.get(ini, "main", at))
	}
	sections := ev.object(ev.get(ini, "sections", at), at)
	for _, name := range ev.names(sections, false) {
		all = append(all, line{name: name})
		body(ev.get(sections, name, at))
	}
	var b []byte
	for _, l := range all {
		if l.value == nil {
			b = ev.put(b, at, "[", l.name, "]\n")
			continue
		}
		ev.work(1, at)
		b = ev.put(b, at, l.name, " = ", ev.flat(ev.toString(ev.force(l.value, at), at), at), "\n")
	}
	return ev.finished(b, at)
}

// finished returns a text that has been written.
func (ev *evaluator) finished(b []byte, at *site) value {
	ev.reserve(float64(len(b)), at)
	return text(string(b))
}

func (ev *evaluator) appendPython(b []byte, v value, at *site) []byte {
	depth := ev.depth
	ev.push(at)
	switch r := v.ref.(type) {
	case *object:
		b = append(b, '{')
		for i, name := range ev.names(r, false) {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = ev.put(ev.appendText(b, name, at, notation.QuotedSize, notation.AppendQuoted), at, ": ")
			b = ev.appendPython(b, ev.get(r, name, at), at)
		}
		b = append(b, '}')
	case *array:
		b = append(b, '[')
		for i, t := range r.elements {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = ev.appendPython(b, ev.force(t, at), at)
		}
		b = append(b, ']')
	case *str:
		b = ev.appendText(b, ev.flat(r, at), at, notation.QuotedSize, notation.AppendQuoted)
	case *function:
		ev.fail(at, "cannot manifest function")
	default:
		switch {
		case v.ref == nullRef:
			b = append(b, "None"...)
		case v.ref == numberRef:
			b = notation.AppendNumber(b, v.num)
		case v == trueValue:
			b = append(b, "True"...)
		default:
			b = append(b, "False"...)
		}
	}
	ev.pop(depth)
	return b
}

func manifestPythonVars(ev *evaluator, a []value, at *site) value {
	conf := ev.object(a[0], at)
	var b []byte
	for _, name := range ev.names(conf, false) {
		b = ev.put(b, at, name, " = ")
		b = append(ev.appendPython(b, ev.get(conf, name, at), at), '\n')
	}
	return ev.finished(b, at)
}

// appendXML appends an element of JsonML; ok is false if the value is no such element.
func (ev *evaluator) appendXML(b []byte, v value, at *site) (out []byte, ok bool) {
	if s, ok := v.ref.(*str); ok {
		return ev.put(b, at, ev.flat(s, at)), true
	}
	element, ok := v.ref.(*array)
	if !ok || len(element.elements) == 0 {
		return nil, false
	}
	tag, ok := ev.force(element.elements[0], at).ref.(*str)
	if !ok {
		return nil, false
	}
	depth := ev.depth
	ev.push(at)
	b = ev.put(b, at, "<", ev.flat(tag, at))
	children := element.elements[1:]
	if len(children) > 0 {
		if attributes, ok := ev.force(children[0], at).ref.(*object); ok {
			children = children[1:]
			for _, name := range ev.names(attributes, false) {
				b = ev.put(b, at, " ", name, `="`)
				b = ev.put(b, at, ev.flat(ev.toString(ev.get(attributes, name, at), at), at), `"`)
			}
		}
	}
	b = append(b, '>')
	ok = true
	for i := 0; ok && i < len(children); i++ {
		b, ok = ev.appendXML(b, ev.force(children[i], at), at)
	}
	ev.pop(depth)
	if !ok {
		return nil, false
	}
	return ev.put(b, at, "</", ev.flat(tag, at), ">"), true
}
