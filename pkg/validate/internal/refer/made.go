package refer

import (
	"path"
	"slices"
	"strings"

	apilabels "k8s.io/apimachinery/pkg/labels"
	operator "k8s.io/apimachinery/pkg/selection"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
)

// made holds the objects that the controllers of a set's objects make or may make.
type made struct {
	// names holds the objects that are made under a known name, and like those under a
	// pattern of names, by kind.
	names map[name][]making
	like  map[GroupKind][]making
	// guessed are the custom objects with unknown controllers, and running those whose
	// controllers run or may run pods, by their names.
	guessed, running customs
	// groups are the members in running by their API groups.
	groups map[string][]int
	// labelled are the members in running by the labels that they give. labels are their
	// labels.
	labelled map[label][]int
	labels   map[int]labels
	// mentions are the names in the fields of the objects in guessed.
	mentions *mentions
}

// customs are the indices of members by their names.
type customs map[string][]int

func newMade(m mentioning) made {
	return made{
		names: map[name][]making{}, like: map[GroupKind][]making{}, guessed: customs{}, running: customs{},
		groups: map[string][]int{}, labelled: map[label][]int{}, labels: map[int]labels{}, mentions: newMentions(m),
	}
}

// making is an object that the controller of another object makes.
type making struct {
	External
	// by is that other object.
	by manifest.ID
	// sure says that Kubernetes itself makes the object.
	sure bool
}

// makings has the objects that the controller of an object makes, and the data to guess
// others.
type makings struct {
	all []making
	// guessed and running are as in made.
	guessed, running bool
	labels           labels
	mentioned        []mention
}

// makingsOf returns the makings of an object.
func (s *Set) makingsOf(id manifest.ID, root engine.Node) (m makings) {
	kind := GroupKind{id.Group, id.Kind}
	c, known := controllerOf(kind)
	_, builtin := s.kinds.Known(kind.Group, kind.Kind)
	for _, pattern := range c.Makes {
		for _, e := range expand(pattern, id, root) {
			m.all = append(m.all, making{e, id, builtin})
		}
	}
	for _, secret := range requested(id, root) {
		m.all = append(m.all, making{External{kind: "Secret", namespace: id.Namespace, name: secret}, id, false})
	}
	if builtin || !IsCustomGroup(kind.Group) {
		return m
	}
	m.guessed, m.running = !known, !known || c.Pods
	if m.guessed {
		object, _ := root.Value.(map[string]any)
		m.mentioned = s.mentioning.in(object)
	}
	if m.running {
		m.labels = labels{}
		m.labels.read(root)
	}
	return m
}

// IsCustomGroup reports whether a group may have custom kinds: only if it has a dot.
func IsCustomGroup(group string) bool { return strings.Contains(group, ".") }

// add enters the makings of the member i.
func (m *made) add(i int, id manifest.ID, of makings) {
	for _, e := range of.all {
		if strings.Contains(e.name, "*") {
			kind := GroupKind{e.group, e.kind}
			m.like[kind] = append(m.like[kind], e)
			continue
		}
		key := name{e.group, e.kind, e.name}
		m.names[key] = append(m.names[key], e)
	}
	if of.guessed {
		m.guessed[id.Name] = append(m.guessed[id.Name], i)
		m.mentions.add(i, of.mentioned)
	}
	if of.running {
		m.running[id.Name] = append(m.running[id.Name], i)
		m.groups[id.Group] = append(m.groups[id.Group], i)
		m.labels[i] = of.labels
		for key, values := range of.labels {
			for _, value := range values {
				l := label{key, value}
				m.labelled[l] = append(m.labelled[l], i)
			}
		}
	}
}

// placeholder matches a part of a pattern that is replaced by strings of an object.
var placeholder = pattern.New(`\{([^}]+)\}`)

// expand fills the placeholders of a pattern of [controller.Makes] with strings of an
// object.
func expand(pattern string, id manifest.ID, root engine.Node) []External {
	kind, text, _ := strings.Cut(pattern, "/")
	kind, group, _ := strings.Cut(kind, ".")
	names := []string{text}
	for _, m := range placeholder().FindAllStringSubmatch(text, -1) {
		var filled []string
		for _, value := range values(m[1], root) {
			for _, n := range names {
				filled = append(filled, strings.Replace(n, m[0], value, 1))
			}
		}
		names = filled
	}
	var all []External
	for _, n := range names {
		all = append(all, External{kind: kind, group: group, namespace: id.Namespace, name: n})
	}
	return all
}

// values returns the strings of an object that replace a placeholder with these
// alternatives.
func values(alternatives string, root engine.Node) []string {
	for alternative := range strings.SplitSeq(alternatives, "|") {
		nodes := []engine.Node{root}
		if alternative == "name" {
			alternative = "metadata.name"
		}
		for step := range strings.SplitSeq(alternative, ".") {
			var next []engine.Node
			for _, n := range nodes {
				if step == "*" {
					next = append(next, n.List()...)
				} else {
					next = append(next, n.Field(step))
				}
			}
			nodes = next
		}
		var found []string
		for _, n := range nodes {
			if text := n.Text(); isName(text) {
				found = append(found, text)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// isName reports whether a text may be a name: it is not empty and no pattern.
func isName(text string) bool { return text != "" && !strings.ContainsAny(text, `*?[\`) }

// requested returns the names of the Secrets that other programs make for an object of
// Kubernetes' own kinds. An Ingress requests them by an annotation for cert-manager, a
// Service by one for OpenShift, and a Job that runs kube-webhook-certgen by an argument.
func requested(id manifest.ID, root engine.Node) []string {
	var secrets []string
	add := func(name string) {
		if isName(name) {
			secrets = append(secrets, name)
		}
	}
	annotations := root.Field("metadata", "annotations")
	switch (GroupKind{id.Group, id.Kind}) {
	case GroupKind{networkingGroup, "Ingress"}:
		for annotation := range annotations.Entries() {
			if !strings.HasPrefix(annotation, "cert-manager.io/") {
				continue
			}
			for _, tls := range root.Field("spec", "tls").Items() {
				add(tls.Field("secretName").Text())
			}
		}
	case GroupKind{"", "Service"}:
		add(annotations.Field("service.beta.openshift.io/serving-cert-secret-name").Text())
	case GroupKind{"batch", "Job"}:
		for _, container := range root.Field("spec", "template", "spec", "containers").Items() {
			for _, argument := range container.Field("args").Items() {
				if name, ok := strings.CutPrefix(argument.Text(), "--secret-name="); ok {
					add(name)
				}
			}
		}
	}
	return secrets
}

// maker returns the making of the missing object id; ok is false if nothing makes it or may
// make it.
func (l *looking) maker(id manifest.ID) (m making, ok bool) {
	known := l.made.names[name{id.Group, id.Kind, id.Name}]
	like := l.made.like[GroupKind{id.Group, id.Kind}]
	if !l.work(len(known)/8 + len(like)/4) {
		return making{}, false
	}
	for _, m := range known {
		if sameNamespace(m.namespace, id.Namespace) {
			return m, true
		}
	}
	for i := range like {
		m := &like[i]
		if !sameNamespace(m.namespace, id.Namespace) || m.name[0] != '*' && !strings.HasPrefix(id.Name, m.name[:strings.IndexByte(m.name, '*')]) {
			continue
		}
		if ok, _ := path.Match(m.name, id.Name); ok {
			return *m, true
		}
	}
	return l.guessMaker(id)
}

// guessMaker is maker for a custom object with an unknown controller. Operators name the
// objects that they make after the custom object. So guessMaker accepts a custom object if
// it has the name of id, or has that name in a field, or if its own name is a part of that
// name. It accepts none if id is cluster-scoped: a field that names a namespace or a
// StorageClass means an existing one. It accepts no part of a name if the name of id is
// probably misspelt.
func (l *looking) guessMaker(id manifest.ID) (m making, ok bool) {
	if len(l.made.guessed) == 0 || l.scope(id) == schema.Cluster {
		return making{}, false
	}
	candidates := slices.Concat(l.made.guessed.partsOf(id.Name), l.made.mentions.of(id.Name))
	slices.Sort(candidates)
	for _, i := range slices.Compact(candidates) {
		if !l.work(1) {
			break
		}
		by := l.members[i].ID
		if !sameNamespace(by.Namespace, id.Namespace) && !l.made.mentions.has(i, id.Namespace) {
			continue
		}
		if by.Name == id.Name || l.made.mentions.has(i, id.Name) || isPart(by.Name, id.Name) && !l.isMisspelt(id, by.Name) {
			return making{by: by}, true
		}
	}
	return making{}, false
}

// partsOf returns the members whose names are parts of a text, in no particular order.
func (c customs) partsOf(text string) []int {
	var all []int
	for begin := range len(text) {
		if begin > 0 && !isBetween(text[begin-1]) {
			continue
		}
		for end := begin + 1; end <= len(text) && end-begin <= longestName; end++ {
			if end == len(text) || isBetween(text[end]) {
				all = append(all, c[text[begin:end]]...)
			}
		}
	}
	return all
}

// isBetween reports whether a byte separates parts of names.
func isBetween(b byte) bool { return b == '-' || b == '.' }

// isPart reports whether name is in text as a whole, between hyphens and dots.
func isPart(name, text string) bool {
	if name == "" {
		return false
	}
	for at := 0; ; {
		found := strings.Index(text[at:], name)
		if found < 0 {
			return false
		}
		begin, end := at+found, at+found+len(name)
		if (begin == 0 || isBetween(text[begin-1])) && (end == len(text) || isBetween(text[end])) {
			return true
		}
		at = begin + 1
	}
}

// isMisspelt reports whether an existing object has nearly the name of id. A part that both
// names have does not count.
func (l *looking) isMisspelt(id manifest.ID, part string) bool {
	without := func(text string) string {
		if isPart(part, text) {
			return strings.Trim(strings.Replace(text, part, "", 1), "-.")
		}
		return text
	}
	meant := without(id.Name)
	letters := lettersOf(meant)
	for _, other := range l.spellings()[GroupKind{id.Group, id.Kind}] {
		if !sameNamespace(other.namespace, id.Namespace) {
			continue
		}
		if !l.work(1) {
			return false
		}
		text := without(other.name)
		if mayBeLike(meant, letters, text, lettersOf(text)) && spelling.Suggest(meant, []string{text}) != "" {
			return true
		}
	}
	return false
}

// runner returns the first custom object in a namespace whose controller may run pods that
// a selector selects.
func (l *looking) runner(selector apilabels.Selector, namespace string) (by manifest.ID, ok bool) {
	requirements, _ := selector.Requirements()
	first := len(l.members)
	look := func(candidates []int) {
		for _, i := range candidates {
			if i >= first || !l.work(1) {
				return
			}
			if by := l.members[i].ID; sameNamespace(by.Namespace, namespace) && mayRun(by, l.made.labels[i], requirements) {
				first = i
				return
			}
		}
	}
	for _, q := range requirements {
		if !picks(q) {
			continue
		}
		for group, members := range l.made.groups {
			if isOfGroup(q.Key(), group) {
				look(members)
			}
		}
		for _, value := range q.ValuesUnsorted() {
			look(l.made.labelled[label{q.Key(), value}])
			parts := l.made.running.partsOf(value)
			slices.Sort(parts)
			look(parts)
		}
	}
	if first == len(l.members) {
		return manifest.ID{}, false
	}
	return l.members[first].ID, true
}

// picks reports whether a requirement lists the possible values of the label.
func picks(q apilabels.Requirement) bool {
	return slices.Contains([]operator.Operator{operator.Equals, operator.DoubleEquals, operator.In}, q.Operator())
}

// mayRun reports whether a selector may select the pods of an object's controller. These
// have the labels that the object has or gives, and other labels with its name or under a
// domain of its group.
func mayRun(by manifest.ID, has labels, requirements apilabels.Requirements) bool {
	likely, against := false, false
	for _, q := range requirements {
		if !picks(q) {
			continue
		}
		if by.Name != "" && q.Values().Has(by.Name) || isOfGroup(q.Key(), by.Group) {
			return true
		}
		given := has[q.Key()]
		matches := slices.ContainsFunc(given, q.Values().Has)
		against = against || len(given) > 0 && !matches
		likely = likely || matches || slices.ContainsFunc(q.ValuesUnsorted(), func(v string) bool { return isPart(by.Name, v) })
	}
	return likely && !against
}

// isOfGroup reports whether the domain in a label's key belongs to a group, as cnpg.io in
// cnpg.io/cluster belongs to the group postgresql.cnpg.io.
func isOfGroup(key, group string) bool {
	domain, _, ok := strings.Cut(key, "/")
	return ok && (strings.HasSuffix("."+group, "."+domain) || strings.HasSuffix("."+domain, "."+group))
}

// labels are the values of the labels in an object, by their keys: its own labels, and
// those that it gives to other objects, such as podMetadata.labels and podLabels.
type labels map[string][]string

func (l labels) read(n engine.Node) {
	for name, field := range n.Entries() {
		if name == "labels" || strings.HasSuffix(name, "Labels") && name != "matchLabels" {
			for key, value := range field.Labels() {
				l[key] = append(l[key], value)
			}
		}
		l.read(field)
	}
	for _, item := range n.Items() {
		l.read(item)
	}
}
