package hostile

import "slices"

func documents() Area {
	return Area{
		Loops: []Loop{
			{Func: "pkg/document.decoder.node", Input: "nesting, also by aliases", Asks: []string{"maxDepth"}, Programs: []string{"deep-parse-yaml"}},
		},
		Bounded: slices.Concat(
			bounded("the tree of a text that the parser has taken, which takes 10,000 levels", "pkg/document.decoder.locate", "pkg/document.decoder.key", "pkg/document.decoder.merge", "pkg/document.decoder.twice", "pkg/manifest.partsOf"),
			bounded("values that readers have made, at most 10,000 deep", "pkg/manifest.Equal", "pkg/manifest.countKeys", "pkg/manifest.withIntegers", "pkg/manifest.jsonDocument.value"),
		),
	}
}
