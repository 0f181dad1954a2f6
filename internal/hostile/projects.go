package hostile

import "slices"

func projects() Area {
	return Area{
		Loops: []Loop{
			{Func: "pkg/project.specWalker.value", Input: "nesting", Asks: []string{"maxSpecDepth"}, Programs: []string{"spec-nested"}},
		},
		Bounded: slices.Concat(
			bounded("values that the evaluation has made, at most 10,000 deep", "pkg/render.flattener.walk", "pkg/render.search.walk", "pkg/export.clone"),
			bounded("a name in a template, at each dot", "pkg/render.lookup"),
			bounded("the tree of a template, which its parser bounds", "pkg/export.throughPrinter"),
			bounded("the parts of a path", "pkg/swap.MakeDirs", "pkg/swap.resolve"),
			bounded("folders that the command itself has written", "pkg/swap.fits", "pkg/swap.moveIn", "pkg/swap.moveOne"),
			bounded("links that lead to others, at most 255", "pkg/project.reach"),
			bounded("asks the file system below, once", "pkg/project.overlay.*", "pkg/project.Project.Resolved"),
			bounded("packages that need others, each once", "pkg/bundler.checker.nested", "pkg/bundler.resolver.ensureNested"),
		),
		Programs: []Program{
			{Name: "spec-nested", Files: []File{{"a/main.jsonnet", text("{}")}, {"a/spec.json", nested("[", "", "]", 100_000)}}, Args: []string{"show", "a"}, Place: "a/spec.json:"},
		},
	}
}
