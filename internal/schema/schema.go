// Package schema describes the kinds of Kubernetes objects: whether a kind is namespaced,
// which versions of Kubernetes serve it, and which parts its objects have.
//
// [Builtin] returns the kinds of Kubernetes itself, [Kinds.With] adds those of
// CustomResourceDefinitions, and [Kinds.Scope] says whether the objects of a kind are in
// namespaces:
//
//	kinds, found := schema.Builtin().With(objects...)
//	switch kinds.Scope(id.Group, id.Kind) { ... }
//
// A kind is identified by its group and name; two groups may have kinds of one name, such
// as Event. The facts about built-in kinds come from Kubernetes' own description of its
// API. They are in scope.txt, which internal/schemagen writes. They include alpha and beta
// kinds, whether or not a cluster serves them by default. Lists (PodList) are no kinds
// here, nor are objects that are only created below another object (TokenRequest, Scale,
// the Eviction of policy). The only extension of the API server here is the metrics API.
//
// [Kinds.Lifecycle] says when a version of a kind is deprecated and removed, and
// [Kinds.Instead] what to use in its place.
//
// [Open] returns the schemas of one minor version of Kubernetes, from the same description:
// [Document.Kind] the schema of a kind's objects, [Document.Definition] the schemas to
// which that refers. They describe these objects as JSON: fields, types, and how lists are
// merged. All kinds have schemas, and so do lists and subresources. [Document.With] adds
// the schemas of CustomResourceDefinitions.
//
// Package schema never looks at a cluster.
package schema

import (
	_ "embed"
	"maps"
	"slices"
	"strconv"
	"sync"
)

// Scope says whether the objects of a kind are in namespaces.
type Scope int

const (
	// Unknown is the scope of an unknown kind. It is the zero value.
	Unknown Scope = iota
	// Namespaced objects have a metadata.namespace.
	Namespaced
	// Cluster objects have none; an API server refuses an object with one.
	Cluster
)

// String returns "unknown", "namespaced" or "cluster".
func (s Scope) String() string {
	switch s {
	case Namespaced:
		return "namespaced"
	case Cluster:
		return "cluster"
	}
	return "unknown"
}

// Minor is a minor version of Kubernetes, the number after the dot.
type Minor int

// String returns the version with its 1 and the dot.
func (m Minor) String() string { return "1." + strconv.Itoa(int(m)) }

// Served says which versions of Kubernetes serve one version of a kind.
type Served struct {
	// Version is the version of the kind's group, for example v1beta1.
	Version string
	// Minors are the minor versions of Kubernetes that serve it, ascending, among those that
	// [Kinds.Versions] returns. It is empty for a kind of a CustomResourceDefinition, which
	// is served wherever that is installed.
	Minors []Minor
}

// by reports whether a minor version of Kubernetes serves it.
func (s Served) by(m Minor) bool { return len(s.Minors) == 0 || slices.Contains(s.Minors, m) }

// Kinds is a set of kinds. It is immutable and safe for concurrent use. The zero Kinds has
// no kinds.
type Kinds struct {
	kinds map[groupKind]kind
	// minors are the versions in the table, ascending.
	minors []Minor

	// sorted are all versions of the kinds in the order of [Kinds.At], once sorting is done.
	sorted  []version
	sorting sync.Once
}

type groupKind struct{ group, kind string }

type kind struct {
	scope  Scope
	served []Served
}

//go:embed scope.txt
var scopeTable string

var builtin = sync.OnceValue(func() *Kinds {
	k, err := parse(scopeTable)
	if err != nil {
		panic("schema: scope.txt: " + err.Error())
	}
	return k
})

// Builtin returns the kinds of Kubernetes, and the two of its metrics API. It returns the
// same value each time.
func Builtin() *Kinds { return builtin() }

// Scope returns the scope of a kind. group is "" for the core group.
func (k *Kinds) Scope(group, kind string) Scope {
	return k.kinds[groupKind{group, kind}].scope
}

// Known returns the versions of a kind, sorted by name, and whether the kind is known at
// all. A kind of an extension of the API server is known without a version. group is "" for
// the core group.
func (k *Kinds) Known(group, kind string) (versions []Served, ok bool) {
	known, ok := k.kinds[groupKind{group, kind}]
	versions = slices.Clone(known.served)
	for i := range versions {
		versions[i].Minors = slices.Clone(versions[i].Minors)
	}
	return versions, ok
}

// Versions returns the minor versions of Kubernetes in the set, ascending. There are gaps:
// of the versions without schemas it covers only one, for the kinds and versions that are
// gone.
func (k *Kinds) Versions() []Minor { return slices.Clone(k.minors) }

// extended returns a copy of k with more kinds, which take precedence over those of k.
func (k *Kinds) extended(more map[groupKind]kind) *Kinds {
	all := make(map[groupKind]kind, len(k.kinds)+len(more))
	maps.Copy(all, k.kinds)
	maps.Copy(all, more)
	return &Kinds{kinds: all, minors: k.minors}
}
