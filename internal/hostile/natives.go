package hostile

import "slices"

func natives() Area {
	return Area{
		Bounded: slices.Concat(
			bounded("values that readers or the evaluation have made, at most 10,000 deep", "pkg/emitter.emitter.node", "pkg/native.references"),
			bounded("goes one character of a key deeper each time, of keys that are there", "pkg/emitter.relation.parted"),
			bounded("directories below one, each once", "pkg/native.inputs.addDir", "pkg/native.kustomization.add", "pkg/native.kustomization.follow"),
		),
	}
}
