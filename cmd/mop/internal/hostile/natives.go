package hostile

import "slices"

func natives() Area {
	native := func(name, code string) Program { return eval("native-"+name, "local n = std.native; "+code) }
	nameFormat := func(name, format string) Program {
		return helmProgram("name-format-"+name, "{ nameFormat: '"+format+"' }", "echo 'apiVersion: v1'; echo 'kind: ConfigMap'; echo 'metadata: {name: a}'")
	}
	return Area{
		Loops: []Loop{
			{Func: "internal/native.parseJSON", Input: "the text", Asks: []string{"JSON"}, Programs: []string{"native-parse-json", "native-parse-json-objects", "native-parse-json-text"}},
			{Func: "internal/native.parseYAML", Input: "the text", Asks: []string{"YAML"}, Programs: []string{"native-parse-yaml", "native-parse-yaml-bomb", "native-parse-yaml-documents"}},
			{Func: "internal/native.manifestJSON", Input: "the text, its nesting and the indent", Asks: []string{"Indent"}, Programs: []string{"native-manifest-json", "native-manifest-json-nested"}},
			{Func: "internal/native.numbers", Input: "the text", Asks: []string{"Away"}, Programs: []string{"native-manifest-yaml"}},
			{Func: "internal/native.sha256Hex", Input: "the text", Asks: []string{"Err"}, Programs: []string{"native-sha256-long"}},
			{Func: "internal/native.escapeRegex", Input: "the text", Asks: []string{"Reserve"}, Programs: []string{"native-regex-escape"}},
			{Func: "internal/native.expression.compile", Input: "the expression and its counts", Asks: []string{"Away"}, Programs: []string{"native-regex-compile", "native-regex-nested", "native-regex-repeat"}},
			{Func: "internal/native.expression.match", Input: "the program and the text", Asks: []string{"Err"}, Programs: []string{"native-regex-match", "native-regex-match-alternatives"}},
			{Func: "internal/native.expression.replace", Input: "the program, the text and its matches", Asks: []string{"Err"}, Programs: []string{"native-regex-subst-slow", "native-regex-subst-empty"}},
			{Func: "internal/native.output.grow", Input: "the replacement and the matches", Asks: []string{"Reserve"}, Programs: []string{"native-regex-subst-empty", "native-regex-subst-group"}},
			{Func: "internal/naming.Parse", Input: "the loops and the nesting of a template", Asks: []string{"Reserve", "longest"}, Programs: []string{"name-format-loop", "name-format-nested-loops", "name-format-parentheses", "export-format-loop"}},
			{Func: "internal/naming.bounded", Input: "the arguments of functions", Asks: []string{"Reserve", "Away"}, Programs: []string{"name-format-repeat", "export-format-repeat", "export-format-join", "export-format-regex"}},
			{Func: "internal/naming.meter.add", Input: "values, and their nesting", Asks: []string{"Work", "deepest"}, Programs: []string{"export-format-repeat-doubled"}},
			{Func: "internal/naming.output.Write", Input: "the output", Asks: []string{"Reserve"}, Programs: []string{"export-format-environment"}},
			{Func: "internal/emitter.emitter.wrote", Input: "the value, its nesting and the lines of its texts", Asks: []string{"Err", "Reserve"}, Programs: []string{"native-manifest-yaml", "native-manifest-yaml-long", "native-manifest-yaml-nested"}},
			{Func: "internal/emitter.emitter.sort", Input: "the keys of an object", Asks: []string{"Away"}, Programs: []string{"show-labels"}},
		},
		Bounded: slices.Concat(
			bounded("the tree of a template, whose text is bounded", "internal/naming.rewrite"),
			bounded("the tree of an expression, of which the parser takes 1,000 levels", "internal/native.instructions"),
			bounded("values that readers or the evaluation have made, at most 10,000 deep", "internal/emitter.emitter.node", "internal/native.references"),
			bounded("goes one character of a key deeper each time, of keys that are there", "internal/emitter.relation.parted"),
			bounded("directories below one, each once", "internal/native.inputs.addDir", "internal/native.kustomization.add", "internal/native.kustomization.follow"),
		),
		Programs: []Program{
			native("parse-yaml", "std.length(n('parseYaml')(std.repeat('- a: b\\n', 5000000)))"),
			native("parse-yaml-documents", "std.length(n('parseYaml')(std.repeat('---\\na: b\\n', 3000000)))"),
			native("parse-yaml-bomb", "n('parseYaml')('a0: &a0 [x,x,x,x,x,x,x,x,x]\\n' + std.join('', ['a%d: &a%d [%s]\\n' % [i, i, std.join(',', std.repeat(['*a%d' % (i - 1)], 9))] for i in std.range(1, 12)]))"),
			native("parse-yaml-merge-bomb", "n('parseYaml')('a0: &a0 {k0: 1, k1: 2}\\n' + std.join('', ['a%d: &a%d\\n  <<: [%s]\\n  x%d: [%s]\\n' % [i, i, std.join(',', std.repeat(['*a%d' % (i - 1)], 10)), i, std.join(',', std.repeat(['*a%d' % (i - 1)], 10))] for i in std.range(1, 11)]))"),
			native("parse-yaml-flow", "n('parseYaml')(std.repeat('[', 1000000))"),
			native("parse-yaml-anchors", "std.length(n('parseYaml')(std.join('', ['- &a%d x\\n' % i for i in std.range(1, 300000)])))"),
			native("parse-yaml-wide", "std.length(n('parseYaml')('{' + std.join(',', ['a%d: 1' % i for i in std.range(1, 300000)]) + '}'))"),
			native("parse-yaml-keys", "n('parseYaml')(std.repeat('? ', 1000000))"),
			native("parse-json", "std.length(n('parseJson')('[' + std.repeat('1,', 30000000) + '1]'))"),
			native("parse-json-objects", "std.length(n('parseJson')('[' + std.repeat('{\"a\":1},', 5000000) + '1]'))"),
			native("parse-json-nested", "n('parseJson')(std.repeat('[', 1000000))"),
			native("parse-json-number", "n('parseJson')(std.repeat('9', 50000000))"),
			native("parse-json-text", "std.length(n('parseJson')('\"' + std.repeat('\\\\u0041', 20000000) + '\"'))"),
			native("manifest-yaml", "std.length(n('manifestYamlFromJson')('[' + std.repeat('1,', 10000000) + '1]'))"),
			native("manifest-yaml-nested", "std.length(n('manifestYamlFromJson')(std.repeat('{\"a\":', 9999) + '1' + std.repeat('}', 9999)))"),
			native("manifest-yaml-long", "std.length(n('manifestYamlFromJson')('\"' + std.repeat('a ', 40000000) + '\"'))"),
			native("manifest-json", "std.length(n('manifestJsonFromJson')('[' + std.repeat('1,', 10000000) + '1]', 4))"),
			native("manifest-json-indent", "std.length(n('manifestJsonFromJson')('[' + std.repeat('1,', 10000) + '1]', 1000000))"),
			native("manifest-json-nested", "std.length(n('manifestJsonFromJson')(std.repeat('[', 9999) + std.repeat(']', 9999), 1000))"),
			native("regex-match", "n('regexMatch')('((x{1,30}){1,30})y', std.repeat('x', 20000000))"),
			native("regex-match-alternatives", "n('regexMatch')('^(' + std.repeat('a?', 900) + std.repeat('a', 900) + ')+b$', std.repeat('a', 1000000))"),
			native("regex-compile", "n('regexMatch')(std.repeat('(a|b)*', 3000000), 'x')"),
			native("regex-nested", "n('regexMatch')(std.repeat('(', 1000000) + std.repeat(')', 1000000), 'x')"),
			native("regex-repeat", "n('regexMatch')('((((a{1000}){1000}){1000}){1000}){1000}', 'a')"),
			native("regex-subst-empty", "std.length(n('regexSubst')('', std.repeat('x', 1000000), std.repeat('y', 100000)))"),
			native("regex-subst-group", "std.length(n('regexSubst')('(.*)', std.repeat('x', 1000000), std.repeat('$0', 100000)))"),
			native("regex-subst-slow", "std.length(n('regexSubst')('((x{1,30}){1,30})y', std.repeat('x', 20000000), ''))"),
			native("regex-escape", "std.length(n('escapeStringRegex')(std.repeat('.', 200000000)))"),
			native("sha256-many", "std.foldl(function(a, i) n('sha256')(a + std.repeat('x', 1000000)), std.range(1, 100000), '')"),
			native("sha256-long", "std.foldl(function(a, i) n('sha256')(std.repeat('x', 40000000) + a), std.range(1, 1000), '')"),
			nameFormat("loop", `{{range until 1000000000}}{{.kind}}{{end}}`),
			nameFormat("nested-loops", `{{range until 100000}}{{range until 100000}}{{end}}{{end}}`),
			nameFormat("repeat", `{{repeat 1000000000 .kind}}`),
			nameFormat("parentheses", "{{"+nestedString("(", "print", ")", 20_000)+"}}"),
		},
	}
}
