package jsonnet_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/mutation"
)

// mostMissed is the allowed fraction of values that change with a literal but do not have
// it as an origin.
const mostMissed = 1.0 / 20

// mutated is the number of programs that are changed; "make check" sets 500.
var mutated = flag.Uint64("mutated", 40, "number of generated programs to change")

// TestOriginsOfGeneratedPrograms generates programs from the code that is common in
// environments. It changes the places that origins name, and every literal.
func TestOriginsOfGeneratedPrograms(t *testing.T) {
	programs := *mutated
	var all mutation.Report
	for seed := range programs {
		g := &configuration{Rand: rand.New(rand.NewPCG(seed, 1))}
		files := g.program()
		report, err := mutation.Check(t.Context(), mutation.Program{Main: "main.jsonnet", Files: files})
		require.NoError(t, err, "seed %d:\n%s", seed, files["main.jsonnet"])
		if report.False > 0 {
			t.Logf("seed %d:\n%s\n%s", seed, files["main.jsonnet"], strings.Join(report.Details, "\n"))
		}
		all.Add(report)
	}
	t.Log(all)
	assert.Zero(t, all.False)
	assert.Greater(t, all.Set, 5*int(programs))
	assert.LessOrEqual(t, float64(all.Missed), mostMissed*float64(all.Set))
}

// kindOf is the type of an expression of a generated configuration.
type kindOf struct {
	name string
	// element is the type of an array's elements and of a map's fields.
	element *kindOf
	// fields are the types of an object's fields, names their order.
	names  []string
	fields map[string]*kindOf
}

var (
	textKind   = &kindOf{name: "text"}
	amountKind = &kindOf{name: "amount"}
)

// named is a variable, parameter or function of a generated configuration.
type named struct {
	name string
	of   *kindOf
	// parameters is set for a function.
	parameters []named
}

// configuration generates programs without errors, in the style of environments. Each
// literal is on its own line.
type configuration struct {
	*rand.Rand
	scope []named
	// self are the fields that code may read from self, with their types.
	self  []named
	count int
}

func (g *configuration) fresh(prefix string) string {
	g.count++
	return fmt.Sprintf("%s%d", prefix, g.count)
}

func (g *configuration) kind(depth int) *kindOf {
	switch n := g.IntN(10); {
	case depth <= 0 || n < 4:
		return textKind
	case n < 6:
		return amountKind
	case n < 7:
		return &kindOf{name: "array", element: g.kind(depth - 1)}
	case n < 8:
		return &kindOf{name: "map", element: g.kind(depth - 1)}
	}
	o := &kindOf{name: "object", fields: map[string]*kindOf{}}
	for range 1 + g.IntN(3) {
		name := g.fresh("f")
		o.names = append(o.names, name)
		o.fields[name] = g.kind(depth - 1)
	}
	return o
}

func (g *configuration) program() map[string]string {
	var b strings.Builder
	b.WriteString("local lib = import 'lib.libsonnet';\n")
	g.scope = nil
	for range 2 + g.IntN(4) {
		if g.IntN(3) == 0 {
			b.WriteString(g.function())
			continue
		}
		v := named{name: g.fresh("v"), of: g.kind(2)}
		fmt.Fprintf(&b, "local %s = %s;\n", v.name, g.expr(v.of, 3))
		g.scope = append(g.scope, v)
	}
	root := &kindOf{name: "object", fields: map[string]*kindOf{}}
	for range 2 + g.IntN(3) {
		name := g.fresh("r")
		root.names = append(root.names, name)
		root.fields[name] = g.kind(2)
	}
	b.WriteString(g.expr(root, 4) + "\n")
	return map[string]string{"main.jsonnet": b.String(), "lib.libsonnet": `{
  with(name, value):: { [name]: value },
  merged(o):: o { },
  text(x, suffix='') :: x + suffix,
  same(x):: x,
  each(list, f):: [f(x) for x in list],
  only(list):: std.filter(function(x) true, list),
}
`}
}

// function declares a function. Its body may use its parameters.
func (g *configuration) function() string {
	f := named{name: g.fresh("fn"), of: g.kind(1)}
	var list []string
	before := len(g.scope)
	for range 1 + g.IntN(2) {
		p := named{name: g.fresh("p"), of: g.kind(0)}
		def := ""
		if g.IntN(2) == 0 || len(f.parameters) > 0 && strings.Contains(list[len(list)-1], "=") {
			def = "=" + g.expr(p.of, 1)
		}
		f.parameters = append(f.parameters, p)
		list = append(list, p.name+def)
	}
	g.scope = append(g.scope, f.parameters...)
	body := g.expr(f.of, 3)
	g.scope = append(g.scope[:before:before], f)
	for i := range f.parameters {
		if strings.Contains(list[i], "=") {
			f.parameters[i].name += "="
		}
	}
	return fmt.Sprintf("local %s(%s) = %s;\n", f.name, strings.Join(list, ", "), body)
}

func (g *configuration) literal(k *kindOf) string {
	g.count++
	if k == amountKind {
		return fmt.Sprintf("\n%d", 1000+g.count)
	}
	return fmt.Sprintf("\n'%s%d'", []string{"a", "Web", "db-"}[g.IntN(3)], g.count)
}

// known returns an expression of the type from the names in scope, "" if there is none.
func (g *configuration) known(k *kindOf, depth int) string {
	var found []string
	var functions []named
	var read func(text string, of *kindOf)
	read = func(text string, of *kindOf) {
		switch {
		case same(of, k):
			found = append(found, text)
		case of.name == "object":
			for _, name := range of.names {
				read(text+"."+name, of.fields[name])
			}
		}
	}
	for _, v := range g.scope {
		if v.parameters == nil {
			read(v.name, v.of)
			continue
		}
		if depth > 0 && same(v.of, k) {
			functions = append(functions, v)
		}
	}
	for _, f := range g.self {
		read("self."+f.name, f.of)
	}
	n := len(found) + len(functions)
	if n == 0 {
		return ""
	}
	if i := g.IntN(n); i >= len(found) {
		return g.call(functions[i-len(found)])
	} else {
		return found[i]
	}
}

func (g *configuration) call(f named) string {
	var list []string
	byName := false
	for _, p := range f.parameters {
		name, optional := strings.CutSuffix(p.name, "=")
		if optional && g.IntN(2) == 0 {
			byName = true
			continue
		}
		argument := g.expr(p.of, 0)
		if byName || g.IntN(4) == 0 {
			byName = true
			argument = name + "=" + argument
		}
		list = append(list, argument)
	}
	return f.name + "(" + strings.Join(list, ", ") + ")"
}

func same(a, b *kindOf) bool {
	if a.name != b.name || len(a.names) != len(b.names) || (a.element == nil) != (b.element == nil) {
		return false
	}
	for i, name := range a.names {
		if b.names[i] != name || !same(a.fields[name], b.fields[name]) {
			return false
		}
	}
	return a.element == nil || same(a.element, b.element)
}

func (g *configuration) condition() string {
	return []string{"true", "false", "'x' == 'x'", "1 > 2", "std.length('ab') == 2"}[g.IntN(5)]
}

// expr returns an expression of a type.
func (g *configuration) expr(k *kindOf, depth int) string {
	if g.IntN(3) > 0 {
		if s := g.known(k, depth); s != "" {
			return s
		}
	}
	if depth > 0 {
		e := func() string { return g.expr(k, depth-1) }
		switch g.IntN(14) {
		case 0:
			return fmt.Sprintf("(if %s then %s else %s)", g.condition(), e(), e())
		case 1:
			return fmt.Sprintf("(assert true; %s)", e())
		case 2:
			v := named{name: g.fresh("l"), of: k}
			value := e()
			g.scope = append(g.scope, v)
			body := e()
			g.scope = g.scope[:len(g.scope)-1]
			return fmt.Sprintf("(local %s = %s; %s)", v.name, value, body)
		case 3:
			return fmt.Sprintf("[%s, %s][%d]", e(), e(), g.IntN(2))
		case 4:
			return fmt.Sprintf("std.get({ a: %s, b:: %s }, '%s', %s)", e(), e(), []string{"a", "b", "c"}[g.IntN(3)], e())
		case 5:
			return fmt.Sprintf("lib.same(%s)", e())
		case 6:
			return fmt.Sprintf("lib.with('k', %s).k", e())
		case 7:
			return fmt.Sprintf("(function(x, y=%s) y)(%s)", []string{"x", e()}[g.IntN(2)], e())
		case 8:
			return fmt.Sprintf("({ a: %s } + { a: %s, b: super.a }).%s", e(), e(), []string{"a", "b"}[g.IntN(2)])
		}
	}
	switch k.name {
	case "text":
		return g.text(depth)
	case "amount":
		return g.amount(depth)
	case "array":
		return g.array(k, depth)
	case "map":
		return g.mapping(k, depth)
	}
	return g.object(k, depth)
}

func (g *configuration) text(depth int) string {
	if depth <= 0 {
		return g.literal(textKind)
	}
	text, amount := func() string { return g.expr(textKind, depth-1) }, func() string { return g.expr(amountKind, depth-1) }
	switch g.IntN(14) {
	case 0:
		return fmt.Sprintf("(%s + %s)", text(), text())
	case 1:
		return fmt.Sprintf("('%%s-%%d' %% [%s, %s])", text(), amount())
	case 2:
		return fmt.Sprintf("('%%(a)s.%%(b)s' %% { a: %s, b: %s, c: %s })", text(), text(), text())
	case 3:
		return fmt.Sprintf("std.join(%s, [%s, %s])", text(), text(), text())
	case 4:
		return fmt.Sprintf("std.toString(%s)", amount())
	case 5:
		return fmt.Sprintf("lib.text(%s)", text())
	case 6:
		return fmt.Sprintf("lib.text(%s, suffix=%s)", text(), text())
	case 7:
		return fmt.Sprintf("std.format('%%s', %s)", text())
	case 8:
		return fmt.Sprintf("std.foldl(function(a, b) a + b, [%s, %s], %s)", text(), text(), text())
	case 9:
		return fmt.Sprintf("std.manifestJsonMinified({ a: %s, b: [%s] })", text(), amount())
	}
	return g.literal(textKind)
}

func (g *configuration) amount(depth int) string {
	if depth <= 0 {
		return g.literal(amountKind)
	}
	amount := func() string { return g.expr(amountKind, depth-1) }
	switch g.IntN(10) {
	case 0:
		return fmt.Sprintf("(%s + %s)", amount(), amount())
	case 1:
		return fmt.Sprintf("(%s - %s)", amount(), amount())
	case 2:
		return fmt.Sprintf("std.max(%s, %s)", amount(), amount())
	case 3:
		return fmt.Sprintf("std.length([%s, %s])", amount(), amount())
	}
	return g.literal(amountKind)
}

func (g *configuration) array(k *kindOf, depth int) string {
	element := func() string { return g.expr(k.element, depth-1) }
	if depth > 0 {
		array := func() string { return g.expr(k, depth-1) }
		switch g.IntN(9) {
		case 0:
			return fmt.Sprintf("(%s + %s)", array(), array())
		case 1:
			x := named{name: g.fresh("x"), of: k.element}
			over := array()
			g.scope = append(g.scope, x)
			body := element()
			g.scope = g.scope[:len(g.scope)-1]
			return fmt.Sprintf("[%s for %s in %s]", body, x.name, over)
		case 2:
			return fmt.Sprintf("std.map(function(x) x, %s)", array())
		case 3:
			return fmt.Sprintf("std.reverse(%s)", array())
		case 4:
			return fmt.Sprintf("lib.only(lib.each(%s, lib.same))", array())
		case 5:
			return fmt.Sprintf("std.objectValues({ a: %s, b: %s })", element(), element())
		case 6:
			return fmt.Sprintf("std.prune(%s)", array())
		}
	}
	return fmt.Sprintf("[%s, %s]", element(), element())
}

func (g *configuration) mapping(k *kindOf, depth int) string {
	element := func() string { return g.expr(k.element, depth-1) }
	if depth > 0 {
		switch g.IntN(5) {
		case 0:
			return fmt.Sprintf("{ [k]: %s for k in ['a', 'b'] }", element())
		case 1:
			return fmt.Sprintf("std.mapWithKey(function(k, v) v, %s)", g.expr(k, depth-1))
		case 2:
			return fmt.Sprintf("std.mergePatch(%s, { c: %s })", g.expr(k, depth-1), element())
		case 3:
			return fmt.Sprintf("(local m = %s; { [k]: m[k] for k in std.objectFields(m) })", g.expr(k, depth-1))
		}
	}
	return fmt.Sprintf("{ a: %s, c: %s }", element(), element())
}

// object returns an object with the fields of a type: a literal whose fields may read
// others, or an expression that changes an object.
func (g *configuration) object(k *kindOf, depth int) string {
	around := g.self
	defer func() { g.self = around }()
	if depth > 0 {
		name := k.names[g.IntN(len(k.names))]
		change := func() string {
			g.self = nil
			defer func() { g.self = around }()
			return g.expr(k.fields[name], depth-1)
		}
		switch g.IntN(8) {
		case 0:
			return fmt.Sprintf("(%s + { %s: %s })", g.expr(k, depth-1), name, change())
		case 1:
			return fmt.Sprintf("%s { %s: %s }", "("+g.expr(k, depth-1)+")", name, change())
		case 2:
			return fmt.Sprintf("std.mergePatch(%s, { %s: %s })", g.expr(k, depth-1), name, change())
		case 3:
			return fmt.Sprintf("std.prune(%s + { none: null })", g.expr(k, depth-1))
		case 4:
			return fmt.Sprintf("(%s + lib.with('%s', %s))", g.expr(k, depth-1), name, change())
		case 5:
			if f := k.fields[name]; f.name != "array" {
				return fmt.Sprintf("(%s + { %s+: %s })", g.expr(k, depth-1), name, change())
			}
		case 6:
			return fmt.Sprintf("lib.merged(%s)", g.expr(k, depth-1))
		}
	}
	var members []string
	g.self = nil
	var known []named
	for _, name := range k.names {
		// A nested object has another self.
		if of := k.fields[name]; of == textKind || of == amountKind {
			g.self = known
			members = append(members, fmt.Sprintf("%s: %s", name, g.scalar(of, depth-1)))
			known = append(known, named{name: name, of: of})
			continue
		}
		g.self = nil
		members = append(members, fmt.Sprintf("%s: %s", name, g.expr(k.fields[name], depth-1)))
	}
	return "{ " + strings.Join(members, ", ") + " }"
}

// scalar is expr for a field that may read other fields of its object.
func (g *configuration) scalar(k *kindOf, depth int) string {
	if len(g.self) > 0 && g.IntN(3) == 0 {
		if s := g.known(k, 0); s != "" {
			return s
		}
	}
	g.self = nil
	return g.expr(k, depth)
}
