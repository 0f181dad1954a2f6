package jsonnet_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// callGenerator generates calls of functions of std.
type callGenerator struct{ *rand.Rand }

func (g *callGenerator) pick(choices ...string) string { return choices[g.IntN(len(choices))] }

// call returns a call of a function, usually with fitting arguments.
func (g *callGenerator) call(function string) string {
	words := strings.Fields(function)
	if (words[0] == "format" || words[0] == "mod") && g.IntN(4) > 0 {
		return g.fittingFormat()
	}
	var arguments []string
	named, positional := false, 0
	for _, parameter := range words[1:] {
		name, kind, _ := strings.Cut(parameter, ":")
		name, optional := strings.CutSuffix(name, "?")
		if optional && g.IntN(2) == 0 || g.IntN(100) == 0 {
			// The arguments after it can only be named.
			named = true
			continue
		}
		if g.IntN(30) == 0 {
			named = true
		}
		a := g.argument(kind)
		if named {
			a = name + "=" + a
		} else {
			positional++
		}
		arguments = append(arguments, a)
	}
	if g.IntN(200) == 0 {
		arguments = append(arguments, g.pick("foo=1", "arr=[]"))
	}
	if positional == 0 && g.IntN(2) == 0 && len(arguments) > 1 {
		arguments[0], arguments[1] = arguments[1], arguments[0]
	}
	call := fmt.Sprintf("std[%q](%s)", words[0], strings.Join(arguments, ", "))
	if g.IntN(2) == 0 && !strings.HasPrefix(words[0], "$") {
		call = fmt.Sprintf("std.%s(%s)", words[0], strings.Join(arguments, ", "))
	}
	// The used part of the result shows which parts have been evaluated.
	switch g.IntN(12) {
	case 0:
		return "std.type(" + call + ")"
	case 1:
		return "std.length(" + call + ")"
	case 2:
		return call + "[0]"
	case 3:
		return call + "." + g.name()
	case 4:
		return "(local f = std['" + words[0] + "']; " + strings.Replace(call, call[:strings.Index(call, "(")], "f",
			1) + ")" + g.pick("", " + {}", " + []", " + ''")
	}
	return call
}

func (g *callGenerator) argument(kind string) string {
	switch g.IntN(40) {
	case 0, 1:
		if kind == "count" || kind == "bound" {
			// go-jsonnet takes too long for some numbers.
			return g.value(g.pick("string", "boolean", "array", "object"), 2)
		}
		return g.value("any", 2)
	case 2:
		return g.value("function", 1)
	case 3:
		return g.pick("error 'E'", "null", "[error 'F']", "{ a: error 'G' }", "({ assert false : 'H', a: 1 })")
	}
	return g.value(kind, 3)
}

func (g *callGenerator) name() string {
	return g.pick("a", "b", "c", "main", "sections", "key", "value")
}

var (
	edgeNumbers = []string{
		"0", "-0", "1", "-1", "2", "3", "10", "0.5", "-0.5", "1.5", "2.5", "-2.5", "0.1", "123.456", "-7", "16",
		"255", "256",
		"1e15", "-1e15", "1e16", "123456789012", "9007199254740991", "9007199254740993", "1e21", "1e-7", "1e100",
		"1e308", "-1e308",
		"5e-324", "2147483648", "4294967296", "0.30000000000000004", "99.995", "0.000123456789", "1e-300",
	}
	edgeStrings = []string{
		"", "a", "b", "abc", "aa", "aaaa", "abab", "A", "Hello, World", " x ", "\t\n a \u00a0", "é", "É", "ß", "ſ",
		"K", "ﬀ", "e\u0301", "日本", "𝄞", "a𝄞b",
		"\u0000", "\u001f", "\u007f", "\u0085", "\u009f", "\u00ff", "\u0100", "\u2028", "\ufffd", "\U0010ffff",
		"<a href='x'>&\"</a>", "$x$$", "it's", "\\", "\"", "/", "a/b/c",
		"true", "null", "yes", "1", "-1", "0x1F", "0b10", "1-2-3", "2020-01-01", "1e3", ".5", "a.b", "-", "---",
		"line\n", "line\nline\n", "\n", "a: b", "#", "%", "%d", "x=y", "'", "a b", "-0x", "1_000", "~", "@",
		strings.Repeat("long ", 60), strings.Repeat("é", 70),
	}
)

func quoted(s string) string {
	return gojsonnetQuote.Replace(fmt.Sprintf("%+q", s))
}

// gojsonnetQuote turns Go's escapes into those of Jsonnet.
var gojsonnetQuote = strings.NewReplacer(`\\`, `\\`, `\x`, `\u00`, `\a`, `\u0007`, `\v`, `\u000b`, `\U0001d11e`,
	`\ud834\udd1e`, `\U0010ffff`, `\udbff\udfff`)

func (g *callGenerator) list(n int, kind string, depth int) string {
	var elements []string
	for range g.IntN(n + 1) {
		elements = append(elements, g.value(kind, depth-1))
		if g.IntN(60) == 0 {
			elements = append(elements, g.pick("error 'E'", "null", "std.length", "[]"))
		}
	}
	return "[" + strings.Join(elements, ", ") + "]"
}

func (g *callGenerator) number() string {
	if g.IntN(3) == 0 {
		return fmt.Sprint(g.IntN(2000)-1000) + g.pick("", "", ".25", ".125", ".1", ".999")
	}
	return edgeNumbers[g.IntN(len(edgeNumbers))]
}

func (g *callGenerator) string() string {
	s := edgeStrings[g.IntN(len(edgeStrings))]
	for g.IntN(3) == 0 {
		s += edgeStrings[g.IntN(len(edgeStrings))]
	}
	return s
}

// value returns an expression for a value of a kind.
func (g *callGenerator) value(kind string, depth int) string {
	if depth <= 0 && kind != "function" {
		kind = g.pick("number", "string", "boolean", "null")
	}
	switch kind {
	case "any":
		return g.value(g.pick("number", "string", "boolean", "null", "array", "object", "object", "array", "strings",
			"numbers"), depth-1)
	case "number":
		return g.number()
	case "string":
		return quoted(g.string())
	case "boolean":
		return g.pick("true", "false")
	case "null":
		return "null"
	case "array":
		return g.list(4, g.pick("any", "number", "string", "object"), depth)
	case "arrayOrString":
		return g.value(g.pick("array", "string"), depth)
	case "object":
		return g.object(depth)
	case "numbers", "strings", "booleans", "arrays":
		return g.list(5, strings.TrimSuffix(kind, "s"), depth)
	case "nestedStrings":
		if g.IntN(2) == 0 {
			return g.value("string", depth)
		}
		return g.list(3, "nestedStrings", depth)
	case "comparables", "set":
		array := g.list(7, g.pick("number", "string", "array", "count"), depth)
		if g.IntN(20) == 0 {
			array = g.value("arrayOrString", depth)
		}
		if kind == "set" && g.IntN(4) > 0 {
			return "std.set(" + array + ")"
		}
		return array
	case "function":
		return g.value(g.pick("unary", "binary", "predicate", "arrayMaker"), 1)
	case "unary":
		return g.pick("function(x) x", "function(x) [x]", "function(x) -x", "function(x) std.toString(x)",
			"function(x) error 'U'", "std.length", "function(x) 1",
			"std.type", "function(x, y=2) [x, y]", "function(x) { a: x }", "function(x) x.a", "function() 1",
			"std.abs", "function(x) std.length(x)")
	case "binary":
		return g.pick("function(x, y) x + y", "function(x, y) [x, y]", "function(x, y) y", "function(x, y) x",
			"function(x, y) error 'B'", "function(x) x", "std.max",
			"function(x, y) std.toString(x) + y", "function(x, y, z=3) { x: x, y: y, z: z }")
	case "predicate":
		return g.pick("function(x) true", "function(x) false", "function(x) x > 1", "function(x) x",
			"function(x) std.isString(x)", "std.isNumber", "function(x) x != null", "function(x) error 'P'")
	case "arrayMaker":
		return g.pick("function(x) [x, x]", "function(x) []", "function(x) [error 'M']", "function(x) x + x",
			"function(x) x", "function(x) std.range(0, 2)")
	}
	return g.special(kind, depth)
}

func (g *callGenerator) object(depth int) string {
	var fields []string
	seen := map[string]bool{}
	for _, name := range []string{"a", "b", "c", "main", "x y", "é", "1", "true", "", "a-b", g.string()} {
		if g.IntN(4) > 0 {
			continue
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		fields = append(fields, quoted(name)+g.pick(":", ":", ":", "::", ":::")+" "+g.value("any", depth-1))
	}
	if g.IntN(30) == 0 {
		fields = append(fields, g.pick("assert true", "assert false", "z: error 'Z'", "z:: error 'Z'",
			"z: function(x) x", "z+: 1"))
	}
	o := "{ " + strings.Join(fields, ", ") + " }"
	if depth > 1 && g.IntN(6) == 0 {
		return "(" + o + " + " + g.object(depth-1) + ")"
	}
	return o
}

// special returns an argument of a kind that only a few functions take.
func (g *callGenerator) special(kind string, depth int) string {
	switch kind {
	case "count":
		return g.pick("0", "1", "2", "3", "4", "5", "7", "10", "30", "-1", "-3", "1.5", "1e15", "-0", "3000000000")
	case "bound":
		return g.pick("null", "null", g.special("count", depth))
	case "codepoint":
		return g.pick("0", "65", "97", "128", "233", "55296", "57343", "65533", "119070", "1114111", "1114112", "-1",
			"65.5", "1e9")
	case "character":
		return g.pick("'a'", "'é'", "'𝄞'", "''", "'ab'", "'\\u0000'")
	case "characters":
		return g.pick("' '", "'abc'", "' \\n\\t'", "['a', 'b']", "[]", "''", "'é𝄞'", "[1, 'a']", "['x', error 'C']")
	case "fieldName":
		return g.pick("'a'", "'b'", "'c'", "'z'", "'x y'", "''", quoted(g.string()))
	case "separator":
		return g.pick("''", "', '", "'é'", "[]", "[0]", "[1, 2]", "1")
	case "joinable":
		return g.pick(g.value("strings", depth), g.value("strings", depth), g.value("arrays", depth),
			"['a', null, 'b']", "[null, [1], [], null]", "['a', 1]", "[null]")
	case "bytes":
		return g.list(8, "byte", depth)
	case "byte":
		return g.pick("0", "65", "97", "195", "169", "240", "157", "132", "158", "255", "128", "256", "-1", "1.5")
	case "bytesOrString":
		return g.pick(g.value("bytes", depth), quoted(g.string()))
	case "base64":
		return g.pick("''", "'YQ=='", "'YWI='", "'YWJj'", "'w6k='", "'8J2Eng=='", "'_-__'", "'YQ'", "'YQ=a'",
			"'////'", "'gA=='", "'YW\\nI=\\n\\n\\n'", quoted(g.string()))
	case "digits":
		return g.pick("'0'", "'7'", "'17'", "'-5'", "'ff'", "'FF'", "'1g'", "'08'", "'9223372036854775807'",
			"'9223372036854775808'", "'+5'", "' 5'", "'g'", "'@'", "'-'", "'1_0'",
			"'"+strings.Repeat("f", 300)+"'", "'777777777777777777777777'", quoted(g.string()))
	case "extVar":
		return g.pick("'name'", "'name'", "'none'", "1")
	case "ini":
		return g.pick("{ sections: "+g.section(depth)+" }",
			"{ main: "+g.object(depth)+", sections: { s: "+g.object(depth)+" } }",
			"{ main: { a: [1, 'x', null] }, sections: {} }", "{ main:: 1, sections: {} }", "{ main: {} }",
			"{ sections: { a: 1 } }")
	case "jsonml":
		return g.jsonml(depth)
	case "format":
		return quoted(g.format())
	case "formatValues":
		return g.pick(g.list(4, g.pick("number", "string", "any", "number", "count"), depth), g.number(), g.number(),
			quoted(g.string()), g.object(depth), "[1, 2]", "['a', 1.5]", "{ a: 1, b: 'x', c: 2.5 }", "{ a:: -3 }",
			"[5, 2, 3.14159]", "[-5, 3]")
	case "json":
		return quoted(g.pick("1", "-0", "1e400", "[1, 2", "[1, [2, {}]]", `{"a": 1, "b": null, "a": 2}`,
			`"\ud834\udd1e\u0000"`, `"\ud834"`, "", "nul", "true", "[1,]", "1 2", `{"é": "𝄞"}`, strings.Repeat("[",
				60)+strings.Repeat("]", 60), g.string()))
	}
	return quoted(g.pick("a: 1", "- 1\n- x", "a: [1, 2\n", "---\na: 1\n---\nb: 2\n", "--- 1", "---\n", "", "x",
		"{a: 1, b: {c: ~}}", "a: &x 1\nb: *x", "1: a", "2020-01-01", "0o17", "0x1F", "yes", "~", "\"\\u00e9\"",
		"a: |\n  x\n  y\n", "? [1]\n: 2", "a: 1\na: 2", "\ta: 1", "1e400", ".inf", "!!binary YQ==", "- - 1\n  - 2",
		"...\n", "# only", g.string()))
}

func (g *callGenerator) section(depth int) string {
	return g.pick("{}", "{ s: "+g.object(depth)+" }", "{ s: { a: [1, 2], b: 'x' }, t: { } }", "[]", "{ s: [] }")
}

func (g *callGenerator) jsonml(depth int) string {
	if depth <= 0 || g.IntN(4) == 0 {
		return quoted(g.string())
	}
	parts := []string{g.pick("'tag'", "'x:y'", "'é'", "'a'", "['a', 'b']", "1")}
	if g.IntN(2) == 0 {
		parts = append(parts, g.pick("{ a: 1 }", "{}", "{ b: 'x\"', c: null }"))
	}
	for range g.IntN(3) {
		parts = append(parts, g.jsonml(depth-1))
	}
	if g.IntN(30) == 0 {
		parts = append(parts, g.pick("1", "[]", "null", "error 'X'"))
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// fittingFormat returns a format applied to as many values as it takes.
func (g *callGenerator) fittingFormat() string {
	var format strings.Builder
	var values []string
	for range 1 + g.IntN(2) {
		format.WriteString(g.pick("", "x", "é"))
		format.WriteString("%")
		for g.IntN(2) == 0 {
			format.WriteString(g.pick("#", "0", "-", " ", "+"))
		}
		format.WriteString(g.pick("", "", "1", "5", "12", "30"))
		format.WriteString(g.pick("", "", ".", ".0", ".1", ".2", ".3", ".6", ".10", ".17", ".25"))
		conversion := g.pick("d", "i", "o", "x", "X", "e", "E", "f", "g", "G", "s", "c")
		format.WriteString(conversion)
		switch conversion {
		case "s":
			values = append(values, g.value("any", 2))
		case "c":
			values = append(values, g.pick(g.special("character", 1), g.special("codepoint", 1)))
		default:
			values = append(values, g.number())
		}
	}
	return quoted(format.String()) + " % [" + strings.Join(values, ", ") + "]"
}

func (g *callGenerator) format() string {
	var b strings.Builder
	for range 1 + g.IntN(3) {
		b.WriteString(g.pick("", "", "x", "é ", "100%% "))
		b.WriteString("%")
		if g.IntN(4) == 0 {
			b.WriteString(g.pick("(a)", "(b)", "(c)", "()", "(x y)", "(z"))
		}
		for g.IntN(2) == 0 {
			b.WriteString(g.pick("#", "0", "-", " ", "+"))
		}
		b.WriteString(g.pick("", "", "", "1", "5", "12", "30", "*"))
		if g.IntN(2) == 0 {
			b.WriteString("." + g.pick("", "0", "1", "2", "3", "6", "10", "17", "25", "*", "310"))
		}
		b.WriteString(g.pick("", "", "", "h", "l", "L"))
		b.WriteString(g.pick("d", "i", "u", "o", "x", "X", "e", "E", "f", "F", "g", "G", "c", "s", "%", "d", "f", "g",
			"s", "s", "q", "é", ""))
	}
	return b.String()
}
