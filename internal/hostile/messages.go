package hostile

import "slices"

func messages() Area {
	return Area{
		Bounded: slices.Concat(
			bounded("values that readers or the evaluation have made, at most 10,000 deep", "cmd/mop.eachCRD", "cmd/mop.writeFields"),
			bounded("cases in groups of the result of an evaluation", "pkg/jsonnettest.Suite.Cases", "pkg/jsonnettest.runGroup"),
			bounded("directories below one", "cmd/mop.app.filesIn"),
			bounded("the parts of a path", "cmd/mop.realPath"),
			bounded("the fields around one", "cmd/mop.manifestFile.add"),
		),
	}
}
