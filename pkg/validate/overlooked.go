package validate

import (
	"strings"

	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/release"
	"github.com/mop-platform/mop/pkg/release/changes"
)

// statusKept are the kinds whose status can be set when they are created. For
// others the API server drops it before it looks at the object (PrepareForCreate
// in k8s.io/kubernetes, pkg/registry/*/strategy.go), be it right or wrong.
var statusKept = map[string]bool{
	"core.v1.Node": true,
}

// drops reports whether the API server throws away what stands at a path once
// it is decoded. What becomes of a custom resource is in its definition.
func (c *checker) drops(path manifest.Path) bool {
	return c.kind != "" && len(path) > 1 && path[0] == "status" && !statusKept[c.kind]
}

// overlooked are parts of objects that the API server decodes but does not
// judge: what is wrong there comes out when a controller uses them.
var overlooked = map[string][]struct {
	// path is from the object; * stands for any field or index.
	path string
	// judged is the fact that the API server does look there, nil for never.
	judged release.Fact
}{
	"apps.v1.StatefulSet": {
		{"spec.template.spec", changes.StatefulSetTemplates},
		{"spec.volumeClaimTemplates", changes.StatefulSetClaims},
	},
	"autoscaling.v2.HorizontalPodAutoscaler": {
		{"spec.metrics.*.*.metric.selector", nil},
	},
}

// overlooks reports whether the API server does not judge what stands at a path.
func (c *checker) overlooks(path manifest.Path) bool {
	for _, o := range overlooked[c.kind] {
		if (o.judged == nil || !c.release.Has(o.judged)) && under(path, strings.Split(o.path, ".")) {
			return true
		}
	}
	return false
}

// under reports whether a path leads to or through what a pattern stands for.
func under(path manifest.Path, pattern []string) bool {
	if len(path) < len(pattern) {
		return false
	}
	for i, step := range pattern {
		if step != "*" && path[i] != step {
			return false
		}
	}
	return true
}
