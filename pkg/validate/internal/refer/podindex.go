package refer

import (
	"slices"

	apilabels "k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// pod is a Pod, or an object that makes one.
type pod struct {
	// of is the object that it is or that makes it.
	of     manifest.ID
	labels apilabels.Set
	// ports are the names of its containers' ports.
	ports []string
}

// podOf returns the Pod that an object is or, by its template, makes; nil for none. It
// looks for a template in objects of any kind at the place where Kubernetes has it, because
// custom objects are alike.
func podOf(id manifest.ID, root engine.Node) *pod {
	templates := []engine.Node{root.Field("spec", "template"), root.Field("spec", "jobTemplate", "spec", "template")}
	if id.Group == "" && id.Kind == "Pod" {
		templates = []engine.Node{root}
	}
	for _, template := range templates {
		if template.Field("spec", "containers").Len() == 0 {
			continue
		}
		p := &pod{of: id, labels: template.Field("metadata", "labels").Labels()}
		for _, containers := range []string{"containers", "initContainers"} {
			for _, container := range template.Field("spec", containers).Items() {
				for _, port := range container.Field("ports").Items() {
					p.ports = append(p.ports, port.Field("name").Text())
				}
			}
		}
		return p
	}
	return nil
}

// label is one that an object has.
type label struct{ key, value string }

// podIndex holds pods in the order of their objects, with indexes.
type podIndex struct {
	all []pod
	// in are the pods of each namespace, "" for those without.
	in map[string][]int
	// labelled are the pods that have a label.
	labelled map[label][]int
}

func newPodIndex() podIndex {
	return podIndex{in: map[string][]int{}, labelled: map[label][]int{}}
}

func (x *podIndex) add(namespace string, p pod) {
	i := len(x.all)
	x.all = append(x.all, p)
	x.in[namespace] = append(x.in[namespace], i)
	for key, value := range p.labels {
		l := label{key, value}
		x.labelled[l] = append(x.labelled[l], i)
	}
}

// anyIn reports whether there are pods that are, or may be, in a namespace.
func (x *podIndex) anyIn(namespace string) bool {
	return len(x.in[namespace]) > 0 || len(x.in[""]) > 0 || namespace == "" && len(x.all) > 0
}

// inNamespace returns the pods that are, or may be, in a namespace: those in it come
// first.
func (x *podIndex) inNamespace(namespace string) []int {
	if namespace == "" {
		return x.numbered()
	}
	if len(x.in[""]) == 0 {
		return x.in[namespace]
	}
	return slices.Concat(x.in[namespace], x.in[""])
}

func (x *podIndex) numbered() []int {
	all := make([]int, len(x.all))
	for i := range all {
		all[i] = i
	}
	return all
}

// narrowed returns pods in order that include all pods in a namespace that meet all
// requirements. It uses the requirement that leaves the fewest.
func (x *podIndex) narrowed(namespace string, requirements apilabels.Requirements) []int {
	best, found := []int(nil), false
	for _, q := range requirements {
		if values := q.ValuesUnsorted(); picks(q) && len(values) == 1 {
			if l := x.labelled[label{q.Key(), values[0]}]; !found || len(l) < len(best) {
				best, found = l, true
			}
		}
	}
	if all := x.in[namespace]; !found || namespace != "" && len(x.in[""]) == 0 && len(all) < len(best) {
		return x.inNamespace(namespace)
	}
	return best
}

// meeting returns, in the order of inNamespace, the pods in a namespace that may
// meet one of the requirements.
func (x *podIndex) meeting(namespace string, requirements apilabels.Requirements) []int {
	var some []int
	for _, q := range requirements {
		if !picks(q) {
			return x.inNamespace(namespace)
		}
		for _, value := range q.ValuesUnsorted() {
			some = append(some, x.labelled[label{q.Key(), value}]...)
		}
	}
	slices.Sort(some)
	some = slices.Compact(some)
	if namespace == "" {
		return some
	}
	in := func(i int, namespace string) bool { return x.all[i].of.Namespace == namespace }
	var all []int
	for _, of := range []string{namespace, ""} {
		for _, i := range some {
			if in(i, of) {
				all = append(all, i)
			}
		}
	}
	return all
}

// misspelt reports whether a selector nearly selects a pod in a namespace: its values are
// nearly those of the pod's labels.
func (l *looking) misspelt(selector apilabels.Selector, namespace string) bool {
	requirements, _ := selector.Requirements()
	return slices.ContainsFunc(l.pods.meeting(namespace, requirements), func(i int) bool {
		p := &l.pods.all[i]
		met := 0
		for _, q := range requirements {
			if !l.work(1) {
				return false
			}
			if q.Matches(p.labels) {
				met++
			} else if value := p.labels[q.Key()]; value == "" || spelling.Suggest(value, q.ValuesUnsorted()) == "" {
				return false
			}
		}
		return met > 0
	})
}
