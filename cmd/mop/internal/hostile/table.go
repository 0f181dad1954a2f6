package hostile

import "slices"

// An Area is a part of the table.
type Area struct {
	Loops    []Loop
	Bounded  []Bounded
	Programs []Program
}

// Areas returns the table. Each area has its own file, which a change of its packages
// updates:
//
//	evaluation.go  internal/jsonnet, internal/eval: parser, resolver, evaluation, manifestation
//	sources.go     internal/format, internal/lint, internal/syntax, internal/unit
//	natives.go     internal/native, internal/emitter: native functions, templates of names
//	programs.go    helm, kustomize and git: internal/git, what starts programs
//	documents.go   internal/document, pkg/manifest, pkg/diff, internal/patch: YAML and JSON
//	objects.go     pkg/validate, pkg/validate/internal/crd, internal/schema, internal/k8s, cmd/mop/internal/report
//	checks.go      pkg/validate: lists that name one another
//	projects.go    internal/project, internal/render, internal/export, internal/imports, internal/bundler, internal/swap
//	messages.go    pkg/diag, cmd/mop
//	strangers.go   files and arguments that nobody has by chance
//
// A row of a loop and a hostile program for it look like this:
//
//	{Func: "internal/document.decoder.sequence", Input: "items", Asks: []string{"Work"}, Programs: []string{"documents-flow-wide"}},
//
//	{Name: "documents-flow-wide", Files: one("a.yaml", join(text("{"), numbered(300_000, "a#: 1,"), text("}"))),
//		Args: []string{"validate", "-f", "a.yaml"}, Exit: []int{1, 2}, Place: "a.yaml:"},
func Areas() []Area {
	return []Area{evaluation(), sources(), natives(), programs(), documents(), objects(), checks(), projects(), messages(), strangers()}
}

// Table returns all areas as one, with the programs of [everywhere].
func Table() Area {
	var out Area
	for _, a := range Areas() {
		out.Loops = slices.Concat(out.Loops, a.Loops)
		out.Bounded = slices.Concat(out.Bounded, a.Bounded)
		out.Programs = slices.Concat(out.Programs, a.Programs)
	}
	out.Programs = slices.Concat(out.Programs, everywhere(out.Programs))
	return out
}

// Ordinary returns the names of the programs that the ordinary tests run: some of each
// kind. Most of them end at once.
func Ordinary() []string {
	return []string{
		"recursion", "tail-loop", "string-doubling", "array-doubling", "repeat", "equal-towers", "result-tower", "manifest-cycle", "index-chain", "imports-cycle",
		"format-width", "join", "parse-json", "deep-parse-yaml", "native-regex-repeat", "native-parse-yaml-bomb", "native-parse-json-nested",
		"test-endless", "error-long", "error-escapes", "assert-long", "validate-name-escapes",
		"glob-open", "glob-braces", "import-device", "import-pipe", "import-link-loop", "entrypoint-pipe", "fmt-pipe",
		"helm-hangs", "helm-ignores-signals", "kustomize-hangs", "validate-bomb-yaml", "validate-mergebomb-yaml", "validate-deep-flow-yaml",
		"validate-cycle-yaml", "validate-terminal-yaml", "diff-bomb-yaml", "trace-bomb-yaml", "crd-bomb-yaml", "import-bomb-yaml",
		"custom-cel-loops", "spec-nested", "vendor-nested", "show-target-repeat", "list-endless",
	}
}

// unending reports whether only the limit of time ends a program of [Ordinary].
func unending(name string) bool {
	return slices.Contains([]string{"tail-loop", "test-endless", "list-endless", "helm-hangs", "helm-ignores-signals", "kustomize-hangs"}, name)
}
