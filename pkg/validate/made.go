package validate

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	apilabels "k8s.io/apimachinery/pkg/labels"
	operator "k8s.io/apimachinery/pkg/selection"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/schema"
)

// made is what the controllers of the objects of a set make, or may make.
type made struct {
	// names holds what is made under a name that is known, like what is under one
	// of which a part is.
	names map[name][]making
	like  []making
	// guessed are the indexes of custom objects of whose controllers nothing is
	// known, running of those whose controllers run pods, or may.
	guessed, running []int
	// mentions are the former by the strings in their fields, labels those of the
	// latter, by index. They are read when they are first asked for.
	mentions func() map[string][]int
	labels   func() map[int]labels
}

func newMade(s *set) made {
	return made{names: map[name][]making{}, mentions: sync.OnceValue(s.readMentions), labels: sync.OnceValue(s.readLabels)}
}

// making is a thing that the controller of an object makes.
type making struct {
	external
	// by is the object.
	by manifest.ID
	// sure says that Kubernetes itself makes it.
	sure bool
}

// addMade enters what the controller of an object makes.
func (s *set) addMade(i int, r Result) {
	kind := groupKind{r.ID.Group, r.ID.Kind}
	c, known := controllerOf(kind)
	_, builtin := s.kinds.Known(kind.group, kind.kind)
	for _, pattern := range c.Makes {
		for _, e := range expand(pattern, r) {
			s.made.enter(making{e, r.ID, builtin})
		}
	}
	for _, secret := range requested(r) {
		s.made.enter(making{external{kind: "Secret", namespace: r.ID.Namespace, name: secret}, r.ID, false})
	}
	if builtin || !strings.Contains(kind.group, ".") { // which groups of custom kinds must have
		return
	}
	if !known {
		s.made.guessed = append(s.made.guessed, i)
	}
	if !known || c.Pods {
		s.made.running = append(s.made.running, i)
	}
}

func (m *made) enter(e making) {
	if strings.Contains(e.name, "*") {
		m.like = append(m.like, e)
		return
	}
	key := name{e.group, e.kind, e.name}
	m.names[key] = append(m.names[key], e)
}

// placeholder is a part of a pattern that stands for strings of an object.
var placeholder = regexp.MustCompile(`\{([^}]+)\}`)

// expand returns what a pattern of [Controller.Makes] stands for with an object.
func expand(pattern string, r Result) []external {
	kind, text, _ := strings.Cut(pattern, "/")
	kind, group, _ := strings.Cut(kind, ".")
	names := []string{text}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		var filled []string
		for _, value := range values(m[1], r) {
			for _, n := range names {
				filled = append(filled, strings.Replace(n, m[0], value, 1))
			}
		}
		names = filled
	}
	var all []external
	for _, n := range names {
		all = append(all, external{kind: kind, group: group, namespace: r.ID.Namespace, name: n})
	}
	return all
}

// values returns the strings of an object that the inside of a placeholder means.
func values(alternatives string, r Result) []string {
	for alternative := range strings.SplitSeq(alternatives, "|") {
		nodes := []node{{value: r.Object.Value}}
		if alternative == "name" {
			alternative = "metadata.name"
		}
		for step := range strings.SplitSeq(alternative, ".") {
			var next []node
			for _, n := range nodes {
				if step == "*" {
					next = append(next, n.list()...)
				} else {
					next = append(next, n.field(step))
				}
			}
			nodes = next
		}
		var found []string
		for _, n := range nodes {
			if text := n.text(); isName(text) {
				found = append(found, text)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// isName reports whether a text may be a name, and is no pattern of names.
func isName(text string) bool { return text != "" && !strings.ContainsAny(text, `*?[\`) }

// requested returns the Secrets that an object of a kind of Kubernetes has others
// make: an Ingress by an annotation for cert-manager, a Service by one for
// OpenShift, a Job that runs kube-webhook-certgen by an argument.
func requested(r Result) []string {
	root := node{value: r.Object.Value}
	var secrets []string
	add := func(name string) {
		if isName(name) {
			secrets = append(secrets, name)
		}
	}
	annotations := root.field("metadata", "annotations")
	switch (groupKind{r.ID.Group, r.ID.Kind}) {
	case groupKind{networkingGroup, "Ingress"}:
		for annotation := range annotations.entries() {
			if !strings.HasPrefix(annotation, "cert-manager.io/") {
				continue
			}
			for _, tls := range root.field("spec", "tls").items() {
				add(tls.field("secretName").text())
			}
		}
	case groupKind{"", "Service"}:
		add(annotations.field("service.beta.openshift.io/serving-cert-secret-name").text())
	case groupKind{"batch", "Job"}:
		for _, container := range root.field("spec", "template", "spec", "containers").items() {
			for _, argument := range container.field("args").items() {
				if name, ok := strings.CutPrefix(argument.text(), "--secret-name="); ok {
					add(name)
				}
			}
		}
	}
	return secrets
}

// maker returns what makes, or may make, the object that is meant.
func (s *set) maker(id manifest.ID) (m making, ok bool) {
	for _, m := range s.made.names[name{id.Group, id.Kind, id.Name}] {
		if sameNamespace(m.namespace, id.Namespace) {
			return m, true
		}
	}
	for _, m := range s.made.like {
		if m.kind != id.Kind || m.group != id.Group || !sameNamespace(m.namespace, id.Namespace) {
			continue
		}
		if ok, _ := path.Match(m.name, id.Name); ok {
			return m, true
		}
	}
	return s.guessMaker(id)
}

// guessMaker looks for a custom object, of whose controller nothing is known,
// that has the name of the one that is meant, or has it in a field, or whose name
// is a part of it: operators name what they make after the object that they make
// it for. What has no namespace is not guessed of: a field that names a namespace
// or a StorageClass means one that is there. A name that is but misspelt is not
// made.
func (s *set) guessMaker(id manifest.ID) (m making, ok bool) {
	if len(s.made.guessed) == 0 || s.scope(id) == schema.Cluster {
		return making{}, false
	}
	mentions := s.made.mentions()
	for _, i := range s.made.guessed {
		by := s.results[i].ID
		if !sameNamespace(by.Namespace, id.Namespace) && !slices.Contains(mentions[id.Namespace], i) {
			continue
		}
		if by.Name == id.Name || slices.Contains(mentions[id.Name], i) || isPart(by.Name, id.Name) && !s.isMisspelt(id, by.Name) {
			return making{by: by}, true
		}
	}
	return making{}, false
}

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
		if (begin == 0 || strings.ContainsRune("-.", rune(text[begin-1]))) && (end == len(text) || strings.ContainsRune("-.", rune(text[end]))) {
			return true
		}
		at = begin + 1
	}
}

// isMisspelt reports whether an object is there whose name is nearly that of the
// one that is meant. A part that both have does not make them alike.
func (s *set) isMisspelt(id manifest.ID, part string) bool {
	without := func(text string) string {
		if isPart(part, text) {
			return strings.Trim(strings.Replace(text, part, "", 1), "-.")
		}
		return text
	}
	var others []string
	for _, other := range s.namesLike(id) {
		others = append(others, without(other))
	}
	return diag.Suggest(without(id.Name), others) != ""
}

// longestName is how long the name of an object can be.
const longestName = 253

// readMentions returns the objects that are guessed of, by the strings in their
// fields, which may be names.
func (s *set) readMentions() map[string][]int {
	mentions := map[string][]int{}
	for _, i := range s.made.guessed {
		seen := map[string]bool{}
		var read func(n node)
		read = func(n node) {
			if text := n.text(); text != "" && len(text) <= longestName && !seen[text] {
				seen[text] = true
				mentions[text] = append(mentions[text], i)
			}
			for _, item := range n.items() {
				read(item)
			}
			for _, field := range n.entries() {
				read(field)
			}
		}
		for name, field := range (node{value: s.results[i].Object.Value}).entries() {
			if !slices.Contains([]string{"apiVersion", "kind", "metadata", "status"}, name) {
				read(field)
			}
		}
	}
	return mentions
}

// runner returns the custom object whose controller may run pods, in a
// namespace, that a selector selects.
func (s *set) runner(selector apilabels.Selector, namespace string) (by manifest.ID, ok bool) {
	requirements, _ := selector.Requirements()
	for _, i := range s.made.running {
		if by := s.results[i].ID; sameNamespace(by.Namespace, namespace) && mayRun(by, s.made.labels()[i], requirements) {
			return by, true
		}
	}
	return manifest.ID{}, false
}

// mayRun reports whether pods that are run for an object may meet what a selector
// asks for. Such pods have labels that the object has or gives, and others with
// its name or under a domain of its group.
func mayRun(by manifest.ID, has labels, requirements apilabels.Requirements) bool {
	likely, against := false, false
	for _, q := range requirements {
		if !slices.Contains([]operator.Operator{operator.Equals, operator.DoubleEquals, operator.In}, q.Operator()) {
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

// isOfGroup reports whether the key of a label is under a domain of a group: that
// of cnpg.io/cluster is of postgresql.cnpg.io.
func isOfGroup(key, group string) bool {
	domain, _, ok := strings.Cut(key, "/")
	return ok && (strings.HasSuffix("."+group, "."+domain) || strings.HasSuffix("."+domain, "."+group))
}

// labels are those in an object by their keys: its own, and those that it gives
// to what is made of it, as podMetadata.labels and podLabels do.
type labels map[string][]string

func (s *set) readLabels() map[int]labels {
	all := map[int]labels{}
	for _, i := range s.made.running {
		all[i] = labels{}
		all[i].read(node{value: s.results[i].Object.Value})
	}
	return all
}

func (l labels) read(n node) {
	for name, field := range n.entries() {
		if name == "labels" || strings.HasSuffix(name, "Labels") && name != "matchLabels" {
			for key, value := range field.labelSet() {
				l[key] = append(l[key], value)
			}
		}
		l.read(field)
	}
	for _, item := range n.items() {
		l.read(item)
	}
}

// misspelt reports whether a selector would select one of the pods but for values
// that are nearly those of its labels.
func misspelt(selector apilabels.Selector, pods []pod) bool {
	requirements, _ := selector.Requirements()
	return slices.ContainsFunc(pods, func(p pod) bool {
		met := 0
		for _, q := range requirements {
			if q.Matches(p.labels) {
				met++
			} else if value := p.labels[q.Key()]; value == "" || diag.Suggest(value, q.ValuesUnsorted()) == "" {
				return false
			}
		}
		return met > 0
	})
}
