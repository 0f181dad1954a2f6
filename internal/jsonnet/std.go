package jsonnet

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
)

// standardNatives returns the functions of std that are written in Go, by name.
func standardNatives() map[string]*native {
	all := map[string]*native{}
	for _, n := range slices.Concat(
		coreNatives(), mathNatives(), stringNatives(), arrayNatives(), searchNatives(), setNatives(),
		objectNatives(), manifestNatives(), parseNatives(), hashNatives(),
	) {
		n.value = value{ref: &function{native: n}}
		all[n.name] = n
	}
	return all
}

// newNative returns a native for a function of std. Its signature is written as
// name(a, &b, *c=) type. = marks an optional parameter, & one whose argument is passed as a
// thunk, and * one whose argument shows in the result: [Tracer] then gives its origins. The
// type of the result is any, boolean, number, string, or one of these in brackets for an
// array. The type is there only if go-jsonnet's linter does not know the function, or is
// wrong about it.
func newNative(signature string, run func(ev *evaluator, a []value, at *site) value) *native {
	name, rest, _ := strings.Cut(signature, "(")
	list, result, _ := strings.Cut(rest, ")")
	n := &native{name: name, run: run, result: strings.TrimSpace(result)}
	for p := range strings.SplitSeq(list, ", ") {
		if p == "" {
			continue
		}
		p, shown := strings.CutPrefix(p, "*")
		p, lazy := strings.CutPrefix(p, "&")
		p, optional := strings.CutSuffix(p, "=")
		n.parameters = append(n.parameters, parameter{name: p, optional: optional, lazy: lazy, shown: shown})
	}
	return n
}

// Declarations returns the functions of std that a linter must learn, as an object in
// Jsonnet: those whose signatures have the type of the result. Types are written as the
// variables any, boolean, number and string.
func Declarations() string {
	var b strings.Builder
	b.WriteString("{\n")
	natives := standardNatives()
	for _, name := range sortedKeys(natives) {
		n := natives[name]
		if n.result == "" {
			continue
		}
		parameters := make([]string, len(n.parameters))
		for i, p := range n.parameters {
			if parameters[i] = p.name; p.optional {
				parameters[i] += "=null"
			}
		}
		fmt.Fprintf(&b, "  %s(%s): %s,\n", name, strings.Join(parameters, ", "), n.result)
	}
	b.WriteString("}\n")
	return b.String()
}

// argument returns the value of an argument, also of one for a lazy parameter.
func (ev *evaluator) argument(v value, at *site) value {
	if t, ok := v.ref.(*thunk); ok {
		return ev.force(t, at)
	}
	return v
}

// written calls the function of std.jsonnet with the name of a native. Natives use it for
// unusual or wrong arguments.
func (ev *evaluator) written(name string, a []value, at *site) value {
	std, code := ev.standard(), ev.library().written[name]
	f := ev.enter(code, ev.variables(std, 0, 0))
	f.self = std
	fn := code.body.eval(ev, f).ref.(*function)
	ev.leave(f)
	given := make([]*thunk, len(a))
	for i, v := range a {
		switch r := v.ref.(type) {
		case nil:
		case *thunk:
			given[i] = r
		default:
			given[i] = ready(v)
		}
	}
	return ev.invoke(fn, given, false, at)
}

// wholeNumber returns an integer of 32 bits, false for other values.
func wholeNumber(v value) (int, bool) {
	i := int(int32(v.num))
	return i, v.isNumber() && float64(i) == v.num
}

// hostNative returns a native for a function of std.native.
func hostNative(f Native) *native {
	n := &native{name: f.Name, host: true}
	for _, p := range f.Params {
		n.parameters = append(n.parameters, parameter{name: p})
	}
	n.run = func(ev *evaluator, a []value, at *site) value {
		arguments := make([]any, len(a))
		outer := ev.expanded
		ev.expanded = expansion{}
		for i, v := range a {
			arguments[i] = ev.toGo(v, at)
		}
		ev.expanded = outer
		result, err := callHost(f, arguments)
		if err != nil {
			ev.failOf(at, err)
		}
		if w, ok := result.(Warned); ok {
			ev.warn(at, w.Warnings...)
			result = w.Value
		}
		return ev.fromGo(result, at)
	}
	switch f.Name {
	case "parseJson", "parseYaml", importedYAML:
		n.from((*tracer).parsed)
	}
	n.value = value{ref: &function{native: n}}
	return n
}

// callHost calls f, and returns a panic of it as an error.
func callHost(f Native, arguments []any) (result any, err error) {
	if panicked := budget.Guarded(func() { result, err = f.Func(arguments) }); panicked != nil {
		return nil, fmt.Errorf("native function %#v %w", f.Name, panicked)
	}
	return result, err
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
