package engine

import (
	"strings"

	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/pkg/manifest"
)

// statusKept are the kinds whose status can be set when they are created. For others the
// API server drops the status, right or wrong, before it looks at the object
// (PrepareForCreate in k8s.io/kubernetes, pkg/registry/*/strategy.go).
var statusKept = map[string]bool{
	"core.v1.Node": true,
}

// drops reports whether the API server drops the value at a path after decoding. For a
// custom resource its definition decides that.
func (c *checker) drops(path manifest.Path) bool {
	return c.Kind != "" && len(path) > 1 && path[0] == "status" && !statusKept[c.Kind]
}

// Part is a part of an object that the API server does not judge.
type Part struct {
	// Path is from the object; * stands for any field or index.
	Path string
	// Judged is the fact that makes the API server judge the part, nil for none.
	Judged release.Fact
}

// overlooks reports whether the API server does not judge the value at a path.
func (c *checker) overlooks(path manifest.Path) bool {
	for _, o := range c.Catalogue.Overlooked[c.Kind] {
		if (o.Judged == nil || !c.Release.Has(o.Judged)) && under(path, strings.Split(o.Path, ".")) {
			return true
		}
	}
	return false
}

// OverlookedAs applies rules of an object to a part of it, which the API server
// may not judge.
func (n Node) OverlookedAs(rules func()) {
	before := n.overlooking
	n.overlooking = n.overlooks(n.path())
	rules()
	n.overlooking = before
}

// under reports whether a path leads to or through a place that matches a pattern.
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
