package hostile

import (
	"fmt"
	"slices"
	"strings"
)

// aliasBomb expands to some 9^12 values.
func aliasBomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, aliases(i-1, 9))
	}
	return b.String()
}

// mergeBomb is an aliasBomb with merge keys in place of some aliases.
func mergeBomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 {k0: 1, k1: 2}\n")
	for i := 1; i < 12; i++ {
		fmt.Fprintf(&b, "a%d: &a%d\n  <<: [%s]\n  x%d: [%s]\n", i, i, aliases(i-1, 10), i, aliases(i-1, 10))
	}
	return b.String()
}

func aliases(to, n int) string {
	return strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", to), n), ",")
}

const (
	mapHead  = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
	mapJSON  = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}`
	document = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c#\ndata:\n  a: b\n"
)

// manifests are files for validate -f. Valid ones among them may pass.
func manifests() []File {
	return []File{
		{"bomb.yaml", text(mapHead + "data:\n" + indent(aliasBomb()))},
		{"mergebomb.yaml", text(mergeBomb())},
		{"cycle.yaml", text("a: &a [*a]\n")},
		{"merge-cycle.yaml", text("&a {<<: *a}")},
		{"deep-flow.yaml", repeat("[", 1_000_000)},
		{"deep.json", repeat("[", 1_000_000)},
		{"deep-objects.json", nested(`{"a":`, "1", "}", 1_000_000)},
		{"deep-block.yaml", join(repeat("- ", 1_000_000), text("a"))},
		{"deep-keys.yaml", repeat("? ", 1_000_000)},
		{"deep-taken.json", join(text(mapJSON+`,"data":`), nested(`{"a":`, "1", "}", 9_000), text("}"))},
		{"deep-lists.json", nested(`{"apiVersion":"v1","kind":"List","items":[`, "", "]}", 3_000)},
		{"indented.yaml", each(3_000, func(i int) string { return strings.Repeat(" ", i) + "a:\n" })},
		{"null-bytes.yaml", repeat("\x00", 1_000_000)},
		{"long-line.yaml", join(text(mapHead+"data:\n  l: "), repeat("x", 50_000_000), text("\n"))},
		{"long-key.yaml", join(text(mapHead+"data:\n  "), repeat("x", 5_000_000), text(": a\n"))},
		{"long-name.yaml", join(text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "), repeat("X", 10_000_000), text("\n"))},
		{"documents.yaml", numbered(100_000, document+"---\n")},
		{"empty-documents.yaml", repeat("---\n", 1_000_000)},
		{"large.yaml", join(text(mapHead+"data:\n"), numbered(200_000, "  k#: \""+strings.Repeat("x", 1_000)+"\"\n"))},
		{"large.json", join(text(mapJSON+`,"data":{`), numbered(200_000, `"k#":"`+strings.Repeat("x", 1_000)+`",`), text(`"z":"z"}}`))},
		{"large-number.json", text(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","generation":1e999999999}}`)},
		{"long-number.json", join(text(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","generation":`), repeat("9", 3_000_000), text("}}"))},
		{"large-number.yaml", text(mapHead + "  generation: 1e999999999\n")},
		{"wide-flow.yaml", join(text("{"), numbered(300_000, "a#: 1,"), text("}"))},
		{"long-comment.yaml", join(text("#"), repeat("x", 20_000_000), text("\n"+mapHead))},
		{"comments.yaml", join(repeat("# c\n", 3_000_000), text(mapHead))},
		{"colons.yaml", repeat(": ", 500_000)},
		{"anchors.yaml", numbered(300_000, "- &a# x\n")},
		{"quotes.yaml", repeat(`"`, 100_001)},
		{"pipes.yaml", repeat("|", 100_000)},
		{"stars.yaml", repeat("*a ", 100_000)},
		{"tags.yaml", repeat("!!map ", 200_000)},
		{"binary.yaml", join(text(mapHead+"binaryData:\n  b: !!binary "), repeat("aGVs", 5_000_000), text("\n"))},
		{"own-list.yaml", text("apiVersion: v1\nkind: List\nitems: &i\n- apiVersion: v1\n  kind: List\n  items: *i\n")},
		{"lines.yaml", join(text(mapHead+"data:\n  a: |\n"), repeat("    x\n", 8_000_000))},
		{"folded.yaml", join(text(mapHead+"data:\n  a: >\n"), repeat("    x\n\n", 3_000_000))},
		{"items.json", join(text(`{"apiVersion":"v1","kind":"List","items":[`), numbered(300_000, `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c#"}},`), text(mapJSON+"}]}"))},
		{"gigabyte.yaml", join(text(mapHead+"data:\n  l: "), repeat(strings.Repeat("x", 1_000), 1_000_000), text("\n"))},
		{"gigabyte.json", repeat(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}`+"\n", 15_000_000)},
		{"unknown-fields.json", join(text(mapJSON), numbered(300_000, `,"f#":1`), text("}"))},
		{"duplicate-keys.json", join(text(mapJSON+`,"data":{`), repeat(`"k":"v",`, 1_000_000), text(`"k":"v"}}`))},
		{"duplicate-keys.yaml", join(text(mapHead+"data:\n"), repeat("  k: v\n", 300_000))},
		{"labels.yaml", join(text(mapHead+"  labels:\n"), numbered(1_000_000, "    a#: b\n"))},
	}
}

// odd are small files for validate -f. The command must only end with a message.
func odd() []File {
	doc := mapHead + "data:\n  a: b\n"
	return []File{
		{"bad-utf8.yaml", text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \xff\xfe\n")},
		{"bad-utf8.json", text(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"` + "\xff" + `"}}`)},
		{"bom.yaml", text("\ufeff" + doc)}, {"bom.json", text("\ufeff" + mapJSON + "}")},
		{"utf16.yaml", text("\xff\xfea\x00:\x00 \x001\x00")},
		{"crlf.yaml", text(strings.ReplaceAll(doc+"---\n"+doc, "\n", "\r\n"))}, {"cr.yaml", text(strings.ReplaceAll(doc, "\n", "\r"))},
		{"tabs.yaml", text(strings.ReplaceAll(doc, "  ", "\t"))}, {"twice.yaml", text(doc + "data: {}\n")},
		{"twice.json", text(`{"apiVersion":"v1","apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"a"}}`)},
		{"null-byte.yaml", text(strings.Replace(doc, "b\n", "b\x00\n", 1))}, {"null-byte.json", text("{\"a\":\"\x00\"}")},
		{"nan.yaml", text(mapHead + "  generation: .nan\n")},
		{"keys.yaml", text(doc + "  1: a\n  true: b\n  null: c\n  [a]: d\n")}, {"tag.yaml", text("!!python/object:os.system x")},
		{"time.yaml", text(doc + "  b: 2001-01-01\n")}, {"empty.yaml", text("")}, {"spaces.yaml", repeat(" \n", 100)}, {"null.yaml", text("null")},
		{"scalar.yaml", text("hello")}, {"list.yaml", text("- a\n")}, {"dots.yaml", text("...\n...\n---\n...")},
		{"directive.yaml", text("%YAML 1.2\n%TAG ! x:\n---\na: 1\n")}, {"escape.yaml", text(`a: "\x"` + "\n")},
		{"terminal.yaml", text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: \"\\e[31mred\\a\"\n")},
		{"surrogate.json", text(`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"\ud800"}}`)}, {"unquoted.yaml", text("a: [b: c: d: e]")},
		{"trailing.json", text(mapJSON + "} x")}, {"several.json", repeat(mapJSON+"}\n", 3)},
	}
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n  ") + "\n"
}

// readers are programs for each command that reads manifests.
func readers() []Program {
	var out []Program
	stem := func(name string) string { return strings.ReplaceAll(name, ".", "-") }
	anyStatus := []int{0, 1, 2}
	for _, f := range slices.Concat(manifests(), odd()) {
		out = append(out, Program{Name: "validate-" + stem(f.Name), Files: []File{f}, Args: []string{"validate", "-f", f.Name}, Exit: anyStatus, Place: f.Name + ":"})
	}
	for _, f := range manifests() {
		switch {
		case strings.HasPrefix(f.Name, "gigabyte"):
		case strings.HasSuffix(f.Name, ".yaml"):
			out = append(out, Program{Name: "import-" + stem(f.Name), Files: []File{f, {"main.jsonnet", text("import 'yaml-stream:" + f.Name + "'")}},
				Args: []string{"eval", "main.jsonnet"}, Exit: anyStatus, Place: "main.jsonnet:|" + f.Name + ":"})
		default:
			out = append(out, Program{Name: "import-" + stem(f.Name), Files: []File{f, {"main.jsonnet", text("import '" + f.Name + "'")}},
				Args: []string{"eval", "main.jsonnet"}, Exit: anyStatus, Place: f.Name + ":"})
		}
		out = append(out,
			Program{Name: "diff-" + stem(f.Name), Files: []File{{"a/" + f.Name, f.Text}, {"b/b.yaml", text(mapHead)}}, Args: []string{"diff", "a", "b"}, Exit: anyStatus, Place: "a/" + f.Name + ":"},
			Program{Name: "trace-" + stem(f.Name), Files: []File{f, {"main.jsonnet", text(configMap("'b'"))}}, Args: []string{"trace", f.Name + ":1", "main.jsonnet"}, Exit: anyStatus, Place: f.Name + ":"},
			Program{Name: "crd-" + stem(f.Name), Files: []File{f}, Args: []string{"k8s", "generate", "--crd", f.Name, "--out", "out"}, Exit: anyStatus, Place: f.Name},
		)
	}
	lines := func(n int, s string) Text { return join(text(mapHead+"data:\n  a: |\n"), numbered(n, "    "+s+"\n")) }
	out = append(out,
		Program{Name: "diff-lines", Files: []File{{"a/a.yaml", lines(300_000, "x#")}, {"b/a.yaml", lines(300_000, "y#")}}, Args: []string{"diff", "a", "b"}, Exit: anyStatus, Place: "a.yaml:"},
		Program{Name: "diff-lines-alike", Files: []File{{"a/a.yaml", each(100_000, func(i int) string {
			return map[bool]string{true: mapHead + "data:\n  a: |\n"}[i == 0] + fmt.Sprintf("    %d\n", i*i%7)
		})}, {"b/a.yaml", each(100_000, func(i int) string {
			return map[bool]string{true: mapHead + "data:\n  a: |\n"}[i == 0] + fmt.Sprintf("    %d\n", i*i%11)
		})}}, Args: []string{"diff", "a", "b"}, Exit: anyStatus, Place: "a.yaml:"},
		Program{Name: "diff-objects", Files: []File{{"a/a.yaml", numbered(50_000, document+"---\n")}, {"b/a.yaml", numbered(50_000, strings.ReplaceAll(document, "c#", "d#")+"---\n")}}, Args: []string{"diff", "a", "b"}, Exit: anyStatus, Place: "a.yaml:"},
		Program{Name: "diff-long-line", Files: []File{{"a/a.yaml", join(text(mapHead+"data:\n  a: "), repeat("xy", 10_000_000))}, {"b/a.yaml", join(text(mapHead+"data:\n  a: "), repeat("yx", 10_000_000))}}, Args: []string{"diff", "a", "b"}, Exit: anyStatus, Place: "a.yaml:"},
		Program{Name: "diff-environments", Files: []File{{"main.jsonnet", text(configMap("std.repeat('x\\n', 30000000)"))}, {"b.jsonnet", text(configMap("std.repeat('y\\n', 30000000)"))}}, Args: []string{"diff", "main.jsonnet", "b.jsonnet"}, Exit: anyStatus},
		Program{Name: "validate-stdin-endless", Stdin: repeat(mapHead+"---\n", 100_000_000), Args: []string{"validate", "-f", "-"}, Exit: []int{1, 2}, Place: "<stdin>:"},
		Program{Name: "validate-stdin-one-line", Stdin: repeat(strings.Repeat("x", 1_000), 100_000_000), Args: []string{"validate", "-f", "-"}, Exit: []int{1, 2}, Place: "<stdin>:"},
		Program{Name: "validate-device", Prepare: links("zero.yaml", "/dev/zero"), Args: []string{"validate", "-f", "zero.yaml"}, Exit: []int{1, 2}, Place: "zero.yaml:"},
		Program{Name: "validate-directory-pipe", Prepare: pipe("a/pipe.yaml"), Args: []string{"validate", "-f", "a"}, Exit: []int{1}, Place: "a/pipe.yaml: not a regular file"},
		Program{Name: "validate-directory-device", Prepare: links("a/zero.yaml", "/dev/zero"), Args: []string{"validate", "-f", "a"}, Exit: []int{1}, Place: "a/zero.yaml: not a regular file"},
		Program{Name: "diff-directory-pipe", Prepare: pipe("a/pipe.yaml"), Args: []string{"diff", "a", "a"}, Place: "a/pipe.yaml: not a regular file"},
		Program{Name: "crd-directory-pipe", Prepare: pipe("a/pipe.yaml"), Args: []string{"k8s", "generate", "--crd", "a", "--out", "out"}, Place: "a/pipe.yaml: not a regular file"},
		Program{Name: "validate-pipe", Prepare: pipe("pipe.yaml"), Args: []string{"validate", "-f", "pipe.yaml"}, Place: "pipe.yaml:"},
		Program{Name: "validate-crd-pipe", Files: one("a.yaml", text(mapHead)), Prepare: pipe("pipe.yaml"), Args: []string{"validate", "--crd", "pipe.yaml", "-f", "a.yaml"}, Place: "pipe.yaml:"},
		Program{Name: "crd-pipe", Prepare: pipe("pipe.yaml"), Args: []string{"k8s", "generate", "--crd", "pipe.yaml", "--out", "out"}, Place: "pipe.yaml:"},
		Program{Name: "trace-pipe", Prepare: pipe("pipe.yaml"), Args: []string{"trace", "pipe.yaml:1"}, Place: "pipe.yaml:"},
		Program{Name: "validate-stdin-silent", Stdin: text(mapHead), Open: true, Args: []string{"validate", "-f", "-"}, Place: "<stdin>:"},
		Program{Name: "crd-stdin-silent", Stdin: text(mapHead), Open: true, Args: []string{"k8s", "generate", "--crd", "-", "--out", "out"}, Place: "<stdin>:"},
		Program{Name: "trace-stdin-silent", Stdin: text(""), Open: true, Args: []string{"trace", ":1"}, Place: "<stdin>:"},
		Program{Name: "validate-files", Prepare: spread(30_000, "a/#.yaml", document), Args: []string{"validate", "-f", "a"}, Exit: anyStatus, Place: ".yaml:"},
		Program{Name: "validate-environment-recursion", Files: code(text("local f(n) = { a: f(n + 1) }; f(0)")), Args: []string{"validate", "main.jsonnet"}, Exit: []int{1, 2}},
		Program{Name: "validate-environment-large", Files: code(text("[" + configMap("std.repeat('x', 1000000)") + " { metadata+: { name: 'a' + i } } for i in std.range(1, 1000)]")), Args: []string{"validate", "main.jsonnet"}, Exit: []int{1, 2}},
		Program{Name: "trace-environment-recursion", Files: []File{{"a.yaml", text(mapHead)}, {"main.jsonnet", text("local f(n) = { a: f(n + 1) }; f(0)")}}, Args: []string{"trace", "a.yaml:1", "main.jsonnet"}},
	)
	return out
}
