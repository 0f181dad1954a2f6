package validate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/crd"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/schema"
)

// Set is objects that are checked together, one after the other: it keeps of each
// what others can ask of it, and not the object, so that the objects of a stream
// need the memory of one. [Set.Alone] checks an object by itself, [Set.Add] enters
// it, and when all are there [Set.Together] tells what there is to say of it among
// the others. What all this tells of an object is what [Validator.Check] tells.
//
// An object without a namespace gets one when it is applied, which is not known
// here: it may be that of any other.
type Set struct {
	*Validator
	// known are the definitions of the Validator and of the objects so far; learning
	// guards it while these are added.
	known    definitions
	learning sync.RWMutex
	// passing says that the objects pass by: their origins are asked for at once, and
	// what they define is not known before.
	passing bool

	members []member
	// named holds the members by what they are called.
	named map[name]*namesakes
	// byKind holds the members by their kinds.
	byKind map[groupKind][]int
	// made is what others will make, or may.
	made made
	pods podIndex
	// classes are the names of storage classes that PersistentVolumes have.
	classes map[string]bool

	// What follows is made on demand, when all objects are there.

	// spellings are the names of what there is and is made, by kind.
	spellings func() map[groupKind][]spelling
	// missing holds what is said of what is not among the objects, by its
	// manifest.ID: many miss the same one.
	missing sync.Map
	// selected holds what selectors select, by selection: many select the same.
	selected sync.Map
}

// member is what a set keeps of an object.
type member struct {
	id manifest.ID
	// source and path are where the object was found.
	source diag.Position
	path   manifest.Path
	// whole and namespace are the origins of the object and of its namespace, where
	// they were asked for.
	whole, namespace []diag.Position
	declared         []external
	asks             []ask
	offer            *offer
}

// name is a [manifest.ID] but for the namespace.
type name struct{ group, kind, name string }

// namesakes are the members of one kind that have the same name.
type namesakes struct {
	all []int
	// byNamespace is made where there are many.
	byNamespace map[string][]int
}

func (n *namesakes) add(i int, s *Set) {
	n.all = append(n.all, i)
	const many = 8
	switch {
	case n.byNamespace != nil:
		namespace := s.members[i].id.Namespace
		n.byNamespace[namespace] = append(n.byNamespace[namespace], i)
	case len(n.all) > many:
		n.byNamespace = map[string][]int{}
		for _, i := range n.all {
			namespace := s.members[i].id.Namespace
			n.byNamespace[namespace] = append(n.byNamespace[namespace], i)
		}
	}
}

// in returns those that are in a namespace and have it.
func (n *namesakes) in(namespace string, s *Set) []int {
	if n.byNamespace != nil {
		return n.byNamespace[namespace]
	}
	var in []int
	for _, i := range n.all {
		if s.members[i].id.Namespace == namespace {
			in = append(in, i)
		}
	}
	return in
}

// NewSet returns a set without objects.
func (v *Validator) NewSet() *Set { return v.newSet(maps.Clone(v.definitions), true) }

func (v *Validator) newSet(known definitions, passing bool) *Set {
	s := &Set{
		Validator: v, known: known, passing: passing,
		named: map[name]*namesakes{}, byKind: map[groupKind][]int{}, pods: newPodIndex(), classes: map[string]bool{},
	}
	s.made = newMade(v.mentioning)
	s.spellings = sync.OnceValue(s.readSpellings)
	return s
}

// Checked is an object that has been checked alone.
type Checked struct {
	// Result is what is said of the object. It is not known, and Known is false, as
	// long as it may be of a kind that an object defines which comes later: one that
	// no version of Kubernetes has, in a group with a dot.
	Result Result
	Known  bool

	member  member
	indexed indexed
	// defined is what it defines if it is a CustomResourceDefinition.
	defined *crd.Definition
	// by is the definition of its kind, where it is of no kind of Kubernetes.
	custom bool
	by     *crd.Definition
}

// indexed is what the index of a set has of an object.
type indexed struct {
	makings
	pod   *pod
	class string
}

// Alone checks an object by itself. [Object.Origins] is not called afterwards. The
// error is that of the budget in ctx. It is safe for concurrent use, also with
// [Set.Add].
func (s *Set) Alone(ctx context.Context, o Object) (Checked, error) {
	return s.alone(ctx, o, s.definitionIn(o))
}

// Add enters the object that has been checked alone, as the one after those before
// it. A custom resource is held against the definition that stands before it, which
// counts more than one of [Options.CRDs]; if there is none it becomes known by
// [Set.Late], when all objects are there.
//
// Objects must be added one after the other.
func (s *Set) Add(ctx context.Context, c Checked) (Checked, error) {
	if c.custom && s.passing && c.by != s.definition(c.member.id) {
		again, err := s.Alone(ctx, c.Result.Object)
		if err != nil {
			return Checked{}, err
		}
		c = again
	}
	i := len(s.members)
	s.members = append(s.members, c.member)
	m := &s.members[i]
	kind := groupKind{m.id.Group, m.id.Kind}
	key := name{m.id.Group, m.id.Kind, m.id.Name}
	same := s.named[key]
	if same == nil {
		same = &namesakes{}
		s.named[key] = same
	}
	same.add(i, s)
	s.byKind[kind] = append(s.byKind[kind], i)
	s.made.add(i, m.id, c.indexed.makings)
	if c.indexed.pod != nil {
		s.pods.add(m.id.Namespace, *c.indexed.pod)
	}
	if c.indexed.class != "" {
		s.classes[c.indexed.class] = true
	}
	if c.defined != nil && s.passing {
		s.learning.Lock()
		s.known.add(c.defined)
		s.learning.Unlock()
	}
	return c, nil
}

// Late returns the result of an object that was not known when it was added, now
// that all are.
func (s *Set) Late(ctx context.Context, o Object) (Result, error) {
	c, err := s.Alone(ctx, o)
	return c.Result, err
}

// Named returns the result of the object that was added i-th as far as it says which
// object it is: where it was found, and its identity.
func (s *Set) Named(i int) Result {
	m := &s.members[i]
	return Result{Object: Object{Source: m.source, Path: m.path}, ID: m.id}
}

// Defines reports whether the kind of the object that was added i-th is one that a
// CustomResourceDefinition defines.
func (s *Set) Defines(i int) bool { return s.definition(s.members[i].id) != nil }

// Together returns what there is to say of the object that was added i-th, from 0,
// among the others, sorted as those of a [Result]. They are warnings. It must not be
// called before all objects are there, and is then safe for concurrent use.
func (s *Set) Together(ctx context.Context, i int) ([]Finding, error) {
	defer budget.Of(ctx).During(s.members[i].source.String())()
	l := &looking{Set: s, at: i, meter: budget.Of(ctx).Meter()}
	l.look()
	return Result{}.with(Valid, l.findings).Findings, l.err
}

// definition returns the definition of the kind of an object, nil for none. It must
// not be called while objects are added but by who adds them.
func (s *Set) definition(id manifest.ID) *crd.Definition {
	return s.known[groupKind{id.Group, id.Kind}]
}

// looking is the look at one member among the others.
type looking struct {
	*Set
	at       int
	findings []Finding
	// err says why the look had to end.
	meter budget.Meter
	err   error
}

// work notes that n things are gone through, and reports whether it goes on.
func (l *looking) work(n int) bool {
	if l.err == nil {
		// Each is worth some tens of bytes of text.
		l.err = l.meter.Work(32 * n)
	}
	return l.err == nil
}

// of is the member that is looked at.
func (l *looking) of() *member { return &l.members[l.at] }

func (l *looking) warn(at place, rule Rule, problem string, hints ...string) {
	l.findings = append(l.findings, Finding{Severity: diag.Warning, Rule: rule, Path: at.path, Problem: problem, Hints: hints, Origins: at.origins})
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

// checkOnce warns of an object that is there before: the API server takes the
// later one for a change of the first.
func (l *looking) checkOnce() {
	m := l.of()
	if m.id.Name == "" {
		return
	}
	same := l.named[name{m.id.Group, m.id.Kind, m.id.Name}]
	first := same.all[0]
	if l.scope(m.id) != schema.Cluster {
		first = same.in(m.id.Namespace, l.Set)[0]
	}
	if first < l.at {
		l.warn(place{origins: m.whole}, RuleDuplicate, fmt.Sprintf("is there twice: at %s and at %s", l.members[first].place(), m.place()))
	}
}

// namespacePath is where an object has its namespace.
var namespacePath = manifest.Path{"metadata", "namespace"}

// checkNamespace warns of an object in a namespace that is not among those that
// the objects have. It does not where they have none: these are made elsewhere
// then.
func (l *looking) checkNamespace() {
	m := l.of()
	if len(l.byKind[groupKind{"", "Namespace"}]) > 0 && l.scope(m.id) != schema.Cluster {
		l.mustBe(place{namespacePath, m.namespace}, manifest.ID{Kind: "Namespace", Name: m.id.Namespace})
	}
}

// answer looks for what an object asks for.
func (l *looking) answer(a ask) {
	switch a.kind {
	case asksForPods:
		l.selects(a)
	case asksForClass:
		if !l.classes[a.id.Name] {
			l.mustBe(a.place, a.id)
		}
	case asksForObject:
		id := a.id
		if id.Namespace == "" && l.scope(id) != schema.Cluster {
			id.Namespace = l.of().id.Namespace
		}
		found := l.mustBe(a.place, id)
		for _, i := range found {
			for _, d := range a.details {
				l.among(d, id, l.members[i].offer)
			}
		}
	}
}

// scope returns the scope of the kind of an object; definitions tell those of
// custom ones.
func (s *Set) scope(id manifest.ID) schema.Scope {
	if d := s.definition(id); d != nil {
		return d.Scope()
	}
	return s.kinds.Scope(id.Group, id.Kind)
}

// sameNamespace reports whether two namespaces may be the same.
func sameNamespace(a, b string) bool { return a == b || a == "" || b == "" }

// find returns the members that are, or may be, the one that is meant.
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

// place says where an object was found.
func (m *member) place() string {
	switch {
	case len(m.path) == 0:
		return m.source.String()
	case m.source.File == "":
		return m.path.String()
	}
	return m.source.String() + ": " + m.path.String()
}

// mustBe warns where the object that stands at a place is not there. One that the
// controller of another may make is said to be missing only on demand.
func (l *looking) mustBe(at place, id manifest.ID) []int {
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
		l.warn(at, RuleReference, fmt.Sprintf("no %s among the objects", id), m.hint)
	}
	return nil
}

// isExternal reports whether an object comes from elsewhere, as the user or the
// object that refers to it says.
func (l *looking) isExternal(id manifest.ID) bool {
	is := func(e external) bool { return l.work(4) && e.is(id) }
	return slices.ContainsFunc(l.external, is) || slices.ContainsFunc(l.of().declared, is)
}

// missing is what is said of an object that is not among the others.
type missing struct {
	tolerated bool
	hint      string
}

func (l *looking) miss(id manifest.ID) missing {
	m, ok := l.maker(id)
	if !ok {
		return missing{hint: l.hint(id)}
	}
	return missing{tolerated: m.sure || !l.strictReferences, hint: fmt.Sprintf("it may be made for %s", m.by)}
}

// hint says what may be meant by an object that there is not.
func (l *looking) hint(id manifest.ID) string {
	if others := l.named[name{id.Group, id.Kind, id.Name}]; others != nil {
		return "there is one in the namespace " + l.members[others.all[0]].id.Namespace
	}
	if guess := diag.Suggest(id.Name, l.spelledLike(id)); guess != "" {
		return fmt.Sprintf("did you mean %q?", guess)
	}
	return fmt.Sprintf("if it comes from elsewhere, declare it external: %s/%s", id.Kind, id.Name)
}
