package hostile

import "fmt"

// source returns a program for eval, and one for each command that reads Jsonnet without
// evaluating it.
func source(name string, t Text) []Program {
	return []Program{
		{Name: name, Files: code(t), Args: []string{"eval", "main.jsonnet"}},
		{Name: name + "-fmt", Files: code(t), Args: []string{"fmt", "--stdout", "main.jsonnet"}},
		{Name: name + "-lint", Files: code(t), Args: []string{"lint", "main.jsonnet"}, Exit: []int{1, 2}},
	}
}

// large returns the programs of source for a large text that may pass within the limits.
func large(name string, t Text) []Program {
	out := source(name, t)
	for i := range out {
		out[i].Exit = []int{0, 1, 2}
	}
	return out
}

func sources() Area {
	var out []Program
	for _, brackets := range [][3]string{{"round", "(", ")"}, {"square", "[", "]"}, {"curly", "{a:", "}"}} {
		out = append(out, source("brackets-"+brackets[0], nested(brackets[1], "1", brackets[2], 100_000))...)
	}
	for _, deep := range []struct {
		name string
		text Text
	}{
		{"unary", join(repeat("!", 1_000_000), text("true"))},
		{"minus", join(repeat("-", 1_000_000), text("1"))},
		{"plus", join(repeat("1+", 1_000_000), text("1"))},
		{"implicit-plus", join(text("{}"), repeat("{a:1}", 300_000))},
		{"conditions", join(repeat("if true then ", 300_000), text("1"))},
		{"else", join(repeat("if false then 0 else ", 300_000), text("1"))},
		{"functions", join(repeat("function(x) ", 300_000), text("1"))},
		{"locals", join(numbered(300_000, "local a# = 1; "), text("a1"))},
		{"asserts", join(repeat("assert true; ", 300_000), text("1"))},
		{"calls", join(text("f"), repeat("()", 300_000))},
		{"indexes", join(text("a"), repeat(".a", 300_000))},
		{"errors", join(repeat("error ", 300_000), text("1"))},
		{"open", repeat("[", 1_000_000)},
		{"comprehensions", nested("[", "1", " for x in [1]]", 100_000)},
		{"imports-computed", join(repeat("(import 'main.jsonnet').a + ", 100_000), text("1"))},
	} {
		out = append(out, source("deep-"+deep.name, deep.text)...)
	}
	out = append(out, large("array-elements", join(text("["), repeat("1,", 5_000_000), text("1]")))...)
	out = append(out, large("object-fields", join(text("{"), numbered(1_000_000, "a#: #,"), text("}")))...)
	out = append(out, large("many-locals", join(text("local "), numbered(300_000, "a# = #, "), text("z = 1; z")))...)
	out = append(out, large("object-locals", join(text("{"), numbered(300_000, "local a# = #,"), text("}")))...)
	out = append(out, large("many-comments", join(repeat("# c\n", 4_000_000), text("1")))...)
	out = append(out, large("many-arguments", join(text("local f() = 1; f("), repeat("1,", 1_000_000), text("1)")))...)
	out = append(out, large("many-parameters", join(text("local f("), numbered(300_000, "a#,"), text("z) = 1; f")))...)
	out = append(out, large("text-block", join(text("|||\n"), repeat("  x\n", 25_000_000), text("|||")))...)
	out = append(out, large("long-string", join(text("'"), repeat("x", 100_000_000), text("'")))...)
	out = append(out, large("escapes", join(text("'"), repeat(`\u0041`, 10_000_000), text("'")))...)
	out = append(out, large("empty-lines", join(repeat("\n", 20_000_000), text("1")))...)
	out = append(out, large("long-identifier", join(repeat("a", 10_000_000), text("b")))...)
	out = append(out, large("long-number", join(repeat("1", 10_000_000)))...)
	out = append(out, Program{Name: "block-comments-open", Files: code(repeat("/* ", 5_000_000)), Args: []string{"eval", "main.jsonnet"}})
	out = append(out, []Program{
		{Name: "fmt-test-brackets", Files: code(nested("(", "1", ")", 100_000)), Args: []string{"fmt", "--test", "main.jsonnet"}},
		{Name: "fmt-stdin", Stdin: nested("(", "1", ")", 100_000), Args: []string{"fmt", "-"}, Place: "<stdin>:"},
		{Name: "fmt-stdin-endless", Stdin: repeat("1,", 300_000_000), Args: []string{"fmt", "-"}, Place: "<stdin>:"},
		{Name: "lint-directory", Files: []File{
			{"a.libsonnet", nested("(", "1", ")", 100_000)}, {"b.jsonnet", text("{}")}}, Args: []string{"lint", "."}, Exit: []int{1, 2}, Place: "a.libsonnet:"},
		{Name: "lint-sums", Files: code(join(text("("), numbered(5_000, "{ a#: 1 } + "), text("{}).a1"))), Args: []string{"lint", "main.jsonnet"}, Exit: []int{0, 1, 2}},
		{Name: "lint-locals", Files: code(join(numbered(6_000, "local a# = 1; "), text("1"))), Args: []string{"lint", "main.jsonnet"}, Exit: []int{0, 1, 2}},
		{Name: "lint-fields", Files: code(join(list("local o = { ", 5_000, "a#: 1", " }; "), list("[", 5_000, "o.b#", "]"))), Args: []string{"lint", "main.jsonnet"}, Exit: []int{0, 1, 2}},
		{Name: "lint-calls", Files: code(join(list("local f(", 3_000, "a#", ") = 1; "), repeat("[f(), ", 1), repeat("f(), ", 10_000), text("1]"))), Args: []string{"lint", "main.jsonnet"}, Exit: []int{0, 1, 2}},
		{Name: "lint-alternatives", Files: code(join(list("local o = [", 3_000, "{ a#: 1 }", "]; "), list("[", 3_000, "o[0].b#", "]"))), Args: []string{"lint", "main.jsonnet"}, Exit: []int{0, 1, 2}},
		{Name: "lint-names", Files: code(join(each(3_000, func(i int) string { return fmt.Sprintf("local a%d = {a: a%d, b: a%d};", i+1, i, i) }), text("a1"))), Args: []string{"lint", "main.jsonnet"}, Exit: []int{0, 1, 2}},
		{Name: "test-recursion", Files: one("a_test.jsonnet", text("{ a: { actual: local f(x) = f(x) + 1; f(1), expected: 1 } }")), Args: []string{"test", "."}, Exit: []int{1, 2}, Place: "a_test.jsonnet:"},
		{Name: "test-endless", Files: one("a_test.jsonnet", text("{ a: { actual: "+endless+", expected: 1 } }")), Args: []string{"test", "."}, Exit: []int{1, 2}, Place: "a_test.jsonnet:"},
		{Name: "test-doubling", Files: one("a_test.jsonnet", text("{ a: { actual: std.foldl(function(s, i) s + s, std.range(1, 27), 'x'), expected: std.foldl(function(s, i) s + s, std.range(1, 27), 'y') } }")), Args: []string{"test", "."}, Exit: []int{1, 2}, Place: "a_test.jsonnet:"},
		{Name: "test-many", Files: one("a_test.jsonnet", text("{ ['a' + i]: { actual: i, expected: 0 } for i in std.range(1, 1000000) }")), Args: []string{"test", "."}, Exit: []int{1, 2}, Place: "a_test.jsonnet:"},
		{Name: "test-brackets", Files: one("a_test.jsonnet", nested("[", "1", "]", 100_000)), Args: []string{"test", "."}, Exit: []int{1, 2}, Place: "a_test.jsonnet:"},
		{Name: "imports-brackets", Files: code(nested("[", "import 'a'", "]", 100_000)), Args: []string{"tool", "imports", "."}},
		{Name: "imports-many", Files: code(join(text("["), numbered(500_000, "import 'a#',"), text("]"))), Args: []string{"tool", "imports", "."}},
		{Name: "imports-chain", Files: []File{{"main.jsonnet", text("import '0.jsonnet'")}}, Prepare: chain(20_000), Args: []string{"eval", "main.jsonnet"}, Place: "jsonnet:"},
		{Name: "imports-chain-listed", Files: []File{{"main.jsonnet", text("import '0.jsonnet'")}}, Prepare: chain(20_000), Args: []string{"tool", "imports", "."}, Exit: []int{0, 2}, Place: "jsonnet:"},
		{Name: "imports-cycle", Files: code(text("{ a: (import 'main.jsonnet').a }")), Args: []string{"eval", "main.jsonnet"}},
		{Name: "explain-recursion", Files: code(text("local f(n) = { a: f(n + 1) }; f(0)")), Args: []string{"explain", "main.jsonnet", "ConfigMap/a"}},
		{Name: "explain-brackets", Files: code(nested("[", "1", "]", 100_000)), Args: []string{"explain", "main.jsonnet", "ConfigMap/a"}},
		{Name: "explain-fold", Files: code(text(configMap("'' + " + endless))), Args: []string{"explain", "main.jsonnet", "ConfigMap/a", "data.a"}},
		{Name: "profile-recursion", Files: code(text("local f(x) = f(x + 1) tailstrict; f(1)")), Args: []string{"eval", "main.jsonnet", "--profile", "out.pprof"}},
		{Name: "expression-brackets", Files: code(text("{}")), Args: []string{"eval", "main.jsonnet", "-e", nestedString("(", "1", ")", 20_000)}, Place: "-"},
		{Name: "expression-doubling", Files: code(text("{}")), Args: []string{"eval", "main.jsonnet", "-e", "{ a: std.foldl(function(s, i) s + s, std.range(1, 60), 'x') }.a"}, Place: "-"},
		{Name: "argument-brackets", Files: code(text("function(a) a")), Args: []string{"eval", "main.jsonnet", "--tla-code", "a=" + nestedString("[", "1", "]", 20_000)}, Place: "-"},
		{Name: "argument-endless", Files: code(text("function(a) a")), Args: []string{"eval", "main.jsonnet", "--tla-code", "a=" + endless}, Place: "-"},
		{Name: "argument-file", Files: []File{{"main.jsonnet", text("function(a) a")}, {"a.txt", repeat("x", 500_000_000)}}, Args: []string{"eval", "main.jsonnet", "--tla-str-file", "a=a.txt"}, Place: "-"},
		{Name: "external-brackets", Files: code(text("std.extVar('a')")), Args: []string{"eval", "main.jsonnet", "--ext-code", "a=" + nestedString("{a:", "1", "}", 20_000)}, Place: "-"},
	}...)
	return Area{Programs: out}
}

// configMap is the Jsonnet of a ConfigMap whose data has the field a with the value.
func configMap(value string) string {
	return "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'b' }, data: { a: " + value + " } }"
}
