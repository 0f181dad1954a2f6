package refer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	apilabels "k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// selections adds the rules for selectors of pods. A selector must select a pod that is
// among the objects, or that one of them makes, in its namespace, if there are any.
func selections(s engine.Table) {
	s.On("core.v1.Service", serviceSelection)
	s.On("policy.v1.PodDisruptionBudget", selection("selector"))
	s.On("networking.v1.NetworkPolicy", selection("podSelector"))
}

// selection asks a label selector in the spec to select a pod.
func selection(name string) engine.Constraint {
	return func(n engine.Node) {
		at := n.Field("spec", name)
		if selector, ok := at.Selector(); ok && at.IsSet() {
			at.Ask(engine.Ask{Kind: engine.AsksForPods, Selector: selector})
		}
	}
}

// serviceSelection asks that a Service select a pod. If a port of it leads to a named port,
// a selected pod must have that.
func serviceSelection(n engine.Node) {
	at := n.Field("spec", "selector")
	if at.IsZero() || n.Field("spec", "type").Text() == "ExternalName" {
		return
	}
	var ports []engine.Detail
	for _, port := range n.Field("spec", "ports").Items() {
		ports = port.Field("targetPort").Named(engine.WantsContainerPort, ports)
	}
	at.Ask(engine.Ask{Kind: engine.AsksForPods, Selector: at.EqualSelector(), Details: ports})
}

// selected are the pods that a selector selects among those that are, or may be, in a
// namespace.
type selected struct {
	any bool
	// ports are the names of the ports of all, sorted, if they were asked for.
	ports []string
}

// selects looks for pods that a selector selects.
func (l *looking) selects(a engine.Ask) {
	namespace := l.of().ID.Namespace
	switch found := l.selectedBy(a.Selector, namespace, len(a.Details) > 0); {
	case l.err != nil:
	case found.any:
		for _, d := range a.Details {
			if _, ok := slices.BinarySearch(found.ports, d.Text); !ok && l.work(len(found.ports)) {
				l.lacks(d, "no container that the Service selects has a port", found.ports)
			}
		}
	case !l.pods.anyIn(namespace) || l.isExternal(manifest.ID{Kind: "Pod", Namespace: namespace}):
	default:
		hints := l.closest(a.Selector, namespace)
		if by, ok := l.runner(a.Selector, namespace); ok && !l.misspelt(a.Selector, namespace) {
			if !l.strict {
				return
			}
			hints = []string{fmt.Sprintf("such pods may be run for %s", by)}
		}
		if l.err == nil {
			l.warn(a.Place, engine.RuleReference, "selects no pod among those of the objects", hints...)
		}
	}
}

// selectedBy returns the pods in a namespace that a selector selects.
func (l *looking) selectedBy(selector apilabels.Selector, namespace string, ports bool) selected {
	type question struct {
		selector, namespace string
		ports               bool
	}
	key := question{selector.String(), namespace, ports}
	if known, ok := l.selected.Load(key); ok {
		return known.(selected)
	}
	var s selected
	requirements, selectable := selector.Requirements()
	if selectable {
		names := map[string]bool{}
		for _, i := range l.pods.narrowed(namespace, requirements) {
			if !l.work(1) {
				return selected{}
			}
			p := &l.pods.all[i]
			if !sameNamespace(p.of.Namespace, namespace) || !selector.Matches(p.labels) {
				continue
			}
			s.any = true
			if !ports {
				break
			}
			for _, name := range p.ports {
				names[name] = true
			}
		}
		s.ports = slices.Sorted(maps.Keys(names))
	}
	l.selected.Store(key, s)
	return s
}

// mostClosest is the most pods among which closest searches.
const mostClosest = 1000

// closest names the first pod that meets most requirements of a selector, and those that it
// lacks. It looks at the first pods that may meet some.
func (l *looking) closest(selector apilabels.Selector, namespace string) []string {
	requirements, _ := selector.Requirements()
	candidates := l.pods.meeting(namespace, requirements)
	var best *pod
	most := 0
	for _, i := range candidates[:min(mostClosest, len(candidates))] {
		p := &l.pods.all[i]
		met := 0
		for i := range requirements {
			if !l.work(1) {
				return nil
			}
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
