// Package release knows what differs between the releases of Kubernetes: which
// feature gates of the API server are on by default, and what its code does otherwise
// than before.
//
// What depends on a release asks for it by name:
//
//	r, err := release.Open(minor)
//	if r.Has(gates.EnvFiles) || r.Has(changes.KubeletPort) { ... }
//
// The names are constants of the packages gates and changes, so that one that there
// is not does not compile. gates.txt has the gates, which internal/schemagen reads
// from the sources of all releases. changes.txt has, by hand, what changed without a
// gate. No other file of the program says the number of a release, but for what is
// made from these two and the tables of package schema.
package release

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/mop-platform/mop/pkg/schema"
)

// Gate is a feature gate of the API server; package gates has them all. A release has
// it where it is on by default.
type Gate int

// Change is what changed in the code of Kubernetes without a gate; package changes
// has them all.
type Change int

// Fact is a [Gate] or a [Change]: what a release has or not.
type Fact interface{ in(r *Release) bool }

// Default is the release that is meant where nothing else is said: what fits it fits
// the others, too, for the most part.
const Default = Oldest

// Release is a minor version of Kubernetes. It is immutable and safe for concurrent
// use.
type Release struct {
	minor   schema.Minor
	gates   []bool // by Gate
	changes []bool // by Change
}

//go:embed gates.txt
var gatesFile string

//go:embed changes.txt
var changesFile string

var builtin = sync.OnceValue(func() *table {
	t := &table{}
	if err := t.parseGates(gatesFile); err != nil {
		panic("release: gates.txt: " + err.Error())
	}
	if err := t.parseChanges(changesFile); err != nil {
		panic("release: changes.txt: " + err.Error())
	}
	return t
})

// Open returns a release. The error for one that is not known lists those that are.
func Open(m schema.Minor) (*Release, error) {
	if m < Oldest || m > Newest {
		var known []string
		for m := Oldest; m <= Newest; m++ {
			known = append(known, m.String())
		}
		return nil, fmt.Errorf("kubernetes %s: no such release, want one of %s", m, strings.Join(known, " "))
	}
	return builtin().at(m), nil
}

// Minor returns its number.
func (r *Release) Minor() schema.Minor { return r.minor }

// Compatible returns the release whose CEL libraries and formats can be used: an API
// server takes nothing new that the one before it would not know, so that it can be
// rolled back (DefaultCompatibilityVersion in k8s.io/apiserver,
// pkg/cel/environment/base.go).
func (r *Release) Compatible() schema.Minor { return r.minor - 1 }

// Has reports whether it has a fact.
func (r *Release) Has(f Fact) bool { return f.in(r) }

func (g Gate) in(r *Release) bool { return r.gates[g] }

func (c Change) in(r *Release) bool { return r.changes[c] }
