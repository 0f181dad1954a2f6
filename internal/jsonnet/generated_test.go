package jsonnet_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	gojsonnet "github.com/google/go-jsonnet"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/jsonnet"
)

var (
	programs     = flag.Int("programs", 2000, "number of generated programs to compare")
	programsFor  = flag.Duration("programs-for", 0, "compare generated programs for this long instead")
	programsSeed = flag.Uint64("programs-seed", 1, "seed of the generated programs")
)

// TestGeneratedPrograms evaluates programs made by a grammar with both engines:
// values and messages must be equal.
func TestGeneratedPrograms(t *testing.T) {
	cache := jsonnet.NewCache(0)
	end := time.Now().Add(*programsFor)
	failed, traces, endless, n := 0, 0, 0, 0
	for ; *programsFor > 0 && time.Now().Before(end) || *programsFor == 0 && n < *programs; n++ {
		seed := *programsSeed + uint64(n)
		code := generate(seed)
		in := jsonnet.Input{
			Snippet: code, SnippetName: "program.jsonnet",
			Importer: jsonnet.Theirs(&gojsonnet.MemoryImporter{Data: generatedFiles}),
		}
		got := ours(t, cache, in)
		if got.message == "max stack frames exceeded." && compares.MatchString(code) {
			// go-jsonnet's process ends when it compares values that contain themselves.
			endless++
			continue
		}
		in.Importer = jsonnet.Theirs(&gojsonnet.MemoryImporter{Data: generatedFiles})
		want := theirs(in, nil, nil)
		for range 20 {
			if want.text != "" || want.message == got.message {
				break
			}
			// With tailstrict, go-jsonnet evaluates arguments in the order of a map, so that
			// chance decides which of several errors comes first.
			want = theirs(in, nil, nil)
		}
		if want.text == got.text && want.message == got.message {
			if want.message != "" {
				failed++
				if traceText(want.trace) == traceText(got.trace) {
					traces++
				}
			}
			continue
		}
		require.Equal(t, want.message+want.text, got.message+got.text, "seed %d:\n%s", seed, code)
	}
	t.Logf("%d programs equal, %d of them errors, of which %d with equal traces; %d more are endless", n-endless, failed, traces, endless)
}

// compares matches code that compares values: operators, and functions of std that the
// generated programs use.
var compares = regexp.MustCompile(`[<>=]|std\.(sort|set|setUnion|setInter|setDiff|uniq|member)\b`)

// generatedFiles are the files that the programs import.
var generatedFiles = map[string]gojsonnet.Contents{
	"lib.libsonnet": gojsonnet.MakeContents(`{
		local lib = self, base:: { a: 1, b+: { c: 2 }, get(x, y=self.a):: [x, y] },
		a: 'a', b: [1, 2], c+: { d: $.a, e:: super.d }, d(x, y=x):: if std.isNumber(x) then lib.base.get(x) else y,
		assert std.isString(self.a) : 'lib.a: want a string',
	}`),
	"data.json":     gojsonnet.MakeContents(`{ "a": [1, "x", null, { "b": true }], "e": "\u00e9" }`),
	"bad.libsonnet": gojsonnet.MakeContents(`{ a: 1, b: error 'bad ' + self.a }`),
}

// generate returns a program. Most programs have the right types; some do not.
func generate(seed uint64) string {
	g := &generator{rand.New(rand.NewPCG(seed, 0)), nil, 0, 0}
	return g.expr(anyType, 5)
}

type valueType int

const (
	anyType valueType = iota
	numberType
	stringType
	booleanType
	arrayType
	objectType
	functionType
)

type variable struct {
	name string
	of   valueType
}

type generator struct {
	*rand.Rand
	scope []variable
	// objects is the number of object literals around the current place.
	objects int
	count   int
}

func (g *generator) pick(choices ...string) string { return choices[g.IntN(len(choices))] }

// with generates code in which more variables are visible.
func (g *generator) with(more []variable, f func() string) string {
	n := len(g.scope)
	g.scope = append(g.scope, more...)
	s := f()
	g.scope = g.scope[:n]
	return s
}

func (g *generator) fresh(of valueType) variable {
	g.count++
	// A small choice of names, so that some hide others.
	return variable{fmt.Sprintf("%c", 'a'+g.IntN(8)), of}
}

func (g *generator) expr(of valueType, depth int) string {
	if g.IntN(60) == 0 {
		// A value of another type.
		of = valueType(g.IntN(7))
	}
	if of == anyType {
		of = valueType(1 + g.IntN(5))
	}
	if depth <= 0 || g.IntN(6) == 0 {
		return g.leaf(of)
	}
	switch g.IntN(20) {
	case 0:
		return g.local(of, depth)
	case 1:
		return fmt.Sprintf("(if %s then %s else %s)", g.expr(booleanType, depth-2), g.expr(of, depth-1), g.expr(of, depth-1))
	case 2:
		return g.call(of, depth)
	case 3:
		return fmt.Sprintf("{ f: %s, g:: 1 }.f", g.expr(of, depth-1))
	case 4:
		return fmt.Sprintf("[%s, %s][%d]", g.expr(of, depth-1), g.expr(of, depth-1), g.IntN(2))
	case 5:
		if g.objects > 0 && of != functionType {
			return g.pick("self", "$", "self", "super") + "." + g.fieldName()
		}
	case 7:
		return fmt.Sprintf("(assert %s : %s; %s)", g.expr(booleanType, depth-2), g.expr(stringType, depth-2), g.expr(of, depth-1))
	case 8:
		if g.IntN(8) == 0 {
			return fmt.Sprintf("(error %s)", g.expr(anyType, depth-2))
		}
	case 9:
		// A default may use the parameters after it.
		p, q := variable{"p", of}, variable{"q", of}
		return g.with([]variable{p, q}, func() string {
			return fmt.Sprintf("(function(p=%s, q=%s) %s)(%s)", g.expr(of, depth-2), g.expr(of, depth-2), g.expr(of, depth-1),
				g.pick("", "p="+g.leaf(of), "q="+g.leaf(of)))
		})
	case 6:
		return fmt.Sprintf("(assert %s; %s)", g.pick("true", g.expr(booleanType, depth-2)), g.expr(of, depth-1))
	}
	switch of {
	case numberType:
		return g.number(depth)
	case stringType:
		return g.string(depth)
	case booleanType:
		return g.boolean(depth)
	case arrayType:
		return g.array(depth)
	case objectType:
		return g.object(depth)
	}
	return g.function(depth)
}

func (g *generator) leaf(of valueType) string {
	for range 3 {
		if len(g.scope) == 0 {
			break
		}
		if v := g.scope[g.IntN(len(g.scope))]; v.of == of {
			return v.name
		}
	}
	switch of {
	case numberType:
		return g.pick("0", "1", "2", "3.5", "-1", "10", "1e3", "0.1", "1e17", "-0", "1e-7")
	case stringType:
		return g.pick("''", "'a'", "'b'", "'xyz'", "'é'", "'𝄞'", "'a b'", "'%d'")
	case booleanType:
		return g.pick("true", "false")
	case arrayType:
		return g.pick("[]", "[1]", "[1, 2, 3]", "['a', 'b']", "[[]]")
	case objectType:
		return g.pick("(import 'lib.libsonnet')", "(import 'lib.libsonnet').base", "(import 'data.json')", "(import 'bad.libsonnet')", "{}", "{ a: 1 }", "{ a: 1, b:: 2 }", "{ b+: 1 }", "{ a::: 's' }")
	case functionType:
		return g.pick("(function(x) x)", "(function(x, y=1) [x, y])", "std.length")
	}
	return "null"
}

func (g *generator) local(of valueType, depth int) string {
	var vars []variable
	for range 1 + g.IntN(2) {
		v := g.fresh(valueType(1 + g.IntN(6)))
		if len(vars) > 0 && vars[0].name == v.name {
			continue
		}
		vars = append(vars, v)
	}
	return g.with(vars, func() string {
		var binds []string
		for _, v := range vars {
			// The variables may use each other and themselves.
			binds = append(binds, v.name+" = "+g.expr(v.of, depth-2))
		}
		return fmt.Sprintf("(local %s; %s)", strings.Join(binds, ", "), g.expr(of, depth-1))
	})
}

// call returns a call of a function that returns a value of a type.
func (g *generator) call(of valueType, depth int) string {
	if g.IntN(4) == 0 {
		// go-jsonnet evaluates several arguments in random order.
		x := variable{"x", valueType(1 + g.IntN(5))}
		body := g.with([]variable{x}, func() string { return g.expr(of, depth-1) })
		return fmt.Sprintf("(function(x) %s)(%s) tailstrict", body, g.expr(x.of, depth-2))
	}
	x, y := variable{"x", valueType(1 + g.IntN(5))}, variable{"y", valueType(1 + g.IntN(5))}
	body := g.with([]variable{x, y}, func() string { return g.expr(of, depth-1) })
	def := g.with([]variable{x}, func() string { return g.expr(y.of, depth-2) })
	arguments := g.pick("%[1]s, %[2]s", "x=%[1]s", "y=%[2]s, x=%[1]s", "%[1]s")
	arguments = fmt.Sprintf(arguments+"%.0[1]s%.0[2]s", g.expr(x.of, depth-2), g.expr(y.of, depth-2))
	return fmt.Sprintf("(function(x, y=%s) %s)(%s)", def, body, arguments)
}

func (g *generator) number(depth int) string {
	switch g.IntN(12) {
	case 8:
		return fmt.Sprintf("std.%s(%s, %s)", g.pick("min", "max", "pow"), g.expr(numberType, depth-1), g.expr(numberType, depth-1))
	case 9:
		return fmt.Sprintf("std.count(%s, %s)", g.expr(arrayType, depth-1), g.expr(anyType, depth-2))
	case 10:
		return fmt.Sprintf("std.foldr(function(p, q) %s, %s, %s)", g.with([]variable{{"q", numberType}}, func() string { return g.expr(numberType, depth-2) }), g.expr(arrayType, depth-1), g.expr(numberType, depth-2))
	case 0:
		return fmt.Sprintf("std.length(%s)", g.expr(g.some(stringType, arrayType, objectType), depth-1))
	case 1:
		return fmt.Sprintf("(-%s)", g.expr(numberType, depth-1))
	case 2:
		return fmt.Sprintf("(%s %s %s)", g.expr(numberType, depth-1), g.pick("&", "|", "^", "<<", ">>"), g.expr(numberType, depth-1))
	case 3:
		return fmt.Sprintf("std.foldl(function(p, q) p + std.length(std.toString(q)), %s, 0)", g.expr(arrayType, depth-1))
	}
	return fmt.Sprintf("(%s %s %s)", g.expr(numberType, depth-1), g.pick("+", "-", "*", "/", "%"), g.expr(numberType, depth-1))
}

func (g *generator) string(depth int) string {
	switch g.IntN(12) {
	case 6:
		return fmt.Sprintf("('%s' %% %s)", g.pick("%s", "%5s|%-4s", "%d", "%05.1f", "%x%%", "%(a)s %(b)03d", "%c", "%+d % d", "%e", "%g"), g.expr(g.some(arrayType, objectType, numberType, stringType), depth-1))
	case 7:
		return fmt.Sprintf("std.join(%s, std.map(std.toString, %s))", g.expr(stringType, depth-1), g.expr(arrayType, depth-1))
	case 8:
		return fmt.Sprintf("std.manifest%s(%s)", g.pick("Json", "YamlDoc", "Python", "JsonMinified"), g.expr(anyType, depth-1))
	case 9:
		return fmt.Sprintf("(%s)[%s:%s:%s]", g.expr(stringType, depth-1), g.bound(), g.bound(), g.pick("", "1", "2", "0"))
	case 10:
		return fmt.Sprintf("(importstr '%s')", g.pick("data.json", "lib.libsonnet"))
	case 0:
		return fmt.Sprintf("std.type(%s)", g.expr(anyType, depth-1))
	case 1:
		return fmt.Sprintf("std.toString(%s)", g.expr(anyType, depth-1))
	case 2:
		return fmt.Sprintf("(%s + %s)", g.expr(stringType, depth-1), g.expr(anyType, depth-1))
	case 3:
		return fmt.Sprintf("(%s)[%d]", g.expr(stringType, depth-1), g.IntN(3))
	case 4:
		return fmt.Sprintf("(%s)[%d:%d]", g.expr(stringType, depth-1), g.IntN(2), g.IntN(4))
	}
	return fmt.Sprintf("(%s + %s)", g.expr(stringType, depth-1), g.expr(stringType, depth-1))
}

func (g *generator) boolean(depth int) string {
	of := g.some(numberType, stringType, arrayType)
	switch g.IntN(9) {
	case 5:
		t := g.some(arrayType, objectType)
		return fmt.Sprintf("(%s == %s)", g.expr(t, depth-1), g.expr(t, depth-1))
	case 6:
		return fmt.Sprintf("std.objectHas%s(%s, '%s')", g.pick("", "All"), g.expr(objectType, depth-1), g.fieldName())
	case 7:
		return fmt.Sprintf("std.member(%s, %s)", g.expr(arrayType, depth-1), g.expr(anyType, depth-2))
	case 0:
		return fmt.Sprintf("(%s %s %s)", g.expr(of, depth-1), g.pick("<", ">", "<=", ">="), g.expr(of, depth-1))
	case 1:
		return fmt.Sprintf("(%s %s %s)", g.expr(anyType, depth-1), g.pick("==", "!="), g.expr(anyType, depth-1))
	case 2:
		return fmt.Sprintf("(!%s)", g.expr(booleanType, depth-1))
	case 3:
		return fmt.Sprintf("('%s' in %s)", g.fieldName(), g.expr(objectType, depth-1))
	case 4:
		if g.objects > 0 {
			return fmt.Sprintf("('%s' in super)", g.fieldName())
		}
	}
	return fmt.Sprintf("(%s %s %s)", g.expr(booleanType, depth-1), g.pick("&&", "||"), g.expr(booleanType, depth-1))
}

// bound returns a bound of a slice.
func (g *generator) bound() string { return g.pick("", "0", "1", "2", "-1", "-2", "9") }

func (g *generator) some(types ...valueType) valueType { return types[g.IntN(len(types))] }

func (g *generator) array(depth int) string {
	switch g.IntN(12) {
	case 5:
		return fmt.Sprintf("(%s)[%s:%s:%s]", g.expr(arrayType, depth-1), g.bound(), g.bound(), g.pick("", "1", "2", "0"))
	case 6:
		return fmt.Sprintf("std.filter(function(x) %s, %s)", g.with([]variable{{"x", anyType}}, func() string { return g.expr(booleanType, depth-2) }), g.expr(arrayType, depth-1))
	case 7:
		return fmt.Sprintf("std.%s(%s%s)", g.pick("sort", "set", "uniq"), g.expr(arrayType, depth-1), g.pick("", "", ", std.toString", ", function(x) x"))
	case 8:
		return fmt.Sprintf("std.%s(std.set(%s), std.set(%s))", g.pick("setUnion", "setInter", "setDiff"), g.expr(arrayType, depth-1), g.expr(arrayType, depth-1))
	case 9:
		return fmt.Sprintf("std.%s(%s)", g.pick("objectValues", "objectValuesAll", "objectKeysValues", "objectFieldsAll"), g.expr(objectType, depth-1))
	case 10:
		return fmt.Sprintf("std.makeArray(%s, function(i) %s)", g.pick("0", "1", "3"), g.with([]variable{{"i", numberType}}, func() string { return g.expr(anyType, depth-2) }))
	case 0:
		return fmt.Sprintf("(%s + %s)", g.expr(arrayType, depth-1), g.expr(arrayType, depth-1))
	case 1, 2:
		v := g.fresh(anyType)
		over := g.expr(arrayType, depth-2)
		return g.with([]variable{v}, func() string {
			condition := ""
			if g.IntN(2) == 0 {
				condition = " if " + g.expr(booleanType, depth-2)
			}
			second := ""
			if g.IntN(4) == 0 {
				second = " for z in " + g.expr(arrayType, depth-2)
			}
			return fmt.Sprintf("[%s for %s in %s%s%s]", g.expr(anyType, depth-1), v.name, over, condition, second)
		})
	case 3:
		return fmt.Sprintf("std.map(%s, %s)", g.expr(functionType, depth-1), g.expr(arrayType, depth-1))
	case 4:
		return fmt.Sprintf("std.objectFields(%s)", g.expr(objectType, depth-1))
	}
	var elements []string
	for range g.IntN(4) {
		elements = append(elements, g.expr(anyType, depth-1))
	}
	return "[" + strings.Join(elements, ", ") + "]"
}

func (g *generator) fieldName() string { return g.pick("a", "b", "c", "d", "e") }

func (g *generator) object(depth int) string {
	switch g.IntN(11) {
	case 7:
		// A chain of overrides.
		chain := []string{g.expr(objectType, depth-2)}
		g.objects++
		defer func() { g.objects-- }()
		for range 2 + g.IntN(4) {
			chain = append(chain, fmt.Sprintf("{ %s%s %s }", g.fieldName(), g.pick(":", "::", ":::", "+:", "+::"),
				g.pick("super."+g.fieldName(), "self."+g.fieldName(), "[super."+g.fieldName()+"]", "$."+g.fieldName(), "{ a: $."+g.fieldName()+" }", g.expr(anyType, depth-3))))
		}
		return "(" + strings.Join(chain, " + ") + ")"
	case 8:
		// Locals in a comprehension.
		over := g.pick("['a', 'b']", "std.objectFields("+g.expr(objectType, depth-2)+")")
		return g.with([]variable{{"k", stringType}, {"l", anyType}}, func() string {
			g.objects++
			defer func() { g.objects-- }()
			return fmt.Sprintf("{ local l = %s, [k + ''%s]: %s for k in %s if %s }", g.expr(anyType, depth-2), g.pick("", " + 'x'"),
				g.pick("l", "[l, self]", g.expr(anyType, depth-1)), over, g.pick("true", "k != 'a'", g.expr(booleanType, depth-3)))
		})
	case 9:
		return fmt.Sprintf("std.mergePatch(%s, %s)", g.expr(objectType, depth-1), g.expr(objectType, depth-1))
	case 10:
		return fmt.Sprintf(g.pick("std.prune(%s)", "std.mapWithKey(function(k, v) [k, v], %s)", "std.objectRemoveKey(%s, 'a')"), g.expr(objectType, depth-1))
	case 0, 1, 2:
		return fmt.Sprintf("(%s + %s)", g.expr(objectType, depth-1), g.expr(objectType, depth-1))
	case 3:
		v := variable{"k", stringType}
		over := g.pick("['a', 'b']", "std.objectFields("+g.expr(objectType, depth-2)+")", "['c']")
		return g.with([]variable{v}, func() string {
			g.objects++
			defer func() { g.objects-- }()
			return fmt.Sprintf("{ [k]%s %s for k in %s }", g.pick(":", "::", "+:"), g.expr(anyType, depth-1), over)
		})
	case 4:
		return fmt.Sprintf("%s { %s: %s }", g.expr(objectType, depth-1), g.fieldName(), g.leaf(anyType))
	}
	g.objects++
	defer func() { g.objects-- }()
	var locals []variable
	if g.IntN(3) == 0 {
		locals = append(locals, g.fresh(valueType(1+g.IntN(5))))
	}
	return g.with(locals, func() string {
		var members []string
		for _, v := range locals {
			members = append(members, "local "+v.name+" = "+g.expr(v.of, depth-2))
		}
		seen := map[string]bool{}
		for range g.IntN(4) {
			name := g.fieldName()
			if seen[name] && g.IntN(20) > 0 {
				continue
			}
			seen[name] = true
			key := g.pick(name, name, name, "['"+name+"']", "[if "+g.leaf(booleanType)+" then '"+name+"']")
			switch g.IntN(8) {
			case 0:
				members = append(members, fmt.Sprintf("assert %s", g.pick("true", "self."+name+" != 77", g.expr(booleanType, depth-2))))
			case 1:
				members = append(members, fmt.Sprintf("%s+: %s", key, g.expr(g.some(numberType, objectType, arrayType, stringType), depth-1)))
			default:
				members = append(members, fmt.Sprintf("%s%s %s", key, g.pick(":", ":", ":", "::", ":::"), g.expr(anyType, depth-1)))
			}
		}
		return "{ " + strings.Join(members, ", ") + " }"
	})
}

func (g *generator) function(depth int) string {
	v := variable{"x", anyType}
	return g.with([]variable{v}, func() string {
		return fmt.Sprintf("(function(x) %s)", g.expr(anyType, depth-1))
	})
}
