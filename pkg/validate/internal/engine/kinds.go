package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/spelling"
)

// Unserved reports why the version of Kubernetes accepts no object of this kind. It returns
// whether the version of the API was removed.
func (n Node) Unserved(v schema.GVK) (removed bool) {
	at, name := n.Field("apiVersion"), v.APIVersion()+" "+v.Kind
	lifecycle, _ := n.Kinds.Lifecycle(v)
	versions, known := n.Kinds.Known(v.Group, v.Kind)
	var minors []schema.Minor
	for _, s := range versions {
		if s.Version == v.Version {
			minors = s.Minors
		}
	}
	want := n.want(v)
	switch {
	case lifecycle.Removed != 0 && lifecycle.Removed <= n.Release.Minor():
		at.Fail(RuleRemoved, fmt.Sprintf("%s is gone since %s%s", name, lifecycle.Removed, want))
		return true
	case len(minors) > 0 && minors[len(minors)-1] < n.Release.Minor():
		at.Fail(RuleRemoved, fmt.Sprintf("%s is gone%s", name, want))
		return true
	case len(minors) > 0:
		at.Fail(RuleUnknownKind, fmt.Sprintf("kubernetes %s has no %s%s", n.Release.Minor(), name, want), "it comes with "+minors[0].String())
		return false
	}
	kind := n.Field("kind")
	if s, ok := n.Document.Kind(v.Group, v.Version, v.Kind); ok && !known {
		kind.Fail(RuleUnknownKind, "no object is of kind "+v.Kind, sent(s))
		return false
	}
	kind.Fail(RuleUnknownKind, fmt.Sprintf("kubernetes %s has no kind %s in %s", n.Release.Minor(), v.Kind, v.APIVersion()), n.meant(v)...)
	return false
}

// sent says what an object is for that has a schema but is never created on its own.
func sent(s *schema.Schema) string {
	if _, ok := s.Property("items"); ok {
		return "it is a list: give its items, or put them into a List of v1"
	}
	return "it is sent to the API server for another object, or by it"
}

// want says what to use instead of a version of a kind.
func (n Node) want(v schema.GVK) string {
	instead, ok := n.Kinds.Instead(v, n.Release.Minor())
	switch {
	case !ok:
		return ""
	case instead.Kind == v.Kind:
		return ", want " + instead.APIVersion()
	}
	return ", want " + instead.APIVersion() + " " + instead.Kind
}

// meant guesses the kind that the user means by an unknown one: one of the same name in
// another version or group, or one that is spelt alike.
func (n Node) meant(v schema.GVK) []string {
	served := n.Kinds.At(n.Release.Minor())
	var versions []string
	for _, other := range served {
		if other.Kind == v.Kind {
			versions = append(versions, other.APIVersion())
		}
	}
	if len(versions) > 0 {
		return []string{"did you mean " + strings.Join(versions, " or ") + "?"}
	}
	// A kind of the same group and version is more likely.
	for _, near := range []bool{true, false} {
		var names []string
		for _, other := range served {
			if !near || other.APIVersion() == v.APIVersion() {
				names = append(names, other.Kind)
			}
		}
		guess := spelling.Suggest(v.Kind, names)
		if guess == "" {
			continue
		}
		i := slices.IndexFunc(served, func(other schema.GVK) bool {
			return other.Kind == guess && (!near || other.APIVersion() == v.APIVersion())
		})
		return []string{"did you mean " + served[i].APIVersion() + " " + guess + "?"}
	}
	return nil
}

// deprecated warns of a version of a kind that will be removed (k8s.io/apiserver,
// pkg/endpoints/deprecation).
func (n Node) deprecated(v schema.GVK) {
	l, _ := n.Kinds.Lifecycle(v)
	if l.Deprecated == 0 || l.Deprecated > n.Release.Minor() {
		return
	}
	problem := fmt.Sprintf("%s %s is deprecated since %s", v.APIVersion(), v.Kind, l.Deprecated)
	if l.Removed != 0 {
		problem += " and gone in " + l.Removed.String()
	}
	n.Field("apiVersion").Warn(RuleDeprecated, problem+n.want(v))
}
