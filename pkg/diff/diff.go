// Package diff compares two renderings of Kubernetes objects, without a cluster.
//
// [Compare] returns the objects that differ, and [Change.Fields] the parts of an object that
// do:
//
//	for _, c := range diff.Compare(before.Objects, after.Objects) {
//		fmt.Println(c, c.Fields())
//	}
//
// Two objects are the same if their [manifest.ID] is: a new version of the API is a change,
// a new name or group is one object less and another more. Objects whose name the API
// server generates have no such identity. Those with the same generateName are paired if
// they are equal, the others in order.
//
// The texts and the JSON of a change and of its fields have no values of Secrets. [Change.From] and
// [Change.To] hold them; [Change.Masked] has objects that may be shown.
package diff

import (
	"crypto/sha256"
	"encoding/json"
	"slices"

	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Change is one object that differs. It is safe for concurrent use. The zero value is a
// change of no object.
type Change struct {
	// From is the object as it was, nil if there was none. To is the object as it is now,
	// nil if it is gone. At least one is not nil. Secrets hold their values.
	From, To *manifest.Object
}

// Status says what happened to an object.
type Status int

const (
	// Changed objects are in both renderings. It is the zero value.
	Changed Status = iota
	// Added objects are only in the later one.
	Added
	// Removed objects are only in the earlier one.
	Removed
)

// String returns "changed", "added" or "removed".
func (s Status) String() string {
	switch s {
	case Added:
		return "added"
	case Removed:
		return "removed"
	}
	return "changed"
}

// Status returns what happened to the object.
func (c Change) Status() Status {
	switch {
	case c.From == nil && c.To != nil:
		return Added
	case c.From != nil && c.To == nil:
		return Removed
	}
	return Changed
}

// object returns the object as it is now, or as it was if it is gone.
func (c Change) object() manifest.Object {
	switch {
	case c.To != nil:
		return *c.To
	case c.From != nil:
		return *c.From
	}
	return manifest.Object{}
}

// Compare returns the objects that differ, in the order of [manifest.Sort]: those that only
// one of from and to has, and those that are not equal. The order of either matters only for
// objects with equal identities, even if they have a name. Compare changes neither.
func Compare(from, to []manifest.Object) []Change {
	var changes []Change
	before, after := group(from), group(to)
	all := slices.Concat(from, to)
	manifest.Sort(all)
	done := map[key]bool{}
	for _, o := range all {
		k := keyOf(o)
		if done[k] {
			continue
		}
		done[k] = true
		changes = append(changes, pair(before[k], after[k])...)
	}
	return changes
}

// key identifies objects that are paired.
type key struct {
	id manifest.ID
	// generateName is set only if the ID has no name.
	generateName string
}

func keyOf(o manifest.Object) key {
	k := key{id: o.ID()}
	if k.id.Name == "" {
		k.generateName = o.GenerateName()
	}
	return k
}

func group(objects []manifest.Object) map[key][]manifest.Object {
	groups := map[key][]manifest.Object{}
	for _, o := range objects {
		k := keyOf(o)
		groups[k] = append(groups[k], o)
	}
	return groups
}

// pair compares objects of one key, usually at most one on each side. It first pairs equal
// ones, then the rest in order.
func pair(from, to []manifest.Object) []Change {
	from, to = withoutEqual(from, to)
	var changes []Change
	for i := range max(len(from), len(to)) {
		var c Change
		if i < len(from) {
			c.From = &from[i]
		}
		if i < len(to) {
			c.To = &to[i]
		}
		changes = append(changes, c)
	}
	return changes
}

// withoutEqual returns from and to without the objects that have an equal one on the other
// side.
func withoutEqual(from, to []manifest.Object) (restFrom, restTo []manifest.Object) {
	if len(from) == 0 || len(to) == 0 {
		return from, to
	}
	sum := func(manifest.Object) (none [sha256.Size]byte) { return none }
	if len(from) > 1 && len(to) > 1 {
		sum = checksum
	}
	left := map[[sha256.Size]byte][]int{}
	for i, t := range to {
		s := sum(t)
		left[s] = append(left[s], i)
	}
	paired := make([]bool, len(to))
	for _, f := range from {
		s := sum(f)
		candidates := left[s]
		at := slices.IndexFunc(candidates, func(i int) bool { return equal(f, to[i]) })
		if at < 0 {
			restFrom = append(restFrom, f)
			continue
		}
		paired[candidates[at]] = true
		left[s] = slices.Delete(candidates, at, at+1)
	}
	for i, t := range to {
		if !paired[i] {
			restTo = append(restTo, t)
		}
	}
	return restFrom, restTo
}

// checksum returns the same for equal objects, and for few others.
func checksum(o manifest.Object) [sha256.Size]byte {
	value, _ := o.Lookup()
	// Objects that JSON cannot hold are compared with all others of this kind.
	text, _ := json.Marshal(plain.Integers(value))
	return sha256.Sum256(text)
}

func equal(a, b manifest.Object) bool {
	x, _ := a.Lookup()
	y, _ := b.Lookup()
	return manifest.Equal(x, y)
}
