package hostile

import "slices"

func objects() Area {
	return Area{
		Bounded: slices.Concat(
			bounded("values that readers have made, at most 10,000 deep",
				"pkg/crd.refusals", "pkg/crd.known", "pkg/crd.unreadable", "pkg/crd.unreadableObjects", "pkg/validate.labels.read", "pkg/validate.mentioning.in", "pkg/validate.node.checkValue"),
			bounded("schemas that readers have made, at most 10,000 deep",
				"pkg/crd.expressions.check", "pkg/crd.hasRules", "pkg/crd.structure.check", "pkg/schema.crd.schema", "pkg/k8s.library.refer", "pkg/k8s.writer.object"),
			bounded("schemas of Kubernetes, which are compiled in", "pkg/schema.decoder.schema", "pkg/k8s.fromSchema", "pkg/k8s.library.leadsTo"),
		),
	}
}
