package validate

import (
	"fmt"
	"slices"
	"sync"

	apilabels "k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/schema"
)

// set is the objects of one call of Check, among which they look for what they
// refer to. But for what is read on demand it is immutable once it is made.
//
// An object without a namespace gets one when it is applied, which is not known
// here: it may be that of any other.
type set struct {
	*Validator
	results []Result
	// named holds the indexes of the results by what they are called.
	named map[name][]int
	// made is what others will make, or may.
	made made
	// byKind holds the indexes of the results by their kinds.
	byKind map[groupKind][]int
	// pods are all, podsOf those of each namespace, "" for those without.
	pods   []pod
	podsOf map[string][]pod
	// classes are the names of storage classes that PersistentVolumes have.
	classes map[string]bool
	// missing holds what is said of what is not among the objects, by its
	// manifest.ID: many miss the same one.
	missing sync.Map
}

// name is a [manifest.ID] but for the namespace.
type name struct{ group, kind, name string }

// pod is a Pod, or what will be one.
type pod struct {
	// of is the object that it is or that makes it.
	of     manifest.ID
	labels apilabels.Set
	// ports are the names of its containers' ports.
	ports []string
}

// later has a function look at the node when all objects are known.
func (n node) later(look func(n node, s *set)) {
	n.pending = append(n.pending, func(s *set) { look(n, s) })
}

// together checks objects that have been checked on their own, in place.
func (v *Validator) together(results []Result) {
	s := &set{
		Validator: v, results: results,
		named: map[name][]int{}, byKind: map[groupKind][]int{}, podsOf: map[string][]pod{}, classes: map[string]bool{},
	}
	s.made = newMade(s)
	for i, r := range results {
		s.add(i, r)
	}
	checked := make([]Result, len(results))
	parallel(len(results), func(i int) { checked[i] = s.check(i) })
	copy(results, checked)
}

func (s *set) add(i int, r Result) {
	key := name{r.ID.Group, r.ID.Kind, r.ID.Name}
	s.named[key] = append(s.named[key], i)
	kind := groupKind{r.ID.Group, r.ID.Kind}
	s.byKind[kind] = append(s.byKind[kind], i)
	s.addMade(i, r)
	if p, ok := podOf(r); ok {
		s.pods = append(s.pods, p)
		s.podsOf[r.ID.Namespace] = append(s.podsOf[r.ID.Namespace], p)
	}
	if kind == (groupKind{"", "PersistentVolume"}) {
		s.classes[node{value: r.Object.Value}.field("spec", "storageClassName").text()] = true
	}
}

// check returns the result of an object with what it has to do with others.
func (s *set) check(i int) Result {
	r := s.results[i]
	c := r.checker
	r.checker = nil
	c.findings = r.Findings
	root := node{checker: c, value: r.Object.Value}
	s.checkOnce(root, i)
	s.checkNamespace(root)
	for _, look := range c.pending {
		look(s)
	}
	if len(c.findings) == len(r.Findings) {
		return r
	}
	return r.with(r.Status, c.findings)
}

// checkOnce warns of an object that is there before: the API server takes the
// later one for a change of the first.
func (s *set) checkOnce(n node, i int) {
	id := s.results[i].ID
	if id.Name == "" {
		return
	}
	for _, first := range s.named[name{id.Group, id.Kind, id.Name}] {
		if first == i {
			return
		}
		if s.results[first].ID.Namespace == id.Namespace || s.scope(id) == schema.Cluster {
			n.warn(RuleDuplicate, fmt.Sprintf("is there twice: at %s and at %s", s.results[first].Object.place(), s.results[i].Object.place()))
			return
		}
	}
}

// checkNamespace warns of an object in a namespace that is not among those that
// the objects have. It does not where they have none: these are made elsewhere
// then.
func (s *set) checkNamespace(n node) {
	if len(s.byKind[groupKind{"", "Namespace"}]) > 0 && s.scope(n.id) != schema.Cluster {
		n.field("metadata", "namespace").mustBe(s, manifest.ID{Kind: "Namespace", Name: n.id.Namespace})
	}
}

// scope returns the scope of the kind of an object; definitions tell those of
// custom ones.
func (s *set) scope(id manifest.ID) schema.Scope {
	if d := s.definitions[groupKind{id.Group, id.Kind}]; d != nil {
		return d.Scope()
	}
	return s.kinds.Scope(id.Group, id.Kind)
}

// sameNamespace reports whether two namespaces may be the same.
func sameNamespace(a, b string) bool { return a == b || a == "" || b == "" }

// find returns the objects that are, or may be, the one that is meant.
func (s *set) find(id manifest.ID) []Result {
	var found []Result
	for _, i := range s.named[name{id.Group, id.Kind, id.Name}] {
		if r := s.results[i]; sameNamespace(r.ID.Namespace, id.Namespace) || s.scope(id) == schema.Cluster {
			found = append(found, r)
		}
	}
	return found
}

// namesLike returns the names of the objects, and of those that are made, that
// could be meant instead of one, by their kind and namespace.
func (s *set) namesLike(id manifest.ID) []string {
	var names []string
	for _, i := range s.byKind[groupKind{id.Group, id.Kind}] {
		if r := s.results[i]; sameNamespace(r.ID.Namespace, id.Namespace) {
			names = append(names, r.ID.Name)
		}
	}
	for key, makings := range s.made.names {
		for _, m := range makings {
			if key.group == id.Group && key.kind == id.Kind && sameNamespace(m.namespace, id.Namespace) {
				names = append(names, key.name)
			}
		}
	}
	return names
}

// place says where an object was found.
func (o Object) place() string {
	switch {
	case len(o.Path) == 0:
		return o.Source.String()
	case o.Source.File == "":
		return o.Path.String()
	}
	return o.Source.String() + ": " + o.Path.String()
}

// podOf returns the Pod that an object is or, by its template, makes. Objects of
// any kind are taken for such as have a template where those of Kubernetes have
// it, since custom ones are alike.
func podOf(r Result) (pod, bool) {
	root := node{value: r.Object.Value}
	templates := []node{root.field("spec", "template"), root.field("spec", "jobTemplate", "spec", "template")}
	if r.ID.Group == "" && r.ID.Kind == "Pod" {
		templates = []node{root}
	}
	for _, template := range templates {
		if template.field("spec", "containers").len() == 0 {
			continue
		}
		p := pod{of: r.ID, labels: template.field("metadata", "labels").labelSet()}
		for _, containers := range []string{"containers", "initContainers"} {
			for _, container := range template.field("spec", containers).items() {
				for _, port := range container.field("ports").items() {
					p.ports = append(p.ports, port.field("name").text())
				}
			}
		}
		return p, true
	}
	return pod{}, false
}

// podsIn returns the pods that are, or may be, in a namespace.
func (s *set) podsIn(namespace string) []pod {
	if namespace == "" {
		return s.pods
	}
	return slices.Concat(s.podsOf[namespace], s.podsOf[""])
}

// mustBe warns where the object that the node names is not there. One that the
// controller of another may make is said to be missing only on demand.
func (n node) mustBe(s *set, id manifest.ID) []Result {
	found := s.find(id)
	if id.Name == "" || len(found) > 0 || n.isExternal(id) {
		return found
	}
	m, ok := s.missing.Load(id)
	if !ok {
		m = s.miss(id)
		s.missing.Store(id, m)
	}
	if m := m.(missing); !m.tolerated {
		n.warn(RuleReference, fmt.Sprintf("no %s among the objects", id), m.hint)
	}
	return nil
}

// missing is what is said of an object that is not among the others.
type missing struct {
	tolerated bool
	hint      string
}

func (s *set) miss(id manifest.ID) missing {
	m, ok := s.maker(id)
	if !ok {
		return missing{hint: s.hint(id)}
	}
	return missing{tolerated: m.sure || !s.strictReferences, hint: fmt.Sprintf("it may be made for %s", m.by)}
}

// hint says what may be meant by an object that there is not.
func (s *set) hint(id manifest.ID) string {
	if others := s.named[name{id.Group, id.Kind, id.Name}]; len(others) > 0 {
		return "there is one in the namespace " + s.results[others[0]].ID.Namespace
	}
	if guess := diag.Suggest(id.Name, s.namesLike(id)); guess != "" {
		return fmt.Sprintf("did you mean %q?", guess)
	}
	return fmt.Sprintf("if it comes from elsewhere, declare it external: %s/%s", id.Kind, id.Name)
}
