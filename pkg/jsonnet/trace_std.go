package jsonnet

import (
	"slices"
	"strings"

	"github.com/google/go-jsonnet/ast"
)

// value returns the value of an argument, the zero value if it is not given.
func (t *tracer) value(o operand) value {
	switch {
	case o.thunk != nil:
		return t.force(o.thunk, duringManifestation)
	case o.node != nil:
		return o.node.eval(t.evaluator, o.frame)
	}
	return value{}
}

// operand returns the origins of an argument that is passed on.
func (t *tracer) operand(o operand) []Origin {
	switch {
	case o.thunk != nil:
		return t.thunk(o.thunk)
	case o.node != nil && t.step():
		defer t.stepped()
		return t.node(o.node, o.frame, isContainer(t.value(o)))
	}
	return nil
}

// part returns the origins of an argument from which a value is made. For an array or
// object, those are the origins of all values in it.
func (t *tracer) part(o operand) []Origin {
	v := t.value(o)
	if !v.given() {
		return nil
	}
	if !isContainer(v) {
		return PartOf.of(t.operand(o))
	}
	return PartOf.of(t.inside(v, nil))
}

// inside appends the origins of all values in a value.
func (t *tracer) inside(v value, all []Origin) []Origin {
	if len(all) >= mostOrigins || !t.step() {
		return all
	}
	defer t.stepped()
	switch r := v.ref.(type) {
	case *array:
		for _, e := range r.elements {
			if v := t.force(e, duringManifestation); isContainer(v) {
				all = t.inside(v, all)
			} else {
				all = append(all, t.thunk(e)...)
			}
		}
	case *object:
		for _, name := range t.names(r, false) {
			w, _ := t.find(r, 0, name)
			if v := t.fieldAt(r, w, duringManifestation); isContainer(v) {
				all = t.inside(v, all)
			} else {
				all = append(all, t.field(r, w)...)
			}
		}
	}
	return all
}

// container returns the origins of an array or object that a native passes on.
func (t *tracer) container(n *native, a []operand, at *site) []Origin {
	switch n.name {
	case "id", "trace", "get", "extVar":
		return t.native(n, a, at)
	}
	return nil
}

// native returns the origins of the result of a native: those of the argument that it
// passes on, or the place of the call and the arguments that show in the value. path is the
// path of the value in the result of the native.
func (t *tracer) native(n *native, a []operand, at *site, path ...any) []Origin {
	if n.reads() {
		return append(at.origin(), t.parsed(n, a, path)...)
	}
	if n.host {
		return at.origin()
	}
	switch n.name {
	case "id", "prune":
		return t.operand(a[0])
	case "trace":
		return t.operand(a[1])
	case "mergePatch":
		// A patch that is no object is the result.
		return t.operand(a[1])
	case "get":
		return t.getting(a, at)
	case "extVar":
		return t.operand(operand{thunk: t.extVars[t.str(t.value(a[0]), at).String()]})
	case "min", "max":
		return t.extreme(n.name == "max", a)
	case "foldl", "foldr":
		return t.fold(n.name == "foldr", a, at)
	}
	return append(at.origin(), t.madeOf(n, a, at)...)
}

// madeOf returns the origins of the arguments that show in the result of a native.
func (t *tracer) madeOf(n *native, a []operand, at *site) []Origin {
	switch n.name {
	case "mod", "format":
		return t.formatted(a, at)
	case "join":
		return t.joined(a)
	case "strReplace":
		found := t.part(a[0])
		if strings.Contains(t.str(t.value(a[0]), at).String(), t.str(t.value(a[1]), at).String()) {
			found = append(found, t.part(a[2])...)
		}
		return found
	case "lines", "deepJoin", "sum",
		"toString", "asciiLower", "asciiUpper", "char", "codepoint",
		"escapeStringJson", "escapeStringPython", "escapeStringBash", "escapeStringDollars", "escapeStringXML",
		"trim", "stripChars", "lstripChars", "rstripChars", "repeat",
		"base64", "base64Decode", "decodeUTF8", "md5", "sha1", "sha256", "sha512", "sha3",
		"manifestJson", "manifestJsonMinified", "manifestYamlDoc", "manifestYamlStream", "manifestToml",
		"manifestIni", "manifestPython", "manifestPythonVars", "manifestXmlJsonml", "manifestJsonEx", "manifestTomlEx",
		"parseInt", "parseOctal", "parseHex",
		"abs", "floor", "ceil", "round":
		return t.part(a[0])
	case "split", "splitLimit", "splitLimitR", "stringChars", "substr", "base64DecodeBytes", "encodeUTF8":
		found, _ := t.text(a[0])
		return PartOf.of(found)
	}
	return nil
}

// getting returns the origins of the result of std.get.
func (t *tracer) getting(a []operand, at *site) []Origin {
	o, name := t.object(t.value(a[0]), at), t.str(t.value(a[1]), at).String()
	hide, ok := t.visibility(o, name)
	hidden := t.value(a[3])
	if ok && (!hidden.given() || hidden.num != 0 || hide != ast.ObjectFieldHidden) {
		w, _ := t.find(o, 0, name)
		return t.read(o, w)
	}
	return t.operand(a[2])
}

// extreme returns the origins of the smaller of two numbers, or the larger.
func (t *tracer) extreme(larger bool, a []operand) []Origin {
	x, y := t.value(a[0]).num, t.value(a[1]).num
	if larger == (x >= y) {
		return t.operand(a[0])
	}
	return t.operand(a[1])
}

// fold returns the origins of the last call of a fold.
func (t *tracer) fold(right bool, a []operand, at *site) []Origin {
	fn := t.function(t.value(a[0]), at)
	elements, ok := t.items(t.value(a[1]), at)
	if !ok {
		return at.origin()
	}
	if right {
		elements = slices.Clone(elements)
		slices.Reverse(elements)
	}
	sum := a[2].thunk
	if sum == nil {
		sum = &thunk{value: t.value(a[2]), code: &unit{body: &operandOf{a[2]}}}
	}
	for _, e := range elements {
		arguments := []*thunk{sum, e}
		if right {
			slices.Reverse(arguments)
		}
		sum = &thunk{code: &unit{body: &applied{fn, at}}, env: &env{vars: arguments}}
		// Force each one in turn: all at once could be too deep for the stack.
		t.force(sum, at)
	}
	return t.thunk(sum)
}

// operandOf is the code of a thunk for an operand that has no thunk.
type operandOf struct{ operand operand }

func (n *operandOf) eval(ev *evaluator, _ *frame) value {
	return n.operand.node.eval(ev, n.operand.frame)
}

// joined returns the origins of the parts of a string that std.join makes.
func (t *tracer) joined(a []operand) []Origin {
	list, ok := t.value(a[1]).ref.(*array)
	if !ok {
		return nil
	}
	found, joints := t.part(a[1]), -1
	for _, e := range list.elements {
		if t.force(e, duringManifestation).ref != nullRef {
			joints++
		}
	}
	if joints > 0 {
		found = append(found, t.part(a[0])...)
	}
	return found
}

// formatted returns the origins of the format and of the values that it shows.
func (t *tracer) formatted(a []operand, at *site) []Origin {
	format, ok := t.value(a[0]).ref.(*str)
	if !ok {
		return nil
	}
	found := t.part(a[0])
	o, ok := t.value(a[1]).ref.(*object)
	if !ok {
		return append(found, t.part(a[1])...)
	}
	_, directives, ok := t.parseFormat(format.String(), at)
	if !ok {
		return found
	}
	for i := range directives {
		if w, ok := t.find(o, 0, directives[i].Key); ok && directives[i].HasKey {
			if v := t.fieldAt(o, w, at); isContainer(v) {
				found = append(found, PartOf.of(t.inside(v, nil))...)
			} else {
				found = append(found, PartOf.of(t.read(o, w))...)
			}
		}
	}
	return found
}
