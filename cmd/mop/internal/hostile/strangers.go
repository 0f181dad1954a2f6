package hostile

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"
)

// strangers is the area for files and arguments that nobody has by chance: other encodings,
// directories and links where files are expected, endless names and trees.
func strangers() Area {
	const object = "{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'b' }, data: { a: 'b' } }"
	anyStatus := []int{0, 1, 2}
	var out []Program
	add := func(name string, p Program, commands ...string) {
		for _, c := range commands {
			p := p
			p.Args = strings.Fields(c)
			p.Name = "strange-" + name + "-" + strings.NewReplacer("/", "-", ".", "").Replace(p.Args[0])
			if p.Args[0] == "tool" || p.Args[0] == "vendor" || p.Args[0] == "env" {
				p.Name += "-" + p.Args[1]
			}
			p.Exit, p.Place = anyStatus, "-"
			out = append(out, p)
		}
	}
	source := []string{"eval main.jsonnet", "show main.jsonnet", "fmt --test main.jsonnet", "lint main.jsonnet", "tool imports .", "vendor check", "explain main.jsonnet ConfigMap/a"}
	add("carriage-returns", Program{Files: code(join(repeat("// x\r\n", 2_000_000), text(object)))}, source...)
	add("utf16", Program{Files: code(inUTF16("// x\n", 1_000_000))}, source...)
	add("null-bytes", Program{Files: code(repeat("\x00", 10_000_000))}, source...)
	add("long-path", Program{Files: code(join(text("importstr '"), repeat("a/", 100_000), text("x'")))}, source...)
	add("upward-path", Program{Files: code(join(text("importstr '"), repeat("../", 100_000), text("x'")))}, source...)
	add("glob-upward", Program{Files: code(join(text("import 'glob-import:"), repeat("../", 10_000), text("*'")))}, source...)
	add("utf16-manifest", Program{Files: one("a.yaml", inUTF16("a: 1\n", 1_000_000))}, "validate -f a.yaml", "k8s generate --crd a.yaml --out out")
	walks := []string{"env list", "fmt --test .", "lint .", "test .", "export out . -r", "validate .", "validate -f .", "tool importers x.libsonnet", "tool importers-count . --recursive", "vendor check"}
	deep := func(dir string) error {
		inner := filepath.Join(dir, strings.Repeat("d/", 1_900))
		if err := os.MkdirAll(inner, 0o777); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(inner, "main.jsonnet"), []byte(object), 0o666)
	}
	tree := func(name string, p Program) {
		for _, c := range walks {
			if c == "validate -f ." {
				add(name+"-files", p, c)
				continue
			}
			add(name, p, c)
		}
	}
	tree("deep-tree", Program{Prepare: deep})
	tree("link-loops", Program{Files: one("e/main.jsonnet", text(object)), Prepare: links("e/up", "..", "self", ".", "f", "e", "g", "g")})
	tree("directories", Program{Prepare: func(dir string) error {
		for _, name := range []string{"main.jsonnet", "e/spec.json", "jsonnetfile.lock.json", "a.yaml", "b_test.jsonnet", "vendor/a/jsonnetfile.json"} {
			if err := os.MkdirAll(filepath.Join(dir, name), 0o777); err != nil {
				return err
			}
		}
		return os.WriteFile(filepath.Join(dir, "e/main.jsonnet"), []byte(object), 0o666)
	}})
	packages := []string{"vendor install", "vendor check", "vendor list", "vendor update", "show main.jsonnet", "tool imports ."}
	local := func(dirs ...string) string {
		for i, d := range dirs {
			dirs[i] = `{"source":{"local":{"directory":"` + d + `"}},"version":""}`
		}
		return `{"version":1,"dependencies":[` + strings.Join(dirs, ",") + "]}"
	}
	add("package-cycles", Program{Files: []File{
		{"main.jsonnet", text(object)}, {"jsonnetfile.json", text(local("a", "b"))},
		{"a/jsonnetfile.json", text(local("../b", "..", "."))}, {"b/jsonnetfile.json", text(local("../a", "../b/../b", "."))},
	}}, packages...)
	add("vendor-links", Program{Files: []File{{"main.jsonnet", text("import 'a/vendor/a/vendor/a/main.jsonnet'")}, {"jsonnetfile.json", text(local("vendor"))}},
		Prepare: links("vendor/a", "..", "vendor/vendor", "vendor", "vendor/x", "x")}, packages...)
	add("long-uri", Program{Files: one("jsonnetfile.json", text(`{"version":1,"dependencies":[]}`))}, "vendor add "+strings.Repeat("a", 100_000))
	add("import-path", Program{Files: code(text("import 'nowhere'")), Env: []string{"JSONNET_PATH=" + strings.Repeat("x:", 50_000)}}, "eval main.jsonnet", "lint main.jsonnet", "tool imports .")
	add("targets", Program{Files: code(text("[" + configMap("'b'") + " { metadata+: { name: 'a' + i } } for i in std.range(1, 3000)]"))},
		"show main.jsonnet"+strings.Repeat(" -t .*(a|b)*c.*", 3_000), "export out main.jsonnet -t ((a?){999}a{999})", "diff main.jsonnet main.jsonnet -t "+strings.Repeat("(a|b)*", 10_000))
	add("selectors", Program{Files: code(text("{ apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: 'a', labels: { ['a' + i]: 'b' for i in std.range(1, 50000) } }, spec: { namespace: 'x' }, data: {} }"))},
		"env list -l a1=b"+strings.Repeat(",a1=b", 20_000), "export out . -r -l "+strings.Repeat("(", 100_000))
	add("exclusions", Program{Prepare: spread(5_000, "a/#.jsonnet", "{}\n")}, "fmt --test . --exclude "+strings.Repeat("**/", 500)+"x", "lint . --exclude "+strings.Repeat("*a", 1_000))
	add("long-argument", Program{Files: code(text("function(a) a"))}, "eval main.jsonnet --ext-code a="+strings.Repeat("x", 100_000), "explain main.jsonnet ConfigMap/a data"+strings.Repeat(".a", 50_000), "trace "+strings.Repeat("x", 100_000)+":1", "diff --from "+strings.Repeat("x", 100_000)+" .")
	return Area{Programs: slices.Clip(out)}
}

// inUTF16 is a byte order mark and n times s, in UTF-16.
func inUTF16(s string, n int) Text {
	return func(w *bufio.Writer) {
		_, _ = w.WriteString("\xff\xfe")
		for range n {
			for _, u := range utf16.Encode([]rune(s)) {
				_, _ = w.Write([]byte{byte(u), byte(u >> 8)})
			}
		}
	}
}
