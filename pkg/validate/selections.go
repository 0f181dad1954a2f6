package validate

import (
	"fmt"
	"strings"

	apilabels "k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/pkg/manifest"
)

// selections adds the rules for what selects pods: it must select one of those
// that the objects are or make in its namespace, if there are any.
func (s ruleset) selections() {
	s.on("core.v1.Service", serviceSelection)
	s.on("policy.v1.PodDisruptionBudget", selection("selector"))
	s.on("networking.v1.NetworkPolicy", selection("podSelector"))
}

// selection asks a label selector in the spec to select a pod.
func selection(name string) rule {
	return func(n node) {
		at := n.field("spec", name)
		if selector, ok := at.selector(); ok && at.set() {
			at.selects(selector, nil)
		}
	}
}

// serviceSelection asks a Service to select a pod and, where a port of it is
// sent to one that has a name, a pod with such a port.
func serviceSelection(n node) {
	at := n.field("spec", "selector")
	if at.zero() || n.field("spec", "type").text() == "ExternalName" {
		return
	}
	at.selects(at.equal(), func(selected []pod) {
		var ports []string
		for _, p := range selected {
			ports = append(ports, p.ports...)
		}
		for _, port := range n.field("spec", "ports").items() {
			port.field("targetPort").has(ports, "no container that the Service selects has a port")
		}
	})
}

// selects asks a selector to select a pod, and has a function look at those that
// it selects.
func (n node) selects(selector apilabels.Selector, look func(selected []pod)) {
	n.later(func(n node, s *set) {
		pods := s.podsIn(n.id.Namespace)
		var selected []pod
		for _, p := range pods {
			if selector.Matches(p.labels) {
				selected = append(selected, p)
			}
		}
		switch {
		case len(selected) > 0 && look != nil:
			look(selected)
		case len(selected) > 0 || len(pods) == 0 || n.isExternal(manifest.ID{Kind: "Pod", Namespace: n.id.Namespace}):
		default:
			hints := closest(selector, pods)
			if by, ok := s.runner(selector, n.id.Namespace); ok && !misspelt(selector, pods) {
				if !s.strictReferences {
					return
				}
				hints = []string{fmt.Sprintf("such pods may be run for %s", by)}
			}
			n.warn(RuleReference, "selects no pod among those of the objects", hints...)
		}
	})
}

// closest names the first pod that meets most of what a selector asks for, and
// what it lacks.
func closest(selector apilabels.Selector, pods []pod) []string {
	requirements, _ := selector.Requirements()
	var best pod
	most := 0
	for _, p := range pods {
		met := 0
		for i := range requirements {
			if requirements[i].Matches(p.labels) {
				met++
			}
		}
		if met > most {
			best, most = p, met
		}
	}
	if most == 0 {
		return nil
	}
	var missing []string
	for _, r := range requirements {
		if !r.Matches(best.labels) {
			missing = append(missing, r.String())
		}
	}
	return []string{fmt.Sprintf("the pods of %s come closest, but are not %s", best.of, strings.Join(missing, ","))}
}
