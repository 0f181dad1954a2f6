// Package diff compares two renderings of Kubernetes objects and shows the changes, without
// a cluster.
//
// [Compare] pairs the objects and returns a [Report]. [Report.WriteUnified] writes it as
// unified diffs of the objects' YAML, [Report.WriteSummary] as one line per object, and
// [Report.WriteJSON] as JSON for programs.
//
// Two objects are the same if their [manifest.ID] is: a new version of the API is a change,
// a new name or group is one object less and another more. Objects whose name the API
// server generates have no such identity. Those with the same generateName are paired if
// they are equal, the others in order.
//
// The values of Secrets do not get into the output unless [Options] allows it. The output
// depends only on whether they are equal: it has no lengths, hashes or counts of lines of
// them.
package diff

import (
	"crypto/sha256"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/mop-platform/mop/pkg/manifest"
)

// Report is the difference between two renderings. It is immutable and safe
// for concurrent use.
type Report struct {
	// Changes are the objects that differ, in the order of [manifest.Sort].
	Changes []Change
	// Equal is the number of objects that do not differ.
	Equal int
}

// Change is one object that differs.
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
	case c.From == nil:
		return Added
	case c.To == nil:
		return Removed
	}
	return Changed
}

// object returns the object as it is now, or as it was if it is gone.
func (c Change) object() manifest.Object {
	if c.To == nil {
		return *c.From
	}
	return *c.To
}

// title names the object on one line as its [manifest.ID] does, with the generateName and a
// star for a name that the API server generates.
func (c Change) title() string {
	o := c.object()
	id := o.ID()
	if id.Name == "" {
		id.Name = o.GenerateName() + "*"
	}
	title := id.String()
	if strings.ContainsFunc(title, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(title)
	}
	return title
}

// Compare returns the changes from from to to. All objects must be valid. The order of
// either matters only for objects with equal identities, even if they have a name.
func Compare(from, to []manifest.Object) Report {
	var r Report
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
		changes, equal := pair(before[k], after[k])
		r.Changes = append(r.Changes, changes...)
		r.Equal += equal
	}
	return r
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
func pair(from, to []manifest.Object) (changes []Change, equalPairs int) {
	from, to, equalPairs = withoutEqual(from, to)
	rest := from
	for i := range max(len(rest), len(to)) {
		var c Change
		if i < len(rest) {
			c.From = &rest[i]
		}
		if i < len(to) {
			c.To = &to[i]
		}
		changes = append(changes, c)
	}
	return changes, equalPairs
}

// withoutEqual returns from and to without the objects that have an equal one on the other
// side, and the number of these pairs.
func withoutEqual(from, to []manifest.Object) (restFrom, restTo []manifest.Object, pairs int) {
	if len(from) == 0 || len(to) == 0 {
		return from, to, 0
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
		pairs++
	}
	for i, t := range to {
		if !paired[i] {
			restTo = append(restTo, t)
		}
	}
	return restFrom, restTo, pairs
}

// checksum returns the same for equal objects, and for few others.
func checksum(o manifest.Object) [sha256.Size]byte {
	value, _ := o.Lookup()
	// Objects that JSON cannot hold are compared with all others of this kind.
	text, _ := json.Marshal(manifest.WithIntegers(value))
	return sha256.Sum256(text)
}

func equal(a, b manifest.Object) bool {
	x, _ := a.Lookup()
	y, _ := b.Lookup()
	return manifest.Equal(x, y)
}
