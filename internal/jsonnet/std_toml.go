package jsonnet

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/internal/jsonnet/internal/notation"
)

// tomlWriter writes TOML as std.manifestTomlEx does.
type tomlWriter struct {
	*evaluator
	indent string
	at     *site
}

func (ev *evaluator) manifestTOML(v value, indent string, at *site) value {
	o, ok := v.ref.(*object)
	if !ok {
		ev.failf(at, "TOML body must be an object. Got %v", v.kind())
	}
	w := tomlWriter{ev, indent, at}
	return text(w.table(o, nil, nil, "", ev.maxStack))
}

// join returns parts with a separator between them.
func (w *tomlWriter) join(separator string, parts ...string) string {
	n := float64(len(separator)) * float64(len(parts))
	for _, p := range parts {
		n += float64(len(p))
	}
	w.reserve(n, w.at)
	return strings.Join(parts, separator)
}

func (w *tomlWriter) quoted(s string) string {
	return w.rewrite(newStr(s), w.at, quotedTwice, notation.Quote).ref.(*str).flat
}

func (w *tomlWriter) check(depth int) {
	if depth <= 0 {
		w.fail(w.at, tooDeep)
	}
	// Each step copies the path, which is as long as the value is deep.
	w.work(1+(w.maxStack-depth)>>4, w.at)
}

// with returns a path with one more step.
func with(path []string, step string) []string { return append(slices.Clip(path), step) }

// table returns the fields of an object: first the values, then the sections.
func (w *tomlWriter) table(o *object, path, indexed []string, margin string, depth int) string {
	w.check(depth)
	var lines []string
	sections := []string{""}
	for _, name := range w.names(o, false) {
		v := w.get(o, name, w.at)
		here := with(indexed, name)
		switch {
		case !w.isSection(v):
			rendered := w.value(v, here, false, "", depth-1)
			lines = append(lines, strings.Split(w.join("", w.key(name), " = ", rendered), "\n")...)
		case v.kind() == objectKind:
			sections = append(sections, w.section(v.ref.(*object), with(path, name), here, margin, depth-1))
		default:
			sections = append(sections, w.sections(v.ref.(*array), with(path, name), here, margin, depth-1))
		}
	}
	first := ""
	if len(lines) > 0 {
		first = margin
	}
	return w.join("", first, w.join(w.join("", "\n", margin), lines...), w.join("\n\n", sections...))
}

// isSection reports whether a value is an object or an array of objects.
func (w *tomlWriter) isSection(v value) bool {
	switch r := v.ref.(type) {
	case *object:
		return true
	case *array:
		for _, t := range r.elements {
			if w.force(t, w.at).kind() != objectKind {
				return false
			}
		}
		return len(r.elements) > 0
	}
	return false
}

func (w *tomlWriter) section(o *object, path, indexed []string, margin string, depth int) string {
	w.check(depth)
	inner := w.join("", margin, w.indent)
	return w.join("", w.heading("[", "]", path, o, margin), w.table(o, path, indexed, inner, depth-1))
}

func (w *tomlWriter) sections(a *array, path, indexed []string, margin string, depth int) string {
	w.check(depth)
	parts := make([]string, len(a.elements))
	inner := w.join("", margin, w.indent)
	for i, t := range a.elements {
		o := t.value.ref.(*object)
		heading := w.heading("[[", "]]", path, o, margin)
		parts[i] = w.join("", heading, w.table(o, path, with(indexed, strconv.Itoa(i)), inner, depth-1))
	}
	return w.join("\n\n", parts...)
}

func (w *tomlWriter) heading(left, right string, path []string, o *object, margin string) string {
	keys := make([]string, len(path))
	for i, step := range path {
		keys[i] = w.key(step)
	}
	end := ""
	if len(w.shapeOf(o).visible) > 0 {
		end = "\n"
	}
	return w.join("", margin, left, w.join(".", keys...), right, end)
}

// value returns the text of a value that is no section.
func (w *tomlWriter) value(v value, indexed []string, inline bool, margin string, depth int) string {
	w.check(depth)
	switch r := v.ref.(type) {
	case *str:
		return w.quoted(w.flat(r, w.at))
	case *array:
		return w.array(r, indexed, inline, margin, depth)
	case *object:
		parts := []string{}
		for _, name := range w.names(r, false) {
			part := w.value(w.get(r, name, w.at), with(indexed, name), true, "", depth-1)
			parts = append(parts, w.join("", w.key(name), " = ", part))
		}
		return w.join("", "{ ", w.join(", ", parts...), " }")
	case *function:
		w.failf(w.at, "Tried to manifest function at %v", indexed)
	}
	if v.ref == nullRef {
		w.failf(w.at, "Tried to manifest \"null\" at %v", indexed)
	}
	if v.isNumber() {
		return string(notation.AppendNumber(nil, v.num))
	}
	return strconv.FormatBool(v.num != 0)
}

func (w *tomlWriter) array(a *array, indexed []string, inline bool, margin string, depth int) string {
	if len(a.elements) == 0 {
		return "[]"
	}
	inner, separator, end := w.join("", margin, w.indent), "\n", ""
	if inline {
		inner, separator, end = "", " ", margin
	}
	parts := make([]string, len(a.elements))
	for i, t := range a.elements {
		parts[i] = w.join("", inner, w.value(w.force(t, w.at), with(indexed, strconv.Itoa(i)), true, "", depth-1))
	}
	return w.join("", "[", separator, w.join(","+separator, parts...), separator, end, "]")
}

// key returns a name, with quotes if it needs them.
func (w *tomlWriter) key(s string) string {
	switch {
	case s == "":
		return "''"
	case notation.IsBareTOML(s):
		return s
	}
	return w.quoted(s)
}
