package hostile

import (
	"slices"
	"strings"
)

// depth is a row for a function of internal/jsonnet that bounds its depth by pushing a frame
// onto the stack of calls.
func depth(name, input string, programs ...string) Loop {
	return nesting(name, input, "push", programs...)
}

func nesting(name, input, asks string, programs ...string) Loop {
	return Loop{Func: "internal/jsonnet." + name, Input: input, Asks: []string{asks}, Programs: programs}
}

// endless is an expression that takes more time than the limit.
const endless = "std.foldl(function(a, i) std.foldl(function(b, j) b + j, std.range(1, 1000), a), std.range(1, 1000000), 0)"

func evaluation() Area {
	const (
		million = "local n = 1000000; "
		// tower is an array in an array, and so on, a million deep.
		tower = million + "local tower(leaf) = std.foldl(function(inner, i) [inner], std.range(1, n), leaf); "
	)
	return Area{
		Loops: []Loop{
			depth("evaluator.force", "nesting of what is asked for", "thunk-chain"),
			depth("evaluator.fieldAt", "nesting of fields", "field-chain"),
			depth("evaluator.activate", "nesting of calls", "recursion"),
			depth("evaluator.assert", "nesting of assertions", "assert-recursion"),
			depth("evaluator.plusField", "nesting of +:", "plus-chain"),
			depth("evaluator.prune", "nesting of values", "prune-tower"),
			depth("evaluator.flattenDeep", "nesting of arrays", "flatten-tower"),
			depth("evaluator.deepJoin", "nesting of arrays", "deep-join-tower"),
			depth("evaluator.toGo", "nesting of arguments of native functions", "native-argument-tower"),
			depth("evaluator.appendPython", "nesting of values", "python-tower"),
			depth("evaluator.appendXML", "nesting of elements", "xml-tower"),
			depth("evaluator.follow", "nesting of what is asked for", "thunk-chain"),
			depth("manifester.append", "nesting of the result", "result-tower"),
			depth("merge.eval", "nesting of object comprehensions", "comprehension-tower"),
			depth("patched.eval", "nesting of merge patches", "merge-patch-recursion"),
			depth("nativeCall.eval", "nesting of calls of the standard library", "native-recursion"),
			depth("loop.run", "nesting of comprehensions", "comprehension-product"),
			depth("Result.outline", "nesting of the result", "outline-tower"),
			nesting("evaluator.equalArrays", "nesting of arrays", "descend", "equal-towers"),
			nesting("evaluator.equalObjects", "nesting of objects", "descend", "equal-object-towers"),
			nesting("evaluator.compareArrays", "nesting of arrays", "descend", "compare-towers"),
			nesting("jsonWriter.append", "nesting of values", "tooDeep", "json-tower"),
			nesting("yamlWriter.append", "nesting of values", "tooDeep", "yaml-tower"),
			nesting("tomlWriter.value", "nesting of arrays", "check", "toml-tower"),
			nesting("tomlWriter.table", "nesting of tables", "check", "toml-tower"),
			nesting("tracer.definition", "what values are made of", "step", "explain-fold"),
			nesting("tracer.code", "what values are made of", "step", "explain-fold"),
			nesting("tracer.call", "what values are made of", "step", "explain-fold"),
			nesting("tracer.operand", "what values are made of", "step", "explain-fold"),
			nesting("tracer.inside", "what values are made of", "step", "explain-fold"),
			{Func: "internal/jsonnet.plain.value", Input: "nesting and values of a file that is JSON", Asks: []string{"MostBrackets"}, Programs: []string{"import-deep-json", "import-json-large"}},
			{Func: "internal/eval.importWalker.code", Input: "imports that lead to others", Asks: []string{"seen"}, Programs: []string{"imports-chain-listed"}},
		},
		Bounded: slices.Concat(
			bounded("nesting of the code, which CheckNesting bounds, and evaluator.enter counts against mostNested", "internal/jsonnet.*.eval"),
			bounded("nesting of the code, which CheckNesting bounds before it is parsed",
				"internal/jsonnet.compiler.node", "internal/jsonnet.compiler.loop", "internal/jsonnet.outline.need", "internal/jsonnet.outline.value",
				"internal/jsonnet.profiledCode.walk", "internal/jsonnet.scope.resolve", "internal/eval.appendImports"),
			bounded("what readers make of a text for a native function, at most 10,000 deep", "internal/jsonnet.evaluator.fromGo", "internal/jsonnet.evaluator.marking"),
			bounded("nesting of the text, at most MostBrackets", "internal/jsonnet.plain.value", "internal/jsonnet.plain.array", "internal/jsonnet.plain.object"),
			bounded("at most mostShared layers", "internal/jsonnet.evaluator.shapeOf"),
			bounded("a stack of calls, at most as deep as the evaluation's", "internal/jsonnet.reporter.collect"),
			bounded("goes from thunk to thunk by code and operands, which count steps", "internal/jsonnet.tracer.thunk", "internal/jsonnet.tracer.field", "internal/jsonnet.tracer.node", "internal/jsonnet.tracer.getting", "internal/jsonnet.tracer.read", "internal/jsonnet.tracer.native"),
			bounded("one goroutine, which starts others", "internal/jsonnet.ahead.add"),
			bounded("asks the kind of what the value refers to, once", "internal/jsonnet.value.kind"),
		),
		Programs: []Program{
			// These programs never end, or make much.
			eval("recursion", "local f(x) = f(x) + 1; f(1)"),
			eval("tail-loop", "local f(x) = f(x + 1) tailstrict; f(1)"),
			eval("thunk-chain", million+"std.foldl(function(a, i) function() a() + 1, std.range(1, n), function() 0)()"),
			eval("field-chain", "{ a: self.b, b: self.a }"),
			eval("assert-recursion", "local o(n) = { assert o(n + 1).a, a: true }; o(0).a"),
			eval("plus-chain", million+"std.foldl(function(a, i) a { a+: [i] }, std.range(1, n), { a: [] }).a"),
			eval("string-doubling", "std.length(std.foldl(function(s, i) s + s, std.range(1, 60), 'x'))"),
			eval("array-doubling", "std.length(std.foldl(function(a, i) a + a, std.range(1, 60), [1]))"),
			eval("shared-dag", "std.foldl(function(a, i) [a, a], std.range(1, 60), 1)"),
			eval("shared-objects", "std.foldl(function(a, i) { a: a, b: a }, std.range(1, 60), 1)"),
			eval("comprehension-product", "[[a, b, c, d] for a in std.range(1, 1000) for b in std.range(1, 1000) for c in std.range(1, 1000) for d in std.range(1, 1000)]"),
			eval("object-comprehension", "{ ['a' + a + b]: a for a in std.range(1, 10000) for b in std.range(1, 10000) }"),
			eval("comprehension-tower", "local f(n) = { [x]: f(n + 1) for x in ['a'] }; f(0)"),
			eval("make-array", "std.length([x for x in std.makeArray(1e9, function(i) i)])"),
			eval("range", "std.range(1, 1e15)"),
			eval("repeat", "std.repeat('x', 1e12)"),
			eval("repeat-array", "std.repeat([1, 2, 3], 1e10)"),
			eval("range-sum", endless),
			eval("inheritance-chain", "local o = std.foldl(function(a, i) a + { ['a' + i]: super.x, x+: 1 }, std.range(1, 300000), { x: 0 }); o.x"),
			eval("super-chain", "std.foldl(function(a, i) a { x: super.x + 1 }, std.range(1, 100000), { x: 0 }).x"),
			eval("merge-patch-recursion", "local f(n) = std.mergePatch({ a: f(n + 1) }, { a: { b: 1 } }); f(0)"),
			eval("merge-patch-tower", million+"local t = std.foldl(function(a, i) { a: a }, std.range(1, n), {}); std.mergePatch(t, t)"),
			eval("sort-key", "std.sort(std.range(1, 1000000), function(x) std.foldl(function(a, i) a + i, std.range(1, 1000), x))"),
			eval("sort-arrays", tower+"std.sort([tower(1), tower(0), tower(2)]) != []"),
			eval("native-recursion", "local f(x) = std.map(f, [x])[0]; f(1)"),
			// Towers: one value in another.
			eval("equal-towers", tower+"tower(1) == tower(2)"),
			eval("compare-towers", tower+"tower(1) < tower(2)"),
			eval("equal-object-towers", million+"local t(leaf) = std.foldl(function(a, i) { a: a }, std.range(1, n), leaf); t(1) == t(2)"),
			eval("result-tower", tower+"tower(1)"),
			eval("outline-tower", "local f(n) = { a: f(n + 1) }; { apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: f(0), data: {} }"),
			eval("prune-tower", tower+"std.prune(tower(1))"),
			eval("flatten-tower", tower+"std.flattenDeepArray(tower(1))"),
			eval("deep-join-tower", tower+"std.deepJoin(tower('x'))"),
			eval("native-argument-tower", tower+"std.native('sha256')(tower(1))"),
			eval("python-tower", tower+"std.manifestPython(tower(1))"),
			eval("xml-tower", million+"std.manifestXmlJsonml(std.foldl(function(inner, i) ['a', inner], std.range(1, n), 'x'))"),
			eval("yaml-tower", tower+"std.manifestYamlDoc(tower(1))"),
			eval("toml-tower", million+"std.manifestTomlEx(std.foldl(function(a, i) { a: a }, std.range(1, n), {}), ' ')"),
			eval("json-tower", tower+"std.manifestJsonEx(tower(1), ' ')"),
			eval("string-tower", tower+"std.length('' + tower(1))"),
			eval("equal-parsed", "local j(n) = std.repeat('[', n) + std.repeat(']', n); std.parseJson(j(1000000))"),
			eval("equal-cycle", "local a = [a], b = [b]; a == b"),
			eval("index-chain", "local a = { a: self }; a"+strings.Repeat(".a", 10_000)+".b"),
			eval("manifest-cycle", "local a = { b: a }; a"),
			// One call that makes much.
			eval("json-newline", "std.length(std.manifestJsonEx(std.range(1, 10000), ' ', std.repeat('\\n', 1000000)))"),
			eval("json-indent", "std.length(std.manifestJsonEx(std.range(1, 10000), std.repeat(' ', 1000000)))"),
			eval("json-separator", "std.length(std.manifestJsonEx({ ['a' + i]: 1 for i in std.range(1, 10000) }, '', '', std.repeat(' ', 1000000)))"),
			eval("toml-indent", "std.length(std.manifestTomlEx({ a: std.range(1, 10000), b: { c: {} } }, std.repeat(' ', 1000000)))"),
			eval("yaml-width", "std.length(std.manifestYamlDoc(std.foldl(function(a, i) { a: a }, std.range(1, 400), { ['a' + i]: i for i in std.range(1, 1000000) })))"),
			eval("ini", "std.length(std.manifestIni({ main: {}, sections: { [std.repeat('s', 1000000) + i]: { a: i } for i in std.range(1, 1000) } }))"),
			eval("format-width", "std.length('%1000000000d' % 1)"),
			eval("format-precision", "std.length('%.1000000000f' % 1)"),
			eval("format-star", "std.length('%*d' % [1000000000, 1])"),
			eval("format-many", "std.length(std.repeat('%s', 1000) % std.makeArray(1000, function(i) std.repeat('x', 1000000)))"),
			eval("replace", "std.length(std.strReplace(std.repeat('x', 1000000), 'x', std.repeat('y', 100000)))"),
			eval("join", "std.length(std.join(std.repeat('x', 1000000), std.repeat(['a'], 100000)))"),
			eval("lines", "std.length(std.lines(std.makeArray(100000, function(i) std.repeat('x', 100000))))"),
			eval("escape", "std.length(std.escapeStringBash(std.repeat(\"'\", 50000000)))"),
			eval("base64", "std.length(std.base64(std.base64(std.repeat('x', 50000000))))"),
			eval("string-chars", "std.length(std.stringChars(std.repeat('x', 50000000)))"),
			eval("split", "std.length(std.split(std.repeat('x,', 30000000), ','))"),
			eval("find-substring", "std.findSubstr(std.repeat('x', 20000), std.repeat('x', 20000000))"),
			eval("flat-map", "std.length(std.flatMap(function(x) std.repeat('x', 1000000), std.range(1, 100000)))"),
			eval("set-union", "std.foldl(function(s, i) std.setUnion(s, [i]), std.range(1, 1000000), [])"),
			eval("parse-json", "std.length(std.parseJson('[' + std.repeat('1,', 20000000) + '1]'))"),
			eval("parse-yaml", "std.length(std.parseYaml(std.repeat('- a: b\\n', 3000000)))"),
			eval("hash", "std.foldl(function(a, i) std.sha3(a + std.repeat('x', 1000000)), std.range(1, 10000), '')"),
			eval("deep-parse-yaml", "std.parseYaml(std.repeat('- ', 1000000) + 'a')"),
			eval("big-integer", "std.parseInt(std.repeat('9', 100000000))"),
			eval("substring", "local s = std.repeat('\\u00e9', 1000000); std.length([1 for i in std.range(0, 999999) for j in [1, 2, 3, 4, 5] if std.substr(s, i, j) == 'x'])"),
			{Name: "trace", Files: code(text("std.foldl(function(a, i) std.trace(std.repeat('x', 10000), a), std.range(1, 1000000), 0)")), Args: []string{"eval", "main.jsonnet", "--max-output", "6Ki"}},
		},
	}
}
