package validate

import (
	"context"
	"errors"
	"fmt"
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
// findings of [Validator.Check]. Objects are added one after the other; the comments of the
// methods say which are safe for concurrent use.
//
//	s := v.NewSet()
//	for _, o := range objects {
//		c, err := s.Alone(ctx, o)
//		c, err = s.Add(ctx, c)
//		results = append(results, c.Result) // if c.Known
//	}
//	for i := range objects {
//		more, err := s.Together(ctx, i)
//		results[i] = results[i].With(more)
//	}
//
// An object without a namespace gets one when it is applied. The Set does not know which,
// so it may be the namespace of any other.
//
// Make one with [Validator.NewSet]; the zero Set refuses objects. Add is for one goroutine;
// for the other methods see there.
type Set struct {
	checker *checker
	// known are the definitions of the Validator and of the objects so far; learning
	// guards it while these are added.
	known    definitions
	learning sync.RWMutex
	// passing says that the objects come one after the other: their origins are looked up
	// at once, and their definitions are not known before.
	passing bool

	members *refer.Set
}

// NewSet returns a set without objects. That of a nil Validator refuses objects.
func (v *Validator) NewSet() *Set {
	if v == nil {
		return &Set{}
	}
	c := v.at(v.minor)
	return c.newSet(maps.Clone(c.definitions), true)
}

func (c *checker) newSet(known definitions, passing bool) *Set {
	s := &Set{checker: c, known: known, passing: passing}
	s.members = refer.New(c.engine.Kinds, c.settings.external, c.settings.strictReferences, s.scope)
	return s
}

// Checked is an object that has been checked alone. It is for one goroutine at a time.
type Checked struct {
	// Result is the result of the object. It is unknown, and Known is false, while a later
	// object may define the object's kind: one that no version of Kubernetes has, in a
	// group with a dot. Once all objects are added, [Set.Alone] returns its result.
	Result Result
	Known  bool

	received *received
	entry    refer.Entry
	// by is the definition of its kind, if that is no kind of Kubernetes.
	custom bool
	by     *crd.Definition
}

// Alone checks an object, which is one of [Validator.Check] but no slice and no list, by itself. The
// error is that of Check. Alone is safe for concurrent use, also with [Set.Add].
func (s *Set) Alone(ctx context.Context, object any) (Checked, error) {
	if s.checker == nil {
		return Checked{}, errors.New("check of an object: want a Set of Validator.NewSet, got the zero Set")
	}
	o, err := receive(ctx, object)
	if err != nil {
		return Checked{}, err
	}
	o.define(s.checker.engine.Release)
	return s.alone(ctx, &o)
}

// Add adds an object that has been checked alone. A custom resource is checked against the
// definition before it, which takes precedence over one of the [Config]; if Alone did not know
// that, the returned value has the new result. The error is that of [Set.Alone].
//
// Objects must be added one after the other.
func (s *Set) Add(ctx context.Context, c Checked) (Checked, error) {
	if s.checker == nil || c.received == nil {
		return Checked{}, errors.New("adding an object: want a Checked of Set.Alone, got the zero Checked")
	}
	if c.custom && s.passing && c.by != s.definition(c.entry.ID) {
		again, err := s.alone(ctx, c.received)
		if err != nil {
			return Checked{}, err
		}
		c = again
	}
	s.members.Add(c.entry)
	if defined := c.received.defined; defined != nil && s.passing {
		s.learning.Lock()
		s.known.add(defined)
		s.learning.Unlock()
	}
	return c, nil
}

// Member returns a result that only identifies the object that was added i-th, from 0: its
// place and its identity. defined reports whether a CustomResourceDefinition defines its
// kind. If no such object was added, they are zero. It must not be called before all objects are added; then it is safe for concurrent
// use.
func (s *Set) Member(i int) (r Result, defined bool) {
	if !s.has(i) {
		return Result{}, false
	}
	m := s.members.Member(i)
	return Result{Object: Object{Source: m.Source, Path: m.Path}, ID: m.ID}, s.definition(m.ID) != nil
}

// Together returns the findings about the object that was added i-th, from 0, among the
// others, sorted as in a [Result]. They are warnings. The error is the cause of the end of
// ctx, or says that no such object was added. It must not be called before all objects are added; then it is safe for concurrent
// use.
func (s *Set) Together(ctx context.Context, i int) ([]Finding, error) {
	if !s.has(i) {
		return nil, fmt.Errorf("check among others: no object %d was added", i)
	}
	m := s.members.Member(i)
	defer budget.Of(ctx).During(m.Source.String())()
	found, err := s.members.Together(ctx, i)
	return Result{ID: m.ID}.with(Valid, findingsOf(s.checker.settings.kept(found))).Findings, err
}

// has reports whether an object was added i-th, from 0.
func (s *Set) has(i int) bool {
	return s.checker != nil && 0 <= i && i < s.members.Len()
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
	return s.checker.engine.Kinds.Scope(id.Group, id.Kind)
}
