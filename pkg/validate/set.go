package validate

import (
	"context"
	"maps"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/crd"
	"github.com/mop-platform/mop/pkg/validate/internal/refer"
)

// Set checks objects together that come one after the other. It does not keep the objects,
// only what others can ask of them, so that a stream needs the memory of one object.
// [Set.Alone] checks an object alone, and [Set.Add] adds it. When all are added,
// [Set.Together] returns the findings about it among the others. Together these are the
// findings of [Validator.Check].
//
// An object without a namespace gets one when it is applied. The Set does not know which,
// so it may be the namespace of any other.
type Set struct {
	*Validator
	// known are the definitions of the Validator and of the objects so far; learning
	// guards it while these are added.
	known    definitions
	learning sync.RWMutex
	// passing says that the objects come one after the other: their origins are looked up
	// at once, and their definitions are not known before.
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
	// Result is the result of the object. It is unknown, and Known is false, while a later
	// object may define the object's kind: one that no version of Kubernetes has, in a
	// group with a dot.
	Result Result
	Known  bool

	entry refer.Entry
	// defined is its definition if it is a CustomResourceDefinition.
	defined *crd.Definition
	// by is the definition of its kind, if that is no kind of Kubernetes.
	custom bool
	by     *crd.Definition
}

// Alone checks an object by itself. [Object.Origins] is not called afterwards. The
// error is that of the budget in ctx, or a panic of Origins. It is safe for concurrent use, also with
// [Set.Add].
func (s *Set) Alone(ctx context.Context, o Object) (Checked, error) {
	return s.alone(ctx, s.receive(o))
}

// Add adds an object that has been checked alone. A custom resource is checked against the
// definition before it, which takes precedence over one of [Options.CRDs]. If there is
// none, [Set.Late] returns its result when all objects are added.
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

// Late returns the result of an object that was unknown when it was added. All objects must
// have been added.
func (s *Set) Late(ctx context.Context, o Object) (Result, error) {
	c, err := s.Alone(ctx, o)
	return c.Result, err
}

// Named returns a result that only identifies the object that was added i-th: its place and
// its identity.
func (s *Set) Named(i int) Result {
	m := s.members.Member(i)
	return Result{Object: Object{Source: m.Source, Path: m.Path}, ID: m.ID}
}

// Defines reports whether a CustomResourceDefinition defines the kind of the object that
// was added i-th.
func (s *Set) Defines(i int) bool { return s.definition(s.members.Member(i).ID) != nil }

// Together returns the findings about the object that was added i-th, from 0, among the
// others, sorted as in a [Result]. They are warnings. It must not be called before all
// objects are added; then it is safe for concurrent use.
func (s *Set) Together(ctx context.Context, i int) ([]Finding, error) {
	defer budget.Of(ctx).During(s.members.Member(i).Source.String())()
	found, err := s.members.Together(ctx, i)
	return Result{}.with(Valid, findingsOf(found)).Findings, err
}

// definition returns the definition of the kind of an object, nil for none. While objects
// are added, only the goroutine that adds them may call it.
func (s *Set) definition(id manifest.ID) *crd.Definition {
	return s.known[refer.GroupKind{Group: id.Group, Kind: id.Kind}]
}

// scope returns the scope of the kind of an object; for custom kinds the definitions have
// it.
func (s *Set) scope(id manifest.ID) schema.Scope {
	if d := s.definition(id); d != nil {
		return d.Scope()
	}
	return s.engine.Kinds.Scope(id.Group, id.Kind)
}
