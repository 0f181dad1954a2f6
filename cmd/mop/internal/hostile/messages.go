package hostile

import (
	"slices"
	"strings"
)

func messages() Area {
	return Area{
		Bounded: slices.Concat(
			bounded("values that readers or the evaluation have made, at most 10,000 deep", "internal/inputs.eachDefinition", "internal/summary.writeFields"),
			bounded("cases in groups of the result of an evaluation", "internal/unit.Suite.Cases", "pkg/jsonnettest.runGroup"),
			bounded("directories below one", "internal/dependency.Files"),
			bounded("the parts of a path", "internal/workspace.RealPath"),
			bounded("the fields around one", "cmd/mop/internal/check.fileDocument.add"),
			bounded("plain.TooNested, the lists around one", "pkg/validate.received.appendItems"),
		),
		Programs: []Program{
			eval("error-long", "error std.repeat('x', 100000000)"),
			eval("error-lines", "error std.repeat('x\\n', 50000000)"),
			eval("error-escapes", "error std.repeat('\\u001b[31m', 1000000)"),
			eval("error-object", "error { ['a' + i]: i for i in std.range(1, 200000) }"),
			eval("assert-long", "assert false : std.repeat('x', 100000000); 1"),
			eval("object-assert-long", "{ assert false : std.repeat('x', 100000000) }"),
			eval("field-missing-long", "{ a: 1 }[std.repeat('x', 100000000)]"),
			eval("field-twice-long", "local k = std.repeat('x', 50000000); { [k]: 1, [k]: 2 }"),
			eval("field-candidates", "{ ['a' + i]: i for i in std.range(1, 300000) }.a1x"),
			eval("native-missing-long", "std.native(std.repeat('x', 50000000))(1)"),
			eval("native-argument-long", "std.native('sha256')({ a: std.repeat('x', 50000000) })"),
			eval("parse-error-long", "std.parseJson(std.repeat('x', 100000000))"),
			eval("yaml-error-long", "std.native('parseYaml')(std.repeat('x: y: ', 10000000))"),
			eval("regex-error-long", "std.native('regexMatch')(std.repeat('(', 50000000), 'x')"),
			eval("function-result", "function(x) x"),
			eval("trace-long", "std.trace(std.repeat('x', 50000000), error 'a')"),
			{Name: "parser-error-long", Files: code(join(text("a "), repeat("b", 10_000_000))), Args: []string{"eval", "main.jsonnet"}},
			{Name: "variable-name-long", Args: []string{"eval", "main.jsonnet", "--ext-str", strings.Repeat("x", 100_000)}, Place: "-"},
			{Name: "name-long", Args: []string{"eval", strings.Repeat("x", 100_000)}, Place: "-"},
			{Name: "name-escapes", Args: []string{"eval", "\x1b[31mx"}, Place: "-"},
			{Name: "validate-message-long", Files: one("a.yaml", join(text(mapHead+"dota:\n  "), repeat("x", 10_000_000), text(": "), repeat("y", 10_000_000), text("\n"))), Args: []string{"validate", "-f", "a.yaml"}, Exit: []int{1, 2}, Place: "a.yaml:"},
			{Name: "validate-field-long", Files: one("a.yaml", join(text(mapHead), repeat("x", 10_000_000), text(": b\n"))), Args: []string{"validate", "-f", "a.yaml"}, Exit: []int{1, 2}, Place: "a.yaml:"},
			{Name: "validate-value-long", Files: one("a.yaml", join(text("apiVersion: v1\nkind: "), repeat("y", 10_000_000), text("\nmetadata: {name: a}\n"))), Args: []string{"validate", "-f", "a.yaml"}, Exit: []int{1, 2}, Place: "a.yaml:"},
			{Name: "validate-name-escapes", Files: one("a.yaml", text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \"\\e[31mred\\a\"\n")), Args: []string{"validate", "-f", "a.yaml"}, Exit: []int{1}, Place: "a.yaml:"},
			{Name: "show-field-long", Files: code(text("{ [std.repeat('x', 10000000)]: 1 }")), Args: []string{"show", "main.jsonnet"}, Place: "-"},
			{Name: "test-message-long", Files: one("a_test.jsonnet", text("{ a: { actual: std.repeat('x', 10000000), expected: std.repeat('y', 10000000) } }")), Args: []string{"test", "."}, Exit: []int{1, 2}, Place: "-"},
			{Name: "lint-message-long", Files: code(join(text("local "), repeat("a", 10_000_000), text(" = 1; 2"))), Args: []string{"lint", "main.jsonnet"}, Exit: []int{1, 2}},
			{Name: "imports-message-long", Files: code(join(text("import '"), repeat("a", 10_000_000), text("'"))), Args: []string{"tool", "imports", "."}},
		},
	}
}
