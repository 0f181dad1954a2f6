// Package refer checks objects against each other: an object that another names or selects
// must be given, come from elsewhere, or be made by a controller.
//
// With [AddReferences] the engine notes the questions of objects about others. A [Set]
// keeps these questions and the offers of objects, and answers when it has all objects.
package refer

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// Set holds objects to check against each other. It does not keep the objects, only the
// parts that others can refer to.
//
// An object without a namespace gets one when it is applied. The Set does not know which,
// so it may be the namespace of any other.
type Set struct {
	kinds *schema.Kinds
	// external are patterns of objects that exist without being members.
	external []External
	// strict reports each object that is no member, even if a controller may make it for a
	// member.
	strict bool
	// scope returns the scope of the kind of an object.
	scope func(manifest.ID) schema.Scope

	mentioning mentioning
	members    []member
	// named holds the members by their names.
	named map[name]*namesakes
	// byKind holds the members by their kinds.
	byKind map[GroupKind][]int
	// made are the objects that controllers make, or may make.
	made made
	pods podIndex
	// classes are the names of the storage classes of PersistentVolumes.
	classes map[string]bool

	// The rest is made on demand, after all objects were added.

	// spellings are the names of objects that exist or are made, by kind.
	spellings func() map[GroupKind][]candidate
	// missing holds the answers about missing objects, by their manifest.ID: many miss the
	// same object.
	missing sync.Map
	// selected holds the pods that selectors select, by selection: many select the same.
	selected sync.Map
}

// New returns a Set without members. It does not call scope before it looks at a member.
func New(kinds *schema.Kinds, external []External, strict bool, scope func(manifest.ID) schema.Scope) *Set {
	s := &Set{
		kinds: kinds, external: external, strict: strict, scope: scope, mentioning: mentioning{maphash.MakeSeed()},
		named: map[name]*namesakes{}, byKind: map[GroupKind][]int{}, pods: newPodIndex(), classes: map[string]bool{},
	}
	s.made = newMade(s.mentioning)
	s.spellings = sync.OnceValue(s.readSpellings)
	return s
}

// member is the part of an object that a Set keeps.
type member struct {
	ID manifest.ID
	// Source and path are the place of the object.
	Source diag.Position
	Path   manifest.Path
	// whole and namespace are the origins of the object and of its namespace, if they were
	// looked up.
	whole, namespace []diag.Position
	declared         []External
	asks             []engine.Ask
	offer            *offer
}

// Entry is a member, and its entries in the indexes.
type Entry struct {
	member
	makings makings
	pod     *pod
	// class is the storage class of a PersistentVolume.
	class string
}

// Entry reads the parts to keep from root, an object that has been checked. It warns if the
// object wrongly declares external objects.
func (s *Set) Entry(root engine.Node, source diag.Position, path manifest.Path) Entry {
	bare := engine.Node{Value: root.Value}
	e := Entry{
		member:  member{ID: root.ID, Source: source, Path: path, declared: declared(root), asks: root.Asks(), offer: offerOf(root, root.ID)},
		makings: s.makingsOf(root.ID, bare), pod: podOf(root.ID, bare),
	}
	e.whole = root.Here().Origins
	if root.ID.Namespace != "" {
		e.namespace = root.Field("metadata", "namespace").Here().Origins
	}
	if root.ID.Group == "" && root.ID.Kind == "PersistentVolume" {
		e.class = root.Field("spec", "storageClassName").Text()
	}
	return e
}

// GroupKind is a kind in any version.
type GroupKind struct{ Group, Kind string }

// name is a [manifest.ID] without the namespace.
type name struct{ group, kind, name string }

// namesakes are the members of one kind that have the same name.
type namesakes struct {
	all []int
	// byNamespace is made if there are many.
	byNamespace map[string][]int
}

func (n *namesakes) add(i int, s *Set) {
	n.all = append(n.all, i)
	const many = 8
	switch {
	case n.byNamespace != nil:
		namespace := s.members[i].ID.Namespace
		n.byNamespace[namespace] = append(n.byNamespace[namespace], i)
	case len(n.all) > many:
		n.byNamespace = map[string][]int{}
		for _, i := range n.all {
			namespace := s.members[i].ID.Namespace
			n.byNamespace[namespace] = append(n.byNamespace[namespace], i)
		}
	}
}

// in returns those in a namespace.
func (n *namesakes) in(namespace string, s *Set) []int {
	if n.byNamespace != nil {
		return n.byNamespace[namespace]
	}
	var in []int
	for _, i := range n.all {
		if s.members[i].ID.Namespace == namespace {
			in = append(in, i)
		}
	}
	return in
}

// Add adds a member at the end.
func (s *Set) Add(e Entry) {
	i, id := len(s.members), e.ID
	s.members = append(s.members, e.member)
	key := name{id.Group, id.Kind, id.Name}
	same := s.named[key]
	if same == nil {
		same = &namesakes{}
		s.named[key] = same
	}
	same.add(i, s)
	kind := GroupKind{id.Group, id.Kind}
	s.byKind[kind] = append(s.byKind[kind], i)
	s.made.add(i, id, e.makings)
	if e.pod != nil {
		s.pods.add(id.Namespace, *e.pod)
	}
	if e.class != "" {
		s.classes[e.class] = true
	}
}

// Len returns the number of members.
func (s *Set) Len() int { return len(s.members) }

// Member returns the member that was added i-th, from 0.
func (s *Set) Member(i int) *member { return &s.members[i] }

// Together returns the warnings about the member that was added i-th, from 0, among the
// others. It must not be called before all are added; then it is safe for concurrent use.
// The error is that of the budget in ctx.
func (s *Set) Together(ctx context.Context, i int) ([]engine.Finding, error) {
	l := &looking{Set: s, at: i, meter: budget.Of(ctx).Meter()}
	l.look()
	return l.findings, l.err
}

// looking is the look at one member among the others.
type looking struct {
	*Set
	at       int
	findings []engine.Finding
	// err says why the look had to end.
	meter budget.Meter
	err   error
}

// work notes that n things are looked at, and reports whether the look goes on.
func (l *looking) work(n int) bool {
	if l.err == nil {
		// Each counts like some tens of bytes of text.
		l.err = l.meter.Work(32 * n)
	}
	return l.err == nil
}

// of returns the member that is looked at.
func (l *looking) of() *member { return &l.members[l.at] }

func (l *looking) warn(at engine.Place, rule engine.Rule, problem string, hints ...string) {
	l.findings = append(l.findings, engine.Finding{Severity: diag.Warning, Rule: rule, Path: at.Path, Problem: problem, Hints: hints, Origins: at.Origins})
}

func (l *looking) look() {
	l.checkOnce()
	l.checkNamespace()
	for _, a := range l.of().asks {
		if !l.work(1) {
			return
		}
		l.answer(a)
	}
}

// checkOnce warns of an object that occurred before: the API server takes the later one for
// a change of the first.
func (l *looking) checkOnce() {
	m := l.of()
	if m.ID.Name == "" {
		return
	}
	same := l.named[name{m.ID.Group, m.ID.Kind, m.ID.Name}]
	first := same.all[0]
	if l.scope(m.ID) != schema.Cluster {
		first = same.in(m.ID.Namespace, l.Set)[0]
	}
	if first < l.at {
		l.warn(engine.Place{Origins: m.whole}, engine.RuleDuplicate, fmt.Sprintf("is there twice: at %s and at %s", l.place(first), l.place(l.at)))
	}
}

// namespacePath is the path of an object's namespace.
var namespacePath = manifest.Path{"metadata", "namespace"}

// checkNamespace warns of an object in a namespace that is not among the objects. It does
// not warn if there is no namespace among the objects: then namespaces are made elsewhere.
func (l *looking) checkNamespace() {
	m := l.of()
	if len(l.byKind[GroupKind{"", "Namespace"}]) > 0 && l.scope(m.ID) != schema.Cluster {
		l.mustBe(engine.Place{Path: namespacePath, Origins: m.namespace}, manifest.ID{Kind: "Namespace", Name: m.ID.Namespace})
	}
}

// answer answers a question of an object.
func (l *looking) answer(a engine.Ask) {
	switch a.Kind {
	case engine.AsksForPods:
		l.selects(a)
	case engine.AsksForClass:
		if !l.classes[a.ID.Name] {
			l.mustBe(a.Place, a.ID)
		}
	case engine.AsksForObject:
		id := a.ID
		if id.Namespace == "" && l.scope(id) != schema.Cluster {
			id.Namespace = l.of().ID.Namespace
		}
		found := l.mustBe(a.Place, id)
		for _, i := range found {
			for _, d := range a.Details {
				l.among(d, id, l.members[i].offer)
			}
		}
	}
}

// sameNamespace reports whether two namespaces may be the same.
func sameNamespace(a, b string) bool { return a == b || a == "" || b == "" }

// find returns the members that are, or may be, the object with the id.
func (s *Set) find(id manifest.ID) []int {
	same := s.named[name{id.Group, id.Kind, id.Name}]
	switch {
	case same == nil:
		return nil
	case id.Namespace == "" || s.scope(id) == schema.Cluster:
		return same.all
	}
	found, anywhere := same.in(id.Namespace, s), same.in("", s)
	if len(anywhere) == 0 {
		return found
	}
	found = slices.Concat(found, anywhere)
	slices.Sort(found)
	return found
}

// place says where the member that was added i-th was found.
func (s *Set) place(i int) string {
	m := &s.members[i]
	switch {
	case len(m.Path) == 0 && m.Source.File == "":
		return fmt.Sprintf("object %d", i+1)
	case len(m.Path) == 0:
		return m.Source.String()
	case m.Source.File == "":
		return m.Path.String()
	}
	return m.Source.String() + ": " + m.Path.String()
}

// mustBe warns if the object that is named at a place does not exist. It does not warn if a
// controller surely makes the object. If one only may make it, it warns only in a strict
// Set.
func (l *looking) mustBe(at engine.Place, id manifest.ID) []int {
	found := l.find(id)
	if id.Name == "" || len(found) > 0 || l.isExternal(id) {
		return found
	}
	m, ok := l.missing.Load(id)
	if !ok {
		m = l.miss(id)
		if l.err != nil {
			return nil
		}
		l.missing.Store(id, m)
	}
	if m := m.(missing); !m.tolerated {
		l.warn(at, engine.RuleReference, fmt.Sprintf("no %s among the objects", id), m.hint)
	}
	return nil
}

// isExternal reports whether the user, or the object that refers to it, declares that an
// object comes from elsewhere.
func (l *looking) isExternal(id manifest.ID) bool {
	is := func(e External) bool { return l.work(4) && e.is(id) }
	return slices.ContainsFunc(l.external, is) || slices.ContainsFunc(l.of().declared, is)
}

// missing is the answer about an object that is missing.
type missing struct {
	tolerated bool
	hint      string
}

func (l *looking) miss(id manifest.ID) missing {
	m, ok := l.maker(id)
	if !ok {
		return missing{hint: l.hint(id)}
	}
	return missing{tolerated: m.sure || !l.strict, hint: fmt.Sprintf("it may be made for %s", m.by)}
}

// hint suggests what the user may mean by a missing object.
func (l *looking) hint(id manifest.ID) string {
	if others := l.named[name{id.Group, id.Kind, id.Name}]; others != nil {
		return "there is one in the namespace " + l.members[others.all[0]].ID.Namespace
	}
	if guess := spelling.Suggest(id.Name, l.spelledLike(id)); guess != "" {
		return fmt.Sprintf("did you mean %q?", guess)
	}
	return fmt.Sprintf("if it comes from elsewhere, declare it external: %s/%s", id.Kind, id.Name)
}
