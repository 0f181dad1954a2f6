package hostile

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

func projects() Area {
	return Area{
		Loops: []Loop{
			{Func: "internal/project.specWalker.value", Input: "nesting", Asks: []string{"maxSpecDepth"}, Programs: []string{"spec-nested"}},
			{Func: "internal/project.ParseSpec", Input: "the text", Asks: []string{"maxSpec"}, Programs: []string{"spec-labels", "spec-unknown-fields", "spec-long-name", "spec-contexts"}},
			{Func: "internal/project.localDependencies", Input: "the text", Asks: []string{"maxPackageFile"}, Programs: []string{"vendor-gigabyte", "vendor-packages"}},
			{Func: "internal/project.Alternatives", Input: "braces of a pattern, and its length", Asks: []string{"maxAlternatives", "maxPattern"}, Programs: []string{"glob-braces", "glob-braces-nested", "glob-braces-wide", "glob-open"}},
			{Func: "internal/project.Project.globOne", Input: "stars of a pattern, and the files", Asks: []string{"Away"}, Programs: []string{"glob-stars", "glob-stars-in-name", "glob-many-files"}},
			{Func: "internal/project.disk.readFile", Input: "the size of a file", Asks: []string{"ReadOpen"}, Programs: []string{"importstr-large", "import-device", "import-pipe"}},
			{Func: "internal/project.disk.readDir", Input: "the entries of a directory", Asks: []string{"Err"}, Programs: []string{"list-many"}},
			{Func: "internal/bundler.parse", Input: "bytes of a file of packages", Asks: []string{"Reserve", "Away"}, Programs: []string{"vendor-gigabyte", "vendor-lock", "vendor-lock-large"}},
			{Func: "internal/bundler.readFile", Input: "bytes of a file of packages", Asks: []string{"ReadFile"}, Programs: []string{"vendor-gigabyte", "vendor-lock-pipe"}},
			{Func: "internal/bundler.Parse", Input: "packages that a file declares", Asks: []string{"mostPackages"}, Programs: []string{"vendor-packages", "vendor-install-packages"}},
			{Func: "internal/bundler.resolver.ensure", Input: "packages that are needed", Asks: []string{"Err"}, Programs: []string{"vendor-local-chain"}},
			{Func: "internal/bundler.resolver.ensureNested", Input: "packages that need each other in turn", Asks: []string{"mostDepth"}, Programs: []string{"vendor-local-chain"}},
			{Func: "internal/bundler.checker.add", Input: "packages that are needed", Asks: []string{"Err"}, Programs: []string{"vendor-packages"}},
			{Func: "internal/bundler.checker.nested", Input: "packages that need each other in turn", Asks: []string{"mostDepth"}, Programs: []string{"vendor-local-chain-checked"}},
			{Func: "internal/bundler.vendor.plan", Input: "files of the vendor directory", Asks: []string{"Err"}, Programs: []string{"vendor-files"}},
			{Func: "internal/bundler.lookForGenerated", Input: "files of the vendor directory", Asks: []string{"Walk"}, Programs: []string{"vendor-files"}},
			{Func: "internal/export.spool.add", Input: "objects", Asks: []string{"Err", "Wrote"}, Programs: []string{"export-objects", "export-large"}},
		},
		Bounded: slices.Concat(
			bounded("values that the evaluation has made, at most 10,000 deep", "internal/render.flattener.walk", "internal/render.search.walk", "internal/export.clone"),
			bounded("a name in a template, at each dot", "internal/render.lookup"),
			bounded("the parts of a path", "internal/swap.MakeDirs", "internal/swap.resolve"),
			bounded("folders that the command itself has written", "internal/swap.fits", "internal/swap.moveIn", "internal/swap.moveOne"),
			bounded("links that lead to others, at most 255", "internal/project.reach"),
			bounded("the parts of a path, whose length maxPath bounds", "internal/project.disk.realDir"),
			bounded("asks the file system below, once", "internal/project.overlay.*", "internal/project.Project.Resolved"),
		),
		Programs: slices.Concat(globs(), files(), environments(), packages(), revisions()),
	}
}

func globs() []Program {
	glob := func(name, pattern string) Program {
		p := eval("glob-"+name, "{ x: import '"+pattern+"' }")
		p.Files = append(p.Files, File{"a/b.txt", text("x")})
		p.Exit = []int{0, 2}
		return p
	}
	return []Program{
		glob("braces", "glob-importstr:"+strings.Repeat("{a,b}", 24)),
		glob("braces-nested", "glob-importstr:"+nestedString("{a,", "b", "}", 10_000)),
		glob("braces-wide", "glob-importstr:{"+strings.Repeat("a,", 1_000_000)+"b}"),
		glob("stars", "glob-importstr:"+strings.Repeat("**/", 1_000)+"*"),
		glob("stars-in-name", "glob-importstr:a/"+strings.Repeat("*a", 5_000)+"b"),
		glob("classes", "glob-importstr:"+strings.Repeat("[a-z]", 100_000)),
		glob("question-marks", "glob-importstr:"+strings.Repeat("?", 1_000_000)),
		glob("open", "glob-import:"+strings.Repeat("{", 1_000_000)),
		glob("own", "glob-import:**/*.jsonnet"),
		{Name: "glob-many-files", Files: code(text("import 'glob-importstr:a/*.txt'")), Prepare: spread(30_000, "a/#.txt", strings.Repeat("x", 10_000)), Args: []string{"eval", "main.jsonnet"}, Exit: []int{0, 2}},
		{Name: "glob-braces-listed", Files: code(text("import 'glob-importstr:" + strings.Repeat("{a,b}", 24) + "'")), Args: []string{"tool", "imports", "."}, Exit: []int{0, 2}},
		{Name: "glob-braces-checked", Files: code(text("import 'glob-importstr:" + strings.Repeat("{a,b}", 24) + "'")), Args: []string{"vendor", "check"}, Exit: []int{0, 1, 2}},
		{Name: "glob-braces-linted", Files: code(text("import 'glob-importstr:" + strings.Repeat("{a,b}", 24) + "'")), Args: []string{"lint", "main.jsonnet"}, Exit: []int{0, 1, 2}},
	}
}

func files() []Program {
	return []Program{
		{Name: "import-device", Files: code(text("importstr 'zero'")), Prepare: links("zero", "/dev/zero"), Args: []string{"eval", "main.jsonnet"}},
		{Name: "import-pipe", Files: code(text("importstr 'pipe'")), Prepare: pipe("pipe"), Args: []string{"eval", "main.jsonnet"}},
		{Name: "import-pipe-listed", Files: code(text("importstr 'pipe'")), Prepare: pipe("pipe"), Args: []string{"tool", "imports", "."}, Exit: []int{0, 2}},
		{Name: "import-link-loop", Files: code(text("importstr 'a'")), Prepare: links("a", "b", "b", "a"), Args: []string{"eval", "main.jsonnet"}},
		{Name: "import-link-deep", Files: code(text("importstr 'a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/x'")), Prepare: links("a", "."), Args: []string{"eval", "main.jsonnet"}},
		{Name: "entrypoint-pipe", Prepare: pipe("main.jsonnet"), Args: []string{"eval", "main.jsonnet"}, Place: "-"},
		{Name: "entrypoint-device", Prepare: links("main.jsonnet", "/dev/zero"), Args: []string{"eval", "main.jsonnet"}, Place: "-"},
		{Name: "entrypoint-directory", Prepare: links("main.jsonnet", "."), Args: []string{"eval", "main.jsonnet"}, Place: "-"},
		{Name: "git-file-large", Files: []File{{"main.jsonnet", text("{}")}, {".git", join(text("gitdir: "), repeat("x", 500_000_000))}}, Args: []string{"eval", "main.jsonnet"}, Exit: []int{0, 2}, Place: "-"},
		{Name: "packages-file-large", Files: []File{{"main.jsonnet", text("{}")}, {"jsonnetfile.json", join(text(`{"a":"`), repeat("x", 500_000_000), text(`"}`))}}, Args: []string{"eval", "main.jsonnet"}, Exit: []int{0, 2}, Place: "-"},
		{Name: "importstr-large", Files: []File{{"main.jsonnet", text("local a = importstr 'a.txt'; std.length(a + a + a)")}, {"a.txt", repeat("x", 150_000_000)}}, Args: []string{"eval", "main.jsonnet"}},
		{Name: "importstr-printed", Files: []File{{"main.jsonnet", text("importstr 'a.txt'")}, {"a.txt", repeat("\x01", 100_000_000)}}, Args: []string{"eval", "main.jsonnet"}},
		{Name: "importstr-many", Files: []File{
			{"main.jsonnet", text("std.foldl(function(a, i) a + i, [importstr '0.txt', importstr '1.txt', importstr '2.txt', importstr '3.txt'], '')")},
			{"0.txt", repeat("x", 60_000_000)}, {"1.txt", repeat("x", 60_000_000)}, {"2.txt", repeat("x", 60_000_000)}, {"3.txt", repeat("x", 60_000_000)}},
			Args: []string{"eval", "main.jsonnet"}},
		{Name: "importbin-large", Files: []File{{"main.jsonnet", text("std.length(importbin 'a.bin')")}, {"a.bin", repeat("x", 50_000_000)}}, Args: []string{"eval", "main.jsonnet"}, Exit: []int{0, 2}},
		{Name: "import-json-large", Files: []File{{"main.jsonnet", text("import 'a.json'")}, {"a.json", join(text("["), numbered(5_000_000, `{"a":#},`), text("1]"))}}, Args: []string{"eval", "main.jsonnet"}, Place: "a.json:|main.jsonnet:"},
		{Name: "fmt-pipe", Prepare: pipe("a.jsonnet"), Args: []string{"fmt", "."}, Exit: []int{0, 2}, Place: "-"},
		{Name: "fmt-device", Prepare: links("a.jsonnet", "/dev/zero"), Args: []string{"fmt", "a.jsonnet"}, Place: "-"},
		{Name: "fmt-files", Prepare: spread(30_000, "a/#.jsonnet", "{a:[#,1,2,3]}"), Args: []string{"fmt", "--test", "a"}, Exit: []int{1, 2}, Place: ".jsonnet"},
		{Name: "lint-files", Prepare: spread(30_000, "a/#.jsonnet", "local a = #; {a:[#,1,2,3]}"), Args: []string{"lint", "a"}, Exit: []int{1, 2}, Place: ".jsonnet:"},
		{Name: "test-files", Prepare: spread(30_000, "a/#_test.jsonnet", "{a: {actual: #, expected: 1}}"), Args: []string{"test", "a"}, Exit: []int{1, 2}, Place: "-"},
		{Name: "imported-endless", Files: []File{{"main.jsonnet", text("import 'a.libsonnet'")}, {"a.libsonnet", text("local f(x) = f(x + 1) tailstrict; f(1)")}}, Args: []string{"eval", "main.jsonnet"}, Place: "a.libsonnet:"},
		{Name: "importers-files", Prepare: spread(20_000, "a#/main.jsonnet", "import '../a#/b.libsonnet'"), Args: []string{"tool", "importers", "a0/b.libsonnet"}, Exit: []int{0, 2}, Place: "-"},
	}
}

func environments() []Program {
	const environment = "{ apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: 'e' + i }, spec: { namespace: 'x' }, data: {} }"
	spec := func(name string, t Text) Program {
		return Program{Name: "spec-" + name, Files: []File{{"a/main.jsonnet", text("{}")}, {"a/spec.json", t}}, Args: []string{"show", "a"}, Exit: []int{0, 2}, Place: "a/spec.json:"}
	}
	format := func(name, format string) Program {
		return Program{Name: "export-format-" + name, Files: code(text("[" + configMap("'b'") + " { metadata+: { name: 'a' + i } } for i in std.range(1, 100)]")),
			Args: []string{"export", "out", "main.jsonnet", "--format", format}, Place: "-"}
	}
	many := "[" + configMap("'b'") + " { metadata+: { name: 'a' + i } } for i in std.range(1, 1000000)]"
	return []Program{
		spec("nested", nested("[", "", "]", 100_000)),
		spec("nested-objects", nested(`{"a":`, "1", "}", 100_000)),
		spec("labels", join(text(`{"metadata":{"labels":{`), numbered(1_000_000, `"a#":"b",`), text(`"z":"z"}}}`))),
		spec("unknown-fields", join(text("{"), numbered(300_000, `"a#":1,`), text(`"z":1}`))),
		spec("long-name", join(text(`{"metadata":{"name":"`), repeat("x", 100_000_000), text(`"}}`))),
		spec("contexts", join(text(`{"spec":{"contextNames":[`), repeat(`"a",`, 5_000_000), text(`"z"]}}`))),
		{Name: "show-objects", Files: code(text(many)), Args: []string{"show", "main.jsonnet"}},
		{Name: "status-objects", Files: code(text(many)), Args: []string{"status", "main.jsonnet"}},
		{Name: "export-objects", Files: code(text(many)), Args: []string{"export", "out", "main.jsonnet"}},
		{Name: "explain-objects", Files: code(text(many)), Args: []string{"explain", "main.jsonnet", "ConfigMap/a1"}},
		{Name: "show-endless", Files: code(text("{ a: " + endless + " }")), Args: []string{"show", "main.jsonnet"}},
		{Name: "show-deep", Files: code(text(configMap(nestedString("{ a: ", "1", " }", 2_000)))), Args: []string{"show", "main.jsonnet"}, Exit: []int{0, 2}},
		{Name: "show-long-name", Files: code(text("{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: std.repeat('x', 10000000) } }")), Args: []string{"show", "main.jsonnet"}, Exit: []int{0, 2}},
		{Name: "show-same-objects", Files: code(text("[" + configMap("'b'") + " for i in std.range(1, 20000)]")), Args: []string{"show", "main.jsonnet"}, Place: "-"},
		{Name: "show-primitives", Files: code(text("{ ['a' + i]: { b: i } for i in std.range(1, 20000) }")), Args: []string{"show", "main.jsonnet"}, Place: "-"},
		{Name: "show-labels", Files: code(text("{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { ['a' + i]: 'b' for i in std.range(1, 1000000) } } }")), Args: []string{"show", "main.jsonnet"}},
		{Name: "show-provenance", Files: code(text("[" + configMap("'b'") + " { metadata+: { name: 'a' + i } } for i in std.range(1, 100000)]")), Args: []string{"show", "main.jsonnet", "--provenance"}, Exit: []int{0, 2}},
		{Name: "show-target", Files: code(text(configMap("'b'"))), Args: []string{"show", "main.jsonnet", "-t", "configmap/" + strings.Repeat("(a|b)*", 10_000)}, Exit: []int{0, 2}, Place: "-"},
		{Name: "show-target-repeat", Files: code(text(configMap("'b'"))), Args: []string{"show", "main.jsonnet", "-t", "((((a{1000}){1000}){1000}){1000})"}, Place: "-"},
		{Name: "list-inline", Files: code(text("[" + environment + " for i in std.range(1, 1000000)]")), Args: []string{"env", "list"}},
		{Name: "list-endless", Files: code(text("[" + environment + " { spec+: { namespace: '' + " + endless + " } } for i in [1]]")), Args: []string{"env", "list"}},
		{Name: "list-broken", Prepare: spread(3_000, "e#/main.jsonnet", "error 'x#'"), Args: []string{"env", "list"}, Place: "main.jsonnet:"},
		{Name: "list-recursive", Prepare: spread(200, "e#/main.jsonnet", "local f(x) = f(x + 1) tailstrict; f(1)"), Args: []string{"env", "list"}, Place: "main.jsonnet:"},
		{Name: "list-many", Prepare: spread(20_000, "e#/main.jsonnet", "{}"), Args: []string{"env", "list"}, Exit: []int{0, 2}, Place: "-"},
		{Name: "list-selector", Files: code(text("[" + environment + " for i in [1]]")), Args: []string{"env", "list", "-l", strings.Repeat("a=b,", 20_000) + "c=d"}, Exit: []int{0, 2}, Place: "-"},
		{Name: "export-many", Prepare: spread(3_000, "e#/main.jsonnet", configMap("'b'")), Args: []string{"export", "out", ".", "-r"}, Exit: []int{0, 2}, Place: "-"},
		{Name: "export-large", Files: code(text("[" + configMap("std.repeat('x', 10000000)") + " { metadata+: { name: 'a' + i } } for i in std.range(1, 1000)]")), Args: []string{"export", "out", "main.jsonnet"}},
		format("loop", `{{range until 1000000000}}{{end}}x`),
		format("endless", `{{define "a"}}{{template "a"}}{{end}}{{template "a"}}`),
		format("nested-loops", `{{range until 100000}}{{range until 100000}}{{end}}{{end}}x`),
		format("repeat", `{{repeat 1000000000 .kind}}`),
		format("repeat-doubled", `{{$a := "x"}}{{range until 60}}{{$a = print $a $a}}{{end}}{{$a}}`),
		format("join", `{{join (repeat 1000000 "x") (untilStep 0 1000000 1)}}`),
		format("environment", `{{range until 100000}}{{env}}{{end}}`),
		format("padding", `{{printf "%1000000000d" 1}}`),
		format("indent", `{{indent 1000000000 .kind}}`),
		format("regex", `{{regexReplaceAll "((x{1,30}){1,30})y" (repeat 10000000 "x") ""}}`),
		format("parentheses", "{{"+nestedString("(", "print", ")", 20_000)+"}}"),
		format("list", `{{range until 1000}}{{$l := until 10000000}}{{end}}x`),
	}
}

func packages() []Program {
	check := func(name string, t Text) Program {
		return Program{Name: "vendor-" + name, Files: []File{{"jsonnetfile.json", t}}, Args: []string{"vendor", "check"}, Exit: []int{0, 1, 2}, Place: "-"}
	}
	const local = `{"version":1,"dependencies":[{"source":{"local":{"directory":"../p#"}},"version":""}]}`
	chain := func(dir string) error {
		for i := range 3_000 {
			if err := spread(1, "p"+strconv.Itoa(i)+"/jsonnetfile.json", strings.ReplaceAll(local, "#", strconv.Itoa(i+1)))(dir); err != nil {
				return err
			}
		}
		return nil
	}
	first := []File{{"jsonnetfile.json", text(strings.ReplaceAll(strings.ReplaceAll(local, "../", ""), "#", "0"))}}
	return []Program{
		check("nested", nested(`{"dependencies":`, "1", "}", 100_000)),
		check("brackets", repeat("[", 1_000_000)),
		check("packages", join(text(`{"version":1,"dependencies":[`), numbered(200_000, `{"source":{"local":{"directory":"a#"}},"version":""},`), text(`{"source":{"local":{"directory":"z"}},"version":""}]}`))),
		check("same-package", join(text(`{"version":1,"dependencies":[`), repeat(`{"source":{"local":{"directory":"a"}},"version":""},`, 200_000), text(`{"source":{"local":{"directory":"z"}},"version":""}]}`))),
		check("long-name", join(text(`{"version":1,"dependencies":[{"source":{"git":{"remote":"https://`), repeat("x", 50_000_000), text(`"}},"version":"main"}]}`))),
		check("numbers", join(text(`{"version":1,"dependencies":[`), repeat("1,", 3_000_000), text("1]}"))),
		check("gigabyte", join(text(`{"version":1,"a":"`), repeat(strings.Repeat("x", 1_000), 1_000_000), text(`"}`))),
		{Name: "vendor-lock", Files: []File{{"jsonnetfile.lock.json", repeat(`{"dependencies":[`, 1_000_000)}}, Args: []string{"vendor", "check"}, Exit: []int{0, 1, 2}, Place: "-"},
		{Name: "vendor-list-packages", Files: []File{{"jsonnetfile.json", join(text(`{"version":1,"dependencies":[`), numbered(200_000, `{"source":{"local":{"directory":"a#"}},"version":""},`), text(`{"source":{"local":{"directory":"z"}},"version":""}]}`))}}, Args: []string{"vendor", "list"}, Exit: []int{0, 1, 2}, Place: "-"},
		{Name: "vendor-local-chain", Files: first, Prepare: chain, Args: []string{"vendor", "install"}, Exit: []int{2}, Place: "-"},
		{Name: "vendor-local-chain-checked", Files: first, Prepare: chain, Args: []string{"vendor", "check"}, Exit: []int{1, 2}, Place: "-"},
		{Name: "vendor-install-packages", Files: []File{{"jsonnetfile.json", join(text(`{"version":1,"dependencies":[`), numbered(100_000, `{"source":{"git":{"remote":"https://127.0.0.1/a/b#.git"}},"version":"main"},`+"\n"), text(`{"source":{"local":{"directory":"z"}},"version":""}]}`))}},
			Args: []string{"vendor", "install"}, Place: "jsonnetfile.json:"},
		{Name: "vendor-lock-large", Files: []File{
			{"jsonnetfile.json", text(`{"version":1,"dependencies":[]}`)},
			{"jsonnetfile.lock.json", join(text(`{"version":1,"dependencies":[`), numbered(1_000_000, `{"source":{"git":{"remote":"https://127.0.0.1/a/b#.git"}},"version":"main","sum":"x"},`+"\n"), text(`{"source":{"local":{"directory":"z"}},"version":""}]}`))},
		}, Args: []string{"vendor", "install"}, Place: "jsonnetfile.lock.json:"},
		{Name: "vendor-lock-pipe", Files: []File{{"jsonnetfile.json", text(`{"version":1,"dependencies":[]}`)}}, Prepare: pipe("jsonnetfile.lock.json"), Args: []string{"vendor", "install"}, Place: "-"},
		{Name: "vendor-imports-brackets", Files: code(nested("[", "import 'a/b'", "]", 100_000)), Args: []string{"vendor", "check"}, Exit: []int{0, 1, 2}, Place: "-"},
		{Name: "vendor-files", Files: []File{{"jsonnetfile.json", text(`{"version":1,"dependencies":[]}`)}}, Prepare: spread(30_000, "vendor/a/#.libsonnet", "import 'b#'"), Args: []string{"vendor", "check"}, Exit: []int{0, 1, 2}, Place: "-"},
		{Name: "vendor-pipe", Files: []File{{"jsonnetfile.json", text(`{"version":1,"dependencies":[]}`)}}, Prepare: pipe("vendor/a/a.libsonnet"), Args: []string{"vendor", "check"}, Exit: []int{0, 1, 2}, Place: "-"},
	}
}

// repository makes the directory a git repository and commits all files in it.
func repository(dir string) error {
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"}, {"add", "-A"},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "a"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w: %s", args[0], err, out)
		}
	}
	return nil
}

// changed makes a repository and then writes another text into a file of it.
func changed(name, newText string) func(dir string) error {
	return func(dir string) error {
		if err := repository(dir); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), []byte(newText), 0o666)
	}
}

func revisions() []Program {
	return []Program{
		{Name: "affected-brackets", Files: code(nested("[", "import 'a'", "]", 100_000)), Prepare: changed("main.jsonnet", nestedString("[", "import 'b'", "]", 100_000)), Args: []string{"affected", "HEAD"}, Exit: []int{0, 2}},
		{Name: "affected-glob", Files: code(text("import 'glob-importstr:" + strings.Repeat("{a,b}", 24) + "'")), Prepare: changed("a.txt", "x"), Args: []string{"affected", "HEAD"}, Exit: []int{0, 2}},
		{Name: "affected-imports", Files: code(join(text("["), numbered(500_000, "import 'a#',"), text("]"))), Prepare: changed("a.txt", "x"), Args: []string{"affected", "HEAD"}, Exit: []int{0, 2}},
		{Name: "affected-files", Prepare: func(dir string) error {
			if err := spread(20_000, "e#/main.jsonnet", "import '../a.libsonnet'")(dir); err != nil {
				return err
			}
			return changed("a.libsonnet", "{}")(dir)
		}, Args: []string{"affected", "HEAD"}, Exit: []int{0, 2}, Place: "-"},
		{Name: "revision-recursion", Files: code(text("local f(n) = { a: f(n + 1) }; f(0)")), Prepare: changed("main.jsonnet", configMap("'b'")), Args: []string{"diff", "--from", "HEAD", "."}, Place: "main.jsonnet:|<HEAD:main.jsonnet>:"},
		{Name: "revision-endless", Files: code(text(configMap("'' + " + endless))), Prepare: changed("main.jsonnet", configMap("'b'")), Args: []string{"diff", "--from", "HEAD", "."}, Place: "main.jsonnet:|<HEAD:main.jsonnet>:"},
		{Name: "revision-large-file", Files: []File{{"main.jsonnet", text(configMap("importstr 'a.txt'"))}, {"a.txt", repeat("x", 150_000_000)}}, Prepare: changed("a.txt", "b"), Args: []string{"diff", "--from", "HEAD", "."}, Exit: []int{1, 2}, Place: "a.txt:|main.jsonnet:|<HEAD:main.jsonnet>:"},
	}
}
