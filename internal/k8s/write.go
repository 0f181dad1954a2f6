package k8s

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mop-platform/mop/internal/budget"
)

// list is the function that makes one item a list.
const list = "local list(x) = if std.isArray(x) then x else [x];\n"

// The colons of a field: a visible one is manifested, a hidden one is not.
const visible, hidden = ":", "::"

// index returns the text of an object whose fields have the given names and colons. Each
// field imports file, a format for its name.
func index(names []string, colons, file string) string {
	var b strings.Builder
	b.WriteString("{\n")
	for _, n := range slices.Sorted(slices.Values(names)) {
		fmt.Fprintf(&b, "  %s%s import %s,\n", field(n), colons, literal(fmt.Sprintf(file, n)))
	}
	b.WriteString("}\n")
	return b.String()
}

// kindText returns the text of the file of k. In the file of a part, the function kind
// makes the object for a place in another one; the file itself has no such place. formatted
// says that the text is Jsonnet and that the formatter would not change it. The error is
// that of the budget of ctx.
func (l *library) kindText(ctx context.Context, k kind) (text string, formatted bool, err error) {
	w := writer{library: l, kind: k, meter: budget.Of(ctx).Meter(), names: map[string]bool{}}
	own, rest := k.split()
	part := l.parts[k.Name]
	if part {
		w.line("local kind(at) = {")
	} else {
		w.line("{")
	}
	w.doc("  ", "", "pkg(%s, %s)", w.literal(k.name), w.literal(k.Description))
	w.fields("  ", own, part)
	if part {
		w.odd = w.odd || len(w.names) == 0 // the formatter writes {}
		w.names = map[string]bool{}
		w.name("_at")
		if len(rest) > 0 {
			w.line("  _at(at):: kind(at) + {")
			w.object("    ", rest, part)
			w.line("  },")
		} else {
			w.line("  _at:: kind,")
		}
		w.line("};")
		w.line("kind(function(x) x) + {")
		w.names = map[string]bool{}
	}
	if w.docs {
		w.name("#mixin")
		w.line("  '#mixin':: 'ignore',")
	}
	w.name("mixin")
	w.line("  mixin: self,")
	if len(k.Kinds) > 0 {
		w.constructor()
	}
	w.line("}")

	head := ""
	if l.docs {
		head = "local d = import " + literal(relative(k.file(), "_custom/"+docFile)) + ";\n"
	}
	if w.lists {
		head += list
	}
	if w.ended != nil {
		return "", false, w.ended
	}
	return head + w.text.String(), !w.odd, nil
}

// split returns the properties that can be set on the kind itself, and those that can be
// set only if it is a part of another.
func (k kind) split() (own, rest map[string]Schema) {
	own, rest = maps.Clone(k.Properties), map[string]Schema{}
	for _, name := range []string{"apiVersion", "kind"} {
		p, ok := own[name]
		if ok && (name == "apiVersion" || len(k.Kinds) > 0) {
			rest[name] = p
			delete(own, name)
		}
	}
	return own, rest
}

// writer writes the file of one kind.
type writer struct {
	*library
	kind  kind
	text  strings.Builder
	lists bool // whether list is used
	meter budget.Meter
	ended error // why no more is written
	// names are the names of the fields of the object in work.
	names map[string]bool
	// odd says that the text may be no Jsonnet, or that the formatter may change it.
	odd bool
}

// name notes that the object in work has a field of a name.
func (w *writer) name(name string) {
	if w.names[name] || strings.ContainsAny(name, "'\"\\") {
		w.odd = true
	}
	w.names[name] = true
}

// literal is the function [literal]. The formatter may write special characters otherwise.
func (w *writer) literal(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool {
		return !unicode.IsPrint(r) && !strings.ContainsRune("\n\t\r", r) || r == utf8.RuneError
	}) {
		w.odd = true
	}
	return literal(s)
}

// field is the function [field], with the same reservation.
func (w *writer) field(name string) string {
	w.literal(name)
	return field(name)
}

func (w *writer) line(format string, args ...any) {
	if w.ended != nil {
		return
	}
	before := w.text.Len()
	fmt.Fprintf(&w.text, format+"\n", args...)
	w.ended = w.meter.Work(w.text.Len() - before)
}

// doc writes the documentation of a field, as a call of a function in docFile.
func (w *writer) doc(indent, name, format string, args ...any) {
	if w.docs {
		w.name("#" + name)
		w.line("%s'#%s':: d.%s,", indent, name, fmt.Sprintf(format, args...))
	}
}

// function writes a function that sets a property, whose schema is s.
func (w *writer) function(indent, name, parameter string, s Schema, body string) {
	typ := cmp.Or(s.Type, "any")
	if typ == "boolean" {
		typ = "bool"
	}
	w.doc(indent, name, "fn(%s, [d.arg(%s, %s)])", w.literal(s.Description), w.literal(parameter), w.literal(typ))
	w.name(name)
	w.line("%s%s(%s): %s,", indent, name, parameter, body)
}

// object writes the fields of a new object: see [writer.fields].
func (w *writer) object(indent string, properties map[string]Schema, at bool) {
	outer := w.names
	w.names = map[string]bool{}
	w.fields(indent, properties, at)
	w.odd = w.odd || len(w.names) == 0 // the formatter writes {}
	w.names = outer
}

// fields writes the functions that set the properties of an object. If at is set, the local
// at holds the function that puts the object in its place; otherwise the object is
// outermost.
func (w *writer) fields(indent string, properties map[string]Schema, at bool) {
	for _, name := range settable(properties) {
		if w.ended != nil {
			return
		}
		s := properties[name]
		place := func(object string) string {
			if at {
				return "at(" + object + ")"
			}
			return object
		}
		inside := place("{ " + w.field(name) + "+: x }")
		target, value := w.resolve(s)
		switch part, ok := w.library.kind(target); {
		case ok && !w.leadsTo(s, w.kind.Name, map[string]bool{}):
			w.doc(indent, name, "obj(%s)", w.literal(s.Description))
			w.name(name)
			w.line("%s%s: (import %s)._at(function(x) %s),", indent, w.field(name), literal(relative(w.kind.file(), part.file())), inside)
		case s.Ref == "" && len(s.Properties) > 0:
			w.doc(indent, name, "obj(%s)", w.literal(s.Description))
			w.name(name)
			w.odd = true // the formatter indents the object further
			w.line("%s%s: (function(at) {", indent, w.field(name))
			w.object(indent+"  ", s.Properties, true)
			w.line("%s})(function(x) %s),", indent, inside)
		default:
			w.setters(indent, name, value, place)
			if s.Items != nil && s.Items.Ref == "" && len(s.Items.Properties) > 0 {
				// These functions set the properties of an item alone.
				w.doc(indent, name, "obj(%s)", w.literal(s.Items.Description))
				w.name(name)
				w.line("%s%s: {", indent, w.field(name))
				w.object(indent+"  ", s.Items.Properties, false)
				w.line("%s},", indent)
			}
		}
	}
}

// setters writes the functions that set a property.
func (w *writer) setters(indent, name string, s Schema, place func(string) string) {
	function, parameter := "with"+upperFirst(camelCase(name)), parameter(name)
	argument := parameter
	if s.Type == "array" {
		w.lists = true
		argument = "list(" + parameter + ")"
	}
	w.function(indent, function, parameter, s, place(fmt.Sprintf("{ %s: %s }", w.field(name), argument)))
	if s.Type == "array" || s.Type == "object" {
		w.function(indent, function+"Mixin", parameter, s, place(fmt.Sprintf("{ %s+: %s }", w.field(name), argument)))
	}
}

// constructor writes the function new.
func (w *writer) constructor() {
	name := w.kind.Kinds[0]
	w.name("new")
	w.doc("  ", "new", "fn(%s, [d.arg('name', 'string')])", w.literal("new returns a "+name.Kind+"."))
	metadata := ""
	if _, ok := w.kind.Properties["metadata"]; ok {
		metadata = ", metadata: { name: name }"
	}
	w.line("  new(name): { apiVersion: %s, kind: %s%s },", w.literal(name.apiVersion()), w.literal(name.Kind), metadata)
}

// resolve returns the definition to which s refers, if it does, and the schema of the
// value.
func (l *library) resolve(s Schema) (Definition, Schema) {
	if s.Ref == "" {
		return Definition{}, s
	}
	target := l.definitions[s.target()]
	value := target.Schema
	if s.Description != "" {
		value.Description = s.Description
	}
	return target, value
}

// leadsTo reports whether s is the named definition or has it as a part. A definition
// inside itself would have no end. seen holds the definitions that do not lead there or are
// being followed.
func (l *library) leadsTo(s Schema, name string, seen map[string]bool) bool {
	if s.Ref != "" {
		if s.target() == name {
			return true
		}
		if seen[s.target()] {
			return false
		}
		seen[s.target()] = true
		s = l.definitions[s.target()].Schema
	}
	return slices.ContainsFunc(settable(s.Properties), func(property string) bool {
		return l.leadsTo(s.Properties[property], name, seen)
	})
}

// relative returns the path of one file of the library relative to another.
func relative(from, to string) string {
	rel, err := filepath.Rel(filepath.Dir(from), to)
	if err != nil {
		panic("k8s: files of the library are relative: " + err.Error())
	}
	return filepath.ToSlash(rel)
}
