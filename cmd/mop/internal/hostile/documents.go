package hostile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

func documents() Area {
	return Area{
		Loops: []Loop{
			{Func: "internal/document.decoder.node", Input: "nesting, also by aliases", Asks: []string{"maxDepth"}, Programs: []string{"deep-parse-yaml", "documents-deep-flow", "documents-deep-block", "documents-deep-keys"}},
			{Func: "internal/document.parser.next", Input: "the text, which the library asks for in parts", Asks: []string{"Err"}, Programs: []string{"documents-sequence", "documents-flow-wide", "documents-anchors"}},
			{Func: "internal/document.decoder.merge", Input: "the fields of what is merged", Asks: []string{"work"}, Programs: []string{"documents-merge-bomb"}},
			{Func: "internal/document.lines.read", Input: "the lines of a document", Asks: []string{"Reserve"}, Programs: []string{"documents-huge", "documents-long-line"}},
			{Func: "internal/document.values.append", Input: "the text of a JSON value", Asks: []string{"Reserve"}, Programs: []string{"documents-huge-json"}},
			{Func: "internal/document.JSON", Input: "the values of a JSON text", Asks: []string{"Reserve"}, Programs: []string{"documents-json-arrays"}},
			{Func: "internal/patch.match", Input: "lines in another order", Asks: []string{"Work", "mostCompared"}, Programs: []string{"documents-diff-shuffled", "documents-diff-repeated"}},
			{Func: "internal/layout.collector.add", Input: "the parts of the document that is traced", Asks: []string{"Work"}, Programs: []string{"documents-trace-wide"}},
			{Func: "internal/intake.twice.object", Input: "keys that are set twice", Asks: []string{"Work"}, Programs: []string{"documents-json-twice"}},
		},
		Bounded: slices.Concat(
			bounded("the tree of a text that the parser has taken, which takes 10,000 levels", "internal/document.decoder.locate", "internal/document.decoder.key", "internal/document.decoder.merge", "internal/document.decoder.twice", "internal/document.tree.index"),
			bounded("plain.MostNested, also for values that contain themselves", "internal/plain.valid", "internal/convert.converter.convert", "internal/convert.converter.object", "internal/convert.converter.array", "internal/convert.converter.reflected", "internal/convert.converter.marshalled", "internal/convert.converter.decoded"),
			bounded("the stack of the evaluation that made the value, or maxNesting of a given one", "internal/jsonnet.appendValue", "pkg/jsonnet.clone", "pkg/jsonnet.floats"),
			bounded("values that readers have made, at most 10,000 deep", "internal/plain.Equal", "pkg/diff.appendField", "pkg/diff.appendFields", "internal/document.jsonReader.place", "pkg/manifest.copied", "internal/intake.countKeys", "internal/plain.integers", "internal/intake.twice.value"),
		),
		Programs: slices.Concat(readers(), []Program{
			ofManifests("documents-deep-flow", "a.yaml", repeat("[", 1_000_000)),
			ofManifests("documents-deep-block", "a.yaml", join(repeat("- ", 1_000_000), text("a"))),
			ofManifests("documents-deep-keys", "a.yaml", repeat("? ", 1_000_000)),
			ofManifests("documents-sequence", "a.yaml", repeat("- a: b\n", 14_000_000)),
			ofManifests("documents-flow-wide", "a.yaml", join(text("{"), numbered(3_000_000, "a#: 1,"), text("}"))),
			ofManifests("documents-anchors", "a.yaml", numbered(3_000_000, "- &a# x\n")),
			ofManifests("documents-merge-bomb", "a.yaml", join(text("a0: &a0 {k0: 1, k1: 2}\n"), each(11, func(i int) string {
				all := strings.Repeat("*a"+strconv.Itoa(i)+",", 10)
				return fmt.Sprintf("a%d: &a%d\n  <<: [%s]\n  x%d: [%s]\n", i+1, i+1, all, i+1, all)
			}))),
			ofDefinitions("documents-huge", "a.yaml", join(text("a: 1\n---\n"), repeat("# "+strings.Repeat("x", 98)+"\n", 10_000_000))),
			ofDefinitions("documents-long-line", "a.yaml", repeat("x", 1_000_000_000)),
			ofDefinitions("documents-huge-json", "a.json", join(text("["), repeat("0,", 500_000_000))),
			ofManifests("documents-json-arrays", "a.json", join(text("["), repeat("[],", 30_000_000), text("0]"))),
			ofManifests("documents-json-twice", "a.json", join(text("{"), repeat("\"a\": 1,\n", 1_000_000), text("\"a\": 1}"))),
			{
				Name: "documents-diff-shuffled", Args: []string{"diff", "d1", "d2"}, Exit: []int{1, 2}, Place: "-",
				Files: []File{{"d1/a.yaml", ofLines(200_000, 1, 200_000)}, {"d2/a.yaml", ofLines(200_000, 77_777, 200_000)}},
			},
			{
				Name: "documents-diff-repeated", Args: []string{"diff", "d1", "d2"}, Exit: []int{1, 2}, Place: "-",
				Files: []File{{"d1/a.yaml", ofLines(200_000, 1, 500)}, {"d2/a.yaml", ofLines(200_000, 77_777, 500)}},
			},
			{
				Name: "documents-trace-wide", Args: []string{"trace", "a.yaml:3"}, Place: "a.yaml:",
				Files: append(code(text("{}")), File{"a.yaml", join(text("a:\n"), repeat("- {a: [[b]]}\n", 5_000_000))}),
			},
		}),
	}
}

// ofLines is a ConfigMap with n lines of text. Line i has the number i*step modulo most.
func ofLines(n, step, most int) Text {
	return join(text("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: |\n"), each(n, func(i int) string {
		return fmt.Sprintf("    line %d\n", i*step%most)
	}))
}

// ofDefinitions is a program that reads a file with CustomResourceDefinitions.
func ofDefinitions(name, file string, content Text) Program {
	return Program{Name: name, Files: one(file, content), Args: []string{"k8s", "generate", "--crd", file, "--out", "out"}, Exit: []int{1, 2}, Place: file + ":"}
}

// ofManifests is a program that reads a file with manifests.
func ofManifests(name, file string, content Text) Program {
	return Program{Name: name, Files: one(file, content), Args: []string{"validate", "-f", file}, Exit: []int{1, 2}, Place: file + ":"}
}
