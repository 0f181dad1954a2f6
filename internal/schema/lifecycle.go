package schema

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Lifecycle describes the end of a version of a kind. It comes from the lifecycles in
// Kubernetes' own types (k8s.io/api and the like, zz_generated.prerelease-lifecycle.go) and
// from the descriptions of its API. internal/schemagen writes it to lifecycle.txt.
type Lifecycle struct {
	// Deprecated is the minor version of Kubernetes that deprecates it, 0 for none. It may
	// be a future version.
	Deprecated Minor
	// Removed is the first minor version without it, 0 for none. It may be a future version,
	// which can change.
	Removed Minor
	// Replacement is the kind to use instead; the zero value is none. It may have an end of
	// its own: see [Kinds.Instead].
	Replacement GVK
}

//go:embed lifecycle.txt
var lifecycleTable string

var lifecycles = sync.OnceValue(func() map[GVK]Lifecycle {
	l, err := parseLifecycles(lifecycleTable)
	if err != nil {
		panic("schema: lifecycle.txt: " + err.Error())
	}
	return l
})

// Lifecycle returns the lifecycle of a version of a kind. ok is false if it is unknown, as
// for all kinds of CustomResourceDefinitions.
func (k *Kinds) Lifecycle(v GVK) (l Lifecycle, ok bool) {
	if _, ok = k.kinds[groupKind{v.Group, v.Kind}]; ok {
		l, ok = lifecycles()[v]
	}
	return l, ok
}

// Serves reports whether a minor version of Kubernetes serves a version of a kind. All
// minor versions serve those of CustomResourceDefinitions.
func (k *Kinds) Serves(v GVK, m Minor) bool {
	return slices.ContainsFunc(k.kinds[groupKind{v.Group, v.Kind}].served, func(s Served) bool {
		return s.Version == v.Version && s.by(m)
	})
}

// Instead returns the version of a kind to use in place of v on a minor version of
// Kubernetes. This is its replacement, or the replacement of that if it is gone as well, or
// else another version of the same kind. ok is false if there is none.
func (k *Kinds) Instead(v GVK, m Minor) (instead GVK, ok bool) {
	for next := v; next != (GVK{}); {
		l, _ := k.Lifecycle(next)
		if next = l.Replacement; k.Serves(next, m) {
			return next, true
		}
	}
	var others []GVK
	for _, s := range k.kinds[groupKind{v.Group, v.Kind}].served {
		if other := (GVK{v.Group, s.Version, v.Kind}); s.Version != v.Version && k.Serves(other, m) {
			others = append(others, other)
		}
	}
	if len(others) == 0 {
		return GVK{}, false
	}
	return slices.MinFunc(others, func(a, b GVK) int { return compareVersions(a.Version, b.Version) }), true
}

// At returns the versions of kinds that a minor version of Kubernetes serves,
// sorted by kind, then group, then version as [Kinds.Instead] prefers them.
func (k *Kinds) At(m Minor) []GVK {
	k.sorting.Do(k.sort)
	all := make([]GVK, 0, len(k.sorted))
	for _, v := range k.sorted {
		if v.served.by(m) {
			all = append(all, v.GVK)
		}
	}
	return all
}

// version is a version of a kind, and who serves it.
type version struct {
	GVK
	served Served
}

// sort sets sorted.
func (k *Kinds) sort() {
	for id, known := range k.kinds {
		for _, s := range known.served {
			k.sorted = append(k.sorted, version{GVK{id.group, s.Version, id.kind}, s})
		}
	}
	slices.SortFunc(k.sorted, func(a, b version) int {
		return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Group, b.Group), compareVersions(a.Version, b.Version))
	})
}

// compareVersions orders versions by preference: v2, v1, v1beta2, v1beta1, v1alpha1.
func compareVersions(a, b string) int {
	stage := func(version string) int {
		switch {
		case strings.Contains(version, "alpha"):
			return 2
		case strings.Contains(version, "beta"):
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(stage(a), stage(b)), cmp.Compare(len(b), len(a)), strings.Compare(b, a))
}

// APIVersion returns the group and version in the form of an apiVersion.
func (v GVK) APIVersion() string {
	if v.Group == "" {
		return v.Version
	}
	return v.Group + "/" + v.Version
}

// parseLifecycles reads a table like lifecycle.txt. A line describes a version of a kind:
//
//	GROUP KIND VERSION deprecated=MINOR removed=MINOR replacement=GROUP/VERSION/KIND
//
// These are its group ("core" for the one without a name), name and version, and the known
// facts. Lines that begin with "#" are comments.
func parseLifecycles(table string) (map[GVK]Lifecycle, error) {
	all := map[GVK]Lifecycle{}
	n := 0
	for line := range strings.Lines(table) {
		n++
		if strings.HasPrefix(line, "#") {
			continue
		}
		v, l, err := parseLifecycle(strings.Fields(line))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if _, ok := all[v]; ok {
			return nil, fmt.Errorf("line %d: %s %s stands in the table already", n, v.APIVersion(), v.Kind)
		}
		all[v] = l
	}
	return all, nil
}

func parseLifecycle(fields []string) (v GVK, l Lifecycle, err error) {
	if len(fields) < 4 {
		return v, l, fmt.Errorf("want a group, a kind, a version and a fact, got %q", strings.Join(fields, " "))
	}
	v = GVK{groupNamed(fields[0]), fields[2], fields[1]}
	for _, field := range fields[3:] {
		switch name, value, _ := strings.Cut(field, "="); name {
		case "deprecated":
			l.Deprecated, err = ParseMinor(value)
		case "removed":
			l.Removed, err = ParseMinor(value)
		case "replacement":
			parts := strings.Split(value, "/")
			if len(parts) != 3 {
				return v, l, fmt.Errorf("want GROUP/VERSION/KIND, got %q", value)
			}
			l.Replacement = GVK{groupNamed(parts[0]), parts[1], parts[2]}
		default:
			err = fmt.Errorf("want deprecated=, removed= or replacement=, got %q", field)
		}
		if err != nil {
			return v, l, err
		}
	}
	return v, l, nil
}

// groupNamed returns the group that has the name in a table.
func groupNamed(name string) string {
	if name == "core" {
		return ""
	}
	return name
}
