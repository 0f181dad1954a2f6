package jsonnet

import (
	"fmt"
	"io"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/spelling"
)

// coreNatives are the functions about types and the evaluation.
func coreNatives() []*native {
	is := func(name string, k kind) *native {
		return newNative(name+"(v)", func(_ *evaluator, a []value, _ *site) value { return boolean(a[0].kind() == k) })
	}
	return []*native{
		newNative("type(x)", func(_ *evaluator, a []value, _ *site) value { return text(a[0].kind().String()) }),
		is("isString", stringKind), is("isNumber", numberKind), is("isBoolean", booleanKind),
		is("isObject", objectKind), is("isArray", arrayKind), is("isFunction", functionKind),
		newNative("isNull(x)", func(_ *evaluator, a []value, _ *site) value { return boolean(a[0].ref == nullRef) }),
		newNative("length(x)", length),
		newNative("toString(*a)", func(ev *evaluator, a []value, at *site) value { return value{ref: ev.toString(a[0], at)} }),
		newNative("extVar(x)", func(ev *evaluator, a []value, at *site) value {
			name := ev.str(a[0], at).String()
			t, ok := ev.extVars[name]
			if !ok {
				ev.failWith(at, "Undefined external variable: "+name, Error{Code: failure.NoVariable, Values: map[string]any{
					"name": message.Line(name, message.Short), "near": spelling.Suggest(name, sortedKeys(ev.extVars)),
				}})
			}
			return ev.force(t, at)
		}).passing((*tracer).variable),
		newNative("native(x)", func(ev *evaluator, a []value, at *site) value {
			name := ev.str(a[0], at).String()
			if n := ev.nativeFunctions[name]; n != nil {
				return n.value
			}
			if ev.nativesBy != "" {
				ev.fail(at, ev.unknownNative(name))
			}
			return null
		}),
		newNative("id(x) any", func(_ *evaluator, a []value, _ *site) value { return a[0] }).passing((*tracer).first),
		newNative("trace(str, rest)", trace).passing((*tracer).second),
		newNative("equals(x, y) boolean", func(ev *evaluator, a []value, at *site) value { return boolean(ev.equals(a[0], a[1], at)) }),
		newNative("primitiveEquals(x, y)", primitiveEquals),
		newNative("assertEqual(a, b)", func(ev *evaluator, a []value, at *site) value {
			if ev.equals(a[0], a[1], at) {
				return trueValue
			}
			return ev.written("assertEqual", a, at)
		}),
		newNative("mod(a, b)", mod).from((*tracer).formatted),
		newNative("format(&str, vals)", func(ev *evaluator, a []value, at *site) value {
			if s, ok := ev.argument(a[0], at).ref.(*str); ok {
				if v, ok := ev.format(s, a[1], at); ok {
					return v
				}
			}
			return ev.written("format", a, at)
		}).from((*tracer).formatted),
	}
}

// unknownNative is the message about the name of a native function that there is not.
func (ev *evaluator) unknownNative(name string) string {
	known := slices.DeleteFunc(sortedKeys(ev.nativeFunctions), func(name string) bool { return name == importedYAML })
	text := "std.native: no function " + message.Quote(name) + "; want "
	if len(known) > 0 {
		text += message.Alternatives(known) + ", or "
	}
	return text + "another one in " + ev.nativesBy
}

// mod is the operator %.
func mod(ev *evaluator, a []value, at *site) value {
	if s, ok := a[0].ref.(*str); ok {
		if v, ok := ev.format(s, a[1], at); ok {
			return v
		}
	}
	if a[0].isNumber() && a[1].isNumber() {
		return ev.modulo(a[0].num, a[1].num, at)
	}
	return ev.written("mod", a, at)
}

func trace(ev *evaluator, a []value, at *site) value {
	if ev.trace == io.Discard {
		ev.str(a[0], at)
		return a[1]
	}
	shown := message.CutLines(ev.str(a[0], at).String(), message.Screen)
	file, line := "", 0
	if at.file != nil && at.file.source != nil {
		file, line = string(at.file.source.DiagnosticFileName), int(at.begin.line)
	}
	text := fmt.Sprintf("TRACE: %s:%d %s\n", file, line, shown)
	ev.within(ev.bounds.Wrote(len(text)), at)
	out := ev.trace
	var panicked error
	left := budget.Away(ev.bounds.ctx, func() {
		// The writer reports its own errors.
		panicked = budget.Guarded(func() { _, _ = io.WriteString(out, text) })
	})
	switch {
	case left != nil:
		ev.within(ev.bounds.Err(), at)
		ev.failOf(at, fmt.Errorf("std.trace: the writer: %w", left))
	case panicked != nil:
		ev.failOf(at, fmt.Errorf("std.trace: the writer %w", panicked))
	}
	return a[1]
}

func primitiveEquals(ev *evaluator, a []value, at *site) value {
	kind := a[0].kind()
	if kind == a[1].kind() && (kind == arrayKind || kind == objectKind) {
		ev.failf(at, "primitiveEquals operates on primitive types, got %v", kind)
	}
	return boolean(ev.equals(a[0], a[1], at))
}

func length(ev *evaluator, a []value, at *site) value {
	switch r := a[0].ref.(type) {
	case *str:
		ev.survey(r, at)
		return number(float64(r.length()))
	case *array:
		return number(float64(len(r.elements)))
	case *object:
		return number(float64(len(ev.shapeOf(r).visible)))
	case *function:
		n := 0
		for _, p := range r.parameters() {
			if p.value == nil && !p.optional {
				n++
			}
		}
		return number(float64(n))
	}
	ev.failf(at, "Unexpected type %v", a[0].kind())
	return value{}
}
