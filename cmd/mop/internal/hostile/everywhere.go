package hostile

import "slices"

// everywhere returns copies of some programs of each kind that run other commands with the
// same input, because only one command might bound it.
func everywhere(programs []Program) []Program {
	kinds := []string{
		"recursion", "string-doubling", "result-tower", "json-newline", "json-indent", "toml-indent", "format-width", "parse-yaml", "parse-json",
		"native-regex-match", "native-regex-subst-empty", "native-manifest-yaml", "native-parse-yaml-bomb",
		"array-elements", "object-fields", "many-locals", "many-comments", "brackets-round", "brackets-curly",
		"glob-braces", "glob-braces-nested", "helm-hangs", "helm-endless-output", "kustomize-hangs", "error-long", "error-escapes",
	}
	var out []Program
	for _, p := range programs {
		if !slices.Contains(kinds, p.Name) {
			continue
		}
		for _, command := range [][]string{
			{"validate", "main.jsonnet"}, {"show", "main.jsonnet"}, {"status", "main.jsonnet"}, {"export", "out", "main.jsonnet"}, {"explain", "main.jsonnet", "ConfigMap/a"},
			{"diff", "main.jsonnet", "main.jsonnet"}, {"env", "list"}, {"lint", "main.jsonnet"}, {"fmt", "--test", "main.jsonnet"},
			{"tool", "imports", "."}, {"tool", "importers", "x.libsonnet"}, {"vendor", "check"}, {"test", "."},
		} {
			again := p
			again.Name = p.Name + "-by-" + command[0]
			if command[0] == "tool" || command[0] == "vendor" {
				again.Name += "-" + command[1]
			}
			again.Args, again.Exit, again.Place = command, []int{0, 1, 2}, "main|mop: |nothing"
			if command[0] == "test" {
				again.Files = slices.Clone(p.Files)
				for i, f := range again.Files {
					if f.Name == "main.jsonnet" {
						again.Files[i] = File{"main_test.jsonnet", join(text("{ a: { actual: ("), f.Text, text("\n), expected: 1 } }"))}
					}
				}
			}
			out = append(out, again)
		}
	}
	return out
}
