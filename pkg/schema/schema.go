// Package schema knows the kinds of Kubernetes objects: whether a kind is
// namespaced, which versions of Kubernetes serve it, and what its objects are
// made of.
//
// [Builtin] returns the kinds that Kubernetes itself brings, [Kinds.With] adds
// those of CustomResourceDefinitions, [Kinds.Scope] says whether an object of a
// kind stands in a namespace:
//
//	kinds, found := schema.Builtin().With(objects...)
//	switch kinds.Scope(id.Group, id.Kind) { ... }
//
// A kind is known by its group and name; two groups may have kinds of one name
// (Event is one). The facts about built-in kinds come from Kubernetes' own
// description of its API, in scope.txt, which internal/schemagen writes. They
// take in what is alpha or beta, whether or not a cluster serves it without
// being told to. What is created only below another object (TokenRequest,
// Scale, the Eviction of policy) and lists (PodList) are no kinds here. Of the
// extensions of the API server only the metrics API is known.
//
// [Kinds.Lifecycle] says when a version of a kind is deprecated and gone, and
// [Kinds.Instead] what to use in its place.
//
// [Open] returns the schemas of one minor version of Kubernetes, from the same
// description: [Document.Kind] that of a kind's objects, [Document.Definition]
// those that it refers to. They describe these objects as JSON: fields, types,
// and how lists are merged. They have all kinds, lists and subresources too.
// [Document.With] adds those of CustomResourceDefinitions.
//
// Nothing here looks at a cluster.
package schema

import (
	_ "embed"
	"maps"
	"slices"
	"strconv"
	"sync"
)

// Scope tells whether the objects of a kind stand in namespaces.
type Scope int

const (
	// Unknown is the scope of a kind that is not known. It is the zero value.
	Unknown Scope = iota
	// Namespaced objects have a metadata.namespace.
	Namespaced
	// Cluster objects have none; an API server refuses one that has.
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

// Served says where one version of a kind is to be found.
type Served struct {
	// Version is the version of the kind's group, for example v1beta1.
	Version string
	// Minors are the minor versions of Kubernetes that serve it, ascending,
	// of those that [Kinds.Versions] returns. It is empty for a kind of a
	// CustomResourceDefinition, which is served wherever that is installed.
	Minors []Minor
}

// Kinds is a set of kinds. It is immutable and safe for concurrent use. The
// zero Kinds knows none.
type Kinds struct {
	kinds map[groupKind]kind
	// minors are those that the table covers, ascending.
	minors []Minor
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

// Builtin returns the kinds that Kubernetes brings, and the two of its metrics
// API. It returns the same value each time.
func Builtin() *Kinds { return builtin() }

// Scope returns the scope of a kind. group is "" for the core group.
func (k *Kinds) Scope(group, kind string) Scope {
	return k.kinds[groupKind{group, kind}].scope
}

// Known returns the versions of a kind, sorted by name, and whether the kind is
// known at all. A kind that is served by an extension of the API server is
// known without a version. group is "" for the core group.
func (k *Kinds) Known(group, kind string) (versions []Served, ok bool) {
	known, ok := k.kinds[groupKind{group, kind}]
	versions = slices.Clone(known.served)
	for i := range versions {
		versions[i].Minors = slices.Clone(versions[i].Minors)
	}
	return versions, ok
}

// Versions returns the minor versions of Kubernetes that the set knows of,
// ascending. There are gaps between them: of the versions that have no
// schemas only one is covered, for the kinds and versions that are gone.
func (k *Kinds) Versions() []Minor { return slices.Clone(k.minors) }

// extended returns a copy of k with more kinds, which win over those of k.
func (k *Kinds) extended(more map[groupKind]kind) *Kinds {
	all := make(map[groupKind]kind, len(k.kinds)+len(more))
	maps.Copy(all, k.kinds)
	maps.Copy(all, more)
	return &Kinds{kinds: all, minors: k.minors}
}
