package hostile

import (
	"fmt"
	"strings"
)

// Honest returns programs that are large but mean no harm. They must pass within the limits
// that end the hostile ones. They end with status 0 if Exit is nil.
func Honest() []Program {
	object := configMap("'b'") + " { metadata+: { name: 'a%d' % i } }"
	environments := "{ apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: 'e%d' % i }, spec: { namespace: 'x' }, data: { a: " + configMap("'b'") + " } }"
	lines := func(changedEach int) Text {
		return join(text(mapHead+"data:\n  a: |\n"), each(5_000, func(i int) string {
			if changedEach > 0 && i%changedEach == 0 {
				return fmt.Sprintf("    line %d changed\n", i)
			}
			return fmt.Sprintf("    line %d\n", i)
		}))
	}
	schema := join(text(`{"type":"object","properties":{`), numbered(2_000, `"p#":{"type":"string","description":"a property","maxLength":10},`), text(`"z":{"type":"string"}}}`))
	yaml := numbered(25_000, "- name: service-#\n  labels: {app: a, tier: b}\n  replicas: 3\n  hosts: [a.example.com, b.example.com]\n")
	jsonnet := each(1_000, func(i int) string {
		return fmt.Sprintf("local f%d(x, y=1) = { a: x + y, b: [x, y, %d], c: if x > 0 then 'positive' else 'negative' };\n", i, i)
	})
	programs := []Program{
		{Name: "json-file", Files: []File{{"main.jsonnet", text("std.length(import 'a.json')")},
			{"a.json", join(text("["), numbered(60_000, `{"name":"service-#","labels":{"app":"a","tier":"b"},"replicas":3},`), text("{}]"))}}},
		{Name: "json-file-printed", Files: []File{{"main.jsonnet", text("import 'a.json'")},
			{"a.json", join(text("["), numbered(60_000, `{"name":"service-#","labels":{"app":"a","tier":"b"},"replicas":3},`), text("{}]"))}}},
		{Name: "objects", Files: code(text("[" + object + " for i in std.range(1, 20000)]")), Args: []string{"show", "main.jsonnet"}},
		{Name: "objects-exported", Files: code(text("[" + object + " for i in std.range(1, 1000)]")), Args: []string{"export", "out", "main.jsonnet"}},
		{Name: "objects-validated", Files: code(text("[" + object + " for i in std.range(1, 5000)]")), Args: []string{"validate", "main.jsonnet"}},
		{Name: "objects-listed", Files: code(text("[" + object + " for i in std.range(1, 20000)]")), Args: []string{"status", "main.jsonnet"}},
		{Name: "text-block", Files: code(join(text("|||\n"), repeat("  a line of some forty characters, or so\n", 50_000), text("|||")))},
		{Name: "text-block-formatted", Files: code(join(text("|||\n"), repeat("  a line of some forty characters, or so\n", 50_000), text("|||"))), Args: []string{"fmt", "main.jsonnet"}},
		{Name: "text-block-linted", Files: code(join(text("|||\n"), repeat("  a line of some forty characters, or so\n", 50_000), text("|||"))), Args: []string{"lint", "main.jsonnet"}},
		{Name: "nested-arrays", Files: code(nested("[", "1", "]", 2_000)), Args: []string{"eval", "main.jsonnet", "--max-stack", "5000"}},
		{Name: "nested-arrays-formatted", Files: code(nested("[", "1", "]", 2_000)), Args: []string{"fmt", "main.jsonnet"}},
		{Name: "nested-arrays-linted", Files: code(nested("[", "1", "]", 2_000)), Args: []string{"lint", "main.jsonnet"}},
		{Name: "nested-yaml", Files: one("a.yaml", nested("[", "1", "]", 2_000)), Args: []string{"validate", "-f", "a.yaml"}, Exit: []int{1}},
		{Name: "importstr", Files: []File{{"main.jsonnet", text("std.length(importstr 'a.txt')")}, {"a.txt", repeat("some words\n", 1_000_000)}}},
		{Name: "importstr-printed", Files: []File{{"main.jsonnet", text("importstr 'a.txt'")}, {"a.txt", repeat("some words\n", 1_000_000)}}},
		{Name: "importbin", Files: []File{{"main.jsonnet", text("std.length(importbin 'a.bin')")}, {"a.bin", repeat("\xff", 1_000_000)}}},
		{Name: "array", Files: code(join(text("["), numbered(100_000, "#,"), text("]")))},
		{Name: "array-comprehension", Files: code(text("[{ a: i, b: 'x%d' % i } for i in std.range(1, 100000)]"))},
		{Name: "sorted", Files: code(text("std.length(std.sort([(i * 7919) % 100003 for i in std.range(1, 100000)]))"))},
		{Name: "string-building", Files: code(text("std.length(std.foldl(function(a, i) a + 'x', std.range(1, 100000), ''))"))},
		{Name: "object-layers", Files: code(text("std.length(std.foldl(function(a, i) a + { ['k' + i]: i }, std.range(1, 5000), {}))"))},
		{Name: "recursion", Files: code(text("local fib(n) = if n < 2 then n else fib(n - 1) + fib(n - 2); fib(24)"))},
		{Name: "environments", Files: code(text("[" + environments + " for i in std.range(1, 300)]")), Args: []string{"env", "list"}},
		{Name: "environment-directories", Prepare: spread(300, "e#/main.jsonnet", configMap("'b'")), Args: []string{"export", "out", ".", "-r", "--format", "{{env.metadata.name}}/{{.kind}}-{{.metadata.name}}"}},
		{Name: "diff-lines", Files: []File{{"a/a.yaml", lines(0)}, {"b/a.yaml", lines(7)}}, Args: []string{"diff", "a", "b"}, Exit: []int{1}},
		{Name: "diff-objects", Files: []File{{"a/a.yaml", numbered(2_000, document+"---\n")}, {"b/a.yaml", numbered(2_000, strings.ReplaceAll(document, "a: b", "a: c")+"---\n")}}, Args: []string{"diff", "a", "b"}, Exit: []int{1}},
		{Name: "documents-validated", Files: one("a.yaml", numbered(3_000, document+"---\n")), Args: []string{"validate", "-f", "a.yaml"}},
		{Name: "findings", Files: one("a.yaml", numbered(2_000, document+"dota: 1\n---\n")), Args: []string{"validate", "-f", "a.yaml"}, Exit: []int{1}},
		{Name: "list-validated", Files: one("a.json", join(text(`{"apiVersion":"v1","kind":"List","items":[`), numbered(5_000, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c#","namespace":"d"}},`), text(mapJSON+"}]}"))), Args: []string{"validate", "-f", "a.json"}},
		{Name: "large-map-validated", Files: one("a.yaml", join(text(mapHead+"data:\n"), numbered(2_000, "  k#: \""+strings.Repeat("x", 400)+"\"\n"))), Args: []string{"validate", "-f", "a.yaml"}},
		{Name: "crd-properties", Files: one("a.yaml", join(crd(schema), custom(join(text("{"), numbered(2_000, `"p#":"v",`), text(`"z":"z"}`))))), Args: []string{"validate", "-f", "a.yaml"}},
		{Name: "crd-properties-generated", Files: one("a.yaml", crd(schema)), Args: []string{"k8s", "generate", "--crd", "a.yaml", "--out", "out"}},
		{Name: "cel", Files: one("a.yaml", join(crd(text(`{"type":"object","properties":{"l":{"type":"array","maxItems":1000,"items":{"type":"string","maxLength":20}}},"x-kubernetes-validations":[{"rule":"self.l.all(a, a.startsWith('a'))"}]}`)), custom(join(text(`{"l":[`), numbered(900, `"a#",`), text(`"a"]}`))))), Args: []string{"validate", "-f", "a.yaml"}},
		{Name: "files-formatted", Prepare: spread(1_000, "a/#.jsonnet", "{ a: [#, 1, 2, 3] }\n"), Args: []string{"fmt", "--test", "a"}},
		{Name: "files-linted", Prepare: spread(300, "a/#.jsonnet", "local a = #; { a: [a, 1, 2, 3] }\n"), Args: []string{"lint", "a"}},
		{Name: "code-formatted", Files: code(join(jsonnet, text("[f0(1), f1(2)]\n"))), Args: []string{"fmt", "main.jsonnet"}},
		{Name: "code-evaluated", Files: code(join(jsonnet, text("[f0(1), f1(2)]\n")))},
		{Name: "tests", Files: one("a_test.jsonnet", text("{ ['a' + i]: { actual: i, expected: i } for i in std.range(1, 500) }")), Args: []string{"test", "."}},
		{Name: "yaml-imported", Files: []File{{"main.jsonnet", text("std.length(import 'yaml:a.yaml')")}, {"a.yaml", numbered(7_000, "- name: service-#\n  labels: {app: a, tier: b}\n  replicas: 3\n  hosts: [a.example.com, b.example.com]\n")}}},
		{Name: "yaml-parsed", Files: []File{{"main.jsonnet", text("std.length(std.parseYaml(importstr 'a.yaml'))")}, {"a.yaml", yaml}}},
		{Name: "json-parsed", Files: code(text("std.length(std.native('parseJson')('[' + std.repeat('{\"a\":1,\"b\":[1,2,3]},', 100000) + '1]'))"))},
		{Name: "yaml-manifested", Files: code(text("std.length(std.manifestYamlDoc([{ a: i, b: { c: 'x%d' % i } } for i in std.range(1, 30000)]))"))},
		{Name: "json-manifested", Files: code(text("std.length(std.manifestJsonEx([{ a: i, b: { c: 'x%d' % i } } for i in std.range(1, 30000)], '  '))"))},
		{Name: "regex", Files: code(text("std.length(std.native('regexSubst')('[aeiou]+', std.repeat('some words, ', 100000), '$0$0'))"))},
		{Name: "glob", Files: code(text("std.length(import 'glob-importstr:a/*.{txt,md}')")), Prepare: spread(1_000, "a/#.txt", "text #")},
		{Name: "imports", Files: code(text("import '0.jsonnet'")), Prepare: chain(400)},
		{Name: "imports-listed", Files: code(text("import '0.jsonnet'")), Prepare: chain(2_000), Args: []string{"tool", "imports", "."}},
		{Name: "format", Files: code(text("[" + object + " for i in std.range(1, 1000)]")), Args: []string{"export", "out", "main.jsonnet", "--format", "{{.kind | lower}}/{{.metadata.name | trunc 10 | upper | replace \"A\" \"b\"}}"}},
		helmProgram("helm-output", "{ nameFormat: '{{.kind}}_{{.metadata.name}}' }", "i=0; while [ $i -lt 1000 ]; do echo '---'; echo 'apiVersion: v1'; echo 'kind: ConfigMap'; echo \"metadata: {name: a$i}\"; i=$((i+1)); done"),
		{Name: "explained", Files: code(text("[" + object + " for i in std.range(1, 5000)]")), Args: []string{"explain", "main.jsonnet", "ConfigMap/a7", "metadata.name"}},
		{Name: "affected", Prepare: func(dir string) error {
			if err := spread(300, "e#/main.jsonnet", "(import 'a.libsonnet') + { b: # }")(dir); err != nil {
				return err
			}
			if err := spread(1, "lib/a.libsonnet", "{}")(dir); err != nil {
				return err
			}
			return changed("lib/a.libsonnet", "{ a: 1 }")(dir)
		}, Args: []string{"affected", "HEAD"}},
		{Name: "diff-revision", Files: code(text("[" + object + " for i in std.range(1, 1000)]")),
			Prepare: changed("main.jsonnet", "["+strings.ReplaceAll(object, "'b'", "'c'")+" for i in std.range(1, 1000)]"), Args: []string{"diff", "--from", "HEAD", "."}, Exit: []int{1}},
		{Name: "importers", Prepare: libraries(500), Args: []string{"tool", "importers", "lib/a7.libsonnet"}},
		{Name: "importers-counted-files", Prepare: libraries(100), Args: []string{"tool", "importers-count", "lib"}},
		{Name: "import-path", Prepare: libraries(500), Args: []string{"tool", "jpath", "e1"}},
		{Name: "traced", Files: []File{{"main.jsonnet", text("[" + object + " for i in std.range(1, 2000)]")}, {"a.yaml", each(2_000, func(i int) string {
			return fmt.Sprintf("---\napiVersion: v1\ndata:\n  a: b\nkind: ConfigMap\nmetadata:\n  name: a%d\n  namespace: b\n", i+1)
		})}}, Args: []string{"trace", "a.yaml:12000", "main.jsonnet"}},
		{Name: "packages-installed", Files: localPackages(300), Args: []string{"vendor", "install"}},
		{Name: "packages-checked", Files: append(localPackages(300), File{"main.jsonnet", list("[", 300, "import 'p#/a.libsonnet'", "]")}), Prepare: func(dir string) error {
			for i := range 300 {
				if err := links(fmt.Sprintf("vendor/p%d", i), fmt.Sprintf("../p%d", i))(dir); err != nil {
					return err
				}
			}
			return nil
		}, Args: []string{"vendor", "check"}, Exit: []int{0, 1}},
		{Name: "packages-listed", Files: localPackages(1_000), Args: []string{"vendor", "list"}},
		{Name: "environment-added", Prepare: libraries(300), Args: []string{"env", "add", "e/new", "--namespace", "x"}},
		{Name: "environment-set", Files: []File{{"e/main.jsonnet", text("{}")}, {"e/spec.json", join(text(`{"apiVersion":"tanka.dev/v1alpha1","kind":"Environment","metadata":{"name":"e","labels":{`), numbered(2_000, `"l#":"v",`), text(`"z":"z"}},"spec":{"namespace":"x"}}`))}},
			Args: []string{"env", "set", "e", "--namespace", "y"}},
		{Name: "environment-removed", Prepare: spread(2_000, "e/a#.txt", "text"), Files: one("e/main.jsonnet", text("{}")), Args: []string{"env", "remove", "e", "--yes"}},
		{Name: "error-short", Files: code(text("error 'x'")), Exit: []int{2}},
	}
	for i := range programs {
		if programs[i].Args == nil {
			programs[i].Args = []string{"eval", "main.jsonnet"}
		}
		if programs[i].Exit == nil {
			programs[i].Exit = []int{0}
		}
		programs[i].Place = "-"
	}
	return programs
}

// libraries makes n environments. Each has its own library, and all share another.
func libraries(n int) func(dir string) error {
	return func(dir string) error {
		if err := spread(n, "e#/main.jsonnet", "(import 'a.libsonnet') + (import 'a#.libsonnet')")(dir); err != nil {
			return err
		}
		if err := spread(n, "lib/a#.libsonnet", "{ b: # }")(dir); err != nil {
			return err
		}
		return spread(1, "lib/a.libsonnet", "{}")(dir)
	}
}

// localPackages are n packages in directories of the project, which declares them.
func localPackages(n int) []File {
	var b strings.Builder
	var files []File
	for i := range n {
		fmt.Fprintf(&b, `,{"source":{"local":{"directory":"p%d"}},"version":""}`, i)
		files = append(files, File{fmt.Sprintf("p%d/a.libsonnet", i), text("{}")})
	}
	return append(files, File{"jsonnetfile.json", text(`{"version":1,"dependencies":[` + b.String()[1:] + `],"legacyImports":false}`)})
}
