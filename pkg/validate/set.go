package validate

import (
	"context"
	"maps"
	"sync"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/crd"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/schema"
	"github.com/mop-platform/mop/pkg/validate/internal/refer"
)

// Set is objects that are checked together, one after the other: it keeps of each
// what others can ask of it, and not the object, so that the objects of a stream
// need the memory of one. [Set.Alone] checks an object by itself, [Set.Add] enters
// it, and when all are there [Set.Together] tells what there is to say of it among
// the others. What all this tells of an object is what [Validator.Check] tells.
//
// An object without a namespace gets one when it is applied, which is not known
// here: it may be that of any other.
type Set struct {
	*Validator
	// known are the definitions of the Validator and of the objects so far; learning
	// guards it while these are added.
	known    definitions
	learning sync.RWMutex
	// passing says that the objects pass by: their origins are asked for at once, and
	// what they define is not known before.
	passing bool

	members *refer.Set
}

// NewSet returns a set without objects.
func (v *Validator) NewSet() *Set { return v.newSet(maps.Clone(v.definitions), true) }

func (v *Validator) newSet(known definitions, passing bool) *Set {
	s := &Set{Validator: v, known: known, passing: passing}
	s.members = refer.New(v.engine.Kinds, v.external, v.strictReferences, s.scope)
	return s
}

// Checked is an object that has been checked alone.
type Checked struct {
	// Result is what is said of the object. It is not known, and Known is false, as
	// long as it may be of a kind that an object defines which comes later: one that
	// no version of Kubernetes has, in a group with a dot.
	Result Result
	Known  bool

	entry refer.Entry
	// defined is what it defines if it is a CustomResourceDefinition.
	defined *crd.Definition
	// by is the definition of its kind, where it is of no kind of Kubernetes.
	custom bool
	by     *crd.Definition
}

// Alone checks an object by itself. [Object.Origins] is not called afterwards. The
// error is that of the budget in ctx. It is safe for concurrent use, also with
// [Set.Add].
func (s *Set) Alone(ctx context.Context, o Object) (Checked, error) {
	return s.alone(ctx, o, s.definitionIn(o))
}

// Add enters the object that has been checked alone, as the one after those before
// it. A custom resource is held against the definition that stands before it, which
// counts more than one of [Options.CRDs]; if there is none it becomes known by
// [Set.Late], when all objects are there.
//
// Objects must be added one after the other.
func (s *Set) Add(ctx context.Context, c Checked) (Checked, error) {
	if c.custom && s.passing && c.by != s.definition(c.entry.ID) {
		again, err := s.Alone(ctx, c.Result.Object)
		if err != nil {
			return Checked{}, err
		}
		c = again
	}
	s.members.Add(c.entry)
	if c.defined != nil && s.passing {
		s.learning.Lock()
		s.known.add(c.defined)
		s.learning.Unlock()
	}
	return c, nil
}

// Late returns the result of an object that was not known when it was added, now
// that all are.
func (s *Set) Late(ctx context.Context, o Object) (Result, error) {
	c, err := s.Alone(ctx, o)
	return c.Result, err
}

// Named returns the result of the object that was added i-th as far as it says which
// object it is: where it was found, and its identity.
func (s *Set) Named(i int) Result {
	m := s.members.Member(i)
	return Result{Object: Object{Source: m.Source, Path: m.Path}, ID: m.ID}
}

// Defines reports whether the kind of the object that was added i-th is one that a
// CustomResourceDefinition defines.
func (s *Set) Defines(i int) bool { return s.definition(s.members.Member(i).ID) != nil }

// Together returns what there is to say of the object that was added i-th, from 0,
// among the others, sorted as those of a [Result]. They are warnings. It must not be
// called before all objects are there, and is then safe for concurrent use.
func (s *Set) Together(ctx context.Context, i int) ([]Finding, error) {
	defer budget.Of(ctx).During(s.members.Member(i).Source.String())()
	found, err := s.members.Together(ctx, i)
	return Result{}.with(Valid, findingsOf(found)).Findings, err
}

// definition returns the definition of the kind of an object, nil for none. It must
// not be called while objects are added but by who adds them.
func (s *Set) definition(id manifest.ID) *crd.Definition {
	return s.known[refer.GroupKind{Group: id.Group, Kind: id.Kind}]
}

// scope returns the scope of the kind of an object; definitions tell those of
// custom ones.
func (s *Set) scope(id manifest.ID) schema.Scope {
	if d := s.definition(id); d != nil {
		return d.Scope()
	}
	return s.engine.Kinds.Scope(id.Group, id.Kind)
}
