// Package release holds the differences between the releases of Kubernetes: the feature
// gates of the API server that are on by default, and the changes in its code without a
// gate.
//
// Code that depends on a release asks for a gate or a change by name:
//
//	r, err := release.Open(minor)
//	if r.Has(gates.EnvFiles) || r.Has(changes.KubeletPort) { ... }
//
// The names are constants of the packages gates and changes, so that a wrong name does not
// compile. gates.txt has the gates; internal/schemagen reads them from the sources of all
// releases. changes.txt has the changes without a gate, written by hand. The number of a
// release is in these two files, in files generated from them, in the tables of package
// schema, and in no other file of the program.
package release

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/mop-platform/mop/internal/schema"
)

// Gate is a feature gate of the API server; package gates has them all. A release has a
// gate that is on by default.
type Gate int

// Change is a change in the code of Kubernetes without a gate; package changes has them
// all.
type Change int

// Fact is a [Gate] or a [Change]. A release has it or not.
type Fact interface{ in(r *Release) bool }

// Default is the release if the user names none. The later releases accept most objects
// that it accepts.
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

// Open returns a release. The error for an unknown release lists the known ones.
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

// Compatible returns the release whose CEL libraries and formats can be used. An API server
// accepts nothing that the release before it would refuse, so that an upgrade can be rolled
// back (DefaultCompatibilityVersion in k8s.io/apiserver, pkg/cel/environment/base.go).
func (r *Release) Compatible() schema.Minor { return r.minor - 1 }

// Has reports whether the release has a fact.
func (r *Release) Has(f Fact) bool { return f.in(r) }

func (g Gate) in(r *Release) bool { return r.gates[g] }

func (c Change) in(r *Release) bool { return r.changes[c] }
