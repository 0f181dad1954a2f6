// Package engine checks one object against its schema and against the constraints that are
// registered for its parts, and notes what it finds.
//
// An [Engine] is for one release: it has its schemas, and a [Catalogue] of constraints that
// the schemas lack. [Engine.Begin] begins the check of an object and returns its [Node]: a
// value and its place. A [Constraint] looks at a node and reports its faults:
//
//	t.On("batch.v1.CronJobSpec",
//		engine.Field("schedule", engine.Required, schedule),
//		engine.Field("concurrencyPolicy", engine.OneOf("Allow", "Forbid", "Replace")),
//	)
//
//	func schedule(n engine.Node) {
//		if text := n.Text(); strings.Contains(text, "TZ") {
//			n.Fail(engine.RuleFormat, "want a schedule without a time zone, "+n.Got())
//		}
//	}
//
// Each finding has one of the rules that this package names.
package engine

import (
	"context"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Engine checks objects against the schemas of a release and a catalogue. It is immutable
// and safe for concurrent use.
type Engine struct {
	Release   *release.Release
	Document  *schema.Document
	Kinds     *schema.Kinds
	Catalogue Catalogue
}

// Catalogue is what the schemas of kinds do not hold, by the short names of definitions:
// core.v1.PodSpec.
type Catalogue struct {
	Table Table
	// Namings check the names of objects of some kinds. Names of other kinds are DNS
	// subdomains.
	Namings map[string]Naming
	// Unenforced are the fields that the schema requires, but that the API server takes as
	// zero if they are missing.
	Unenforced map[string]bool
	// Overlooked are parts of objects that the API server decodes but does not judge.
	// Faults there show when a controller uses them.
	Overlooked map[string][]Part
}

// Table holds constraints by the definitions that they check.
type Table map[string][]Constraint

// On adds constraints for a definition.
func (s Table) On(definition string, rules ...Constraint) {
	s[definition] = append(s[definition], rules...)
}

// checker is the check of one object.
type checker struct {
	*Engine
	findings []Finding
	// mistyped has the paths of values of a wrong type.
	mistyped map[string]bool
	// Kind is the short name of the object's definition.
	Kind string
	// judging is true while constraints are applied to the decoded value. overlooking is
	// true while they compare it with a part of the object that the API server does not
	// judge.
	judging, overlooking bool
	// ID is the object's identity.
	ID manifest.ID
	// origins returns the origins of the object, if they have to be looked up at once.
	origins func(manifest.Path) []diag.Position
	// asks are the questions of the object about others.
	asks []Ask

	ctx   context.Context
	meter budget.Meter
	// ended says why the check had to end.
	ended error
}

// Begin begins the check of an object and returns its node. origins returns the object's
// origins if they have to be looked up at once; else it is nil.
func (e *Engine) Begin(ctx context.Context, id manifest.ID, value map[string]any, origins func(manifest.Path) []diag.Position) Node {
	return Node{checker: &checker{Engine: e, ID: id, origins: origins, ctx: ctx, meter: budget.Of(ctx).Meter()}, Value: value}
}

// CheckBuiltin checks an object of a kind that the release serves, with this schema.
func (n Node) CheckBuiltin(v schema.GVK, s *schema.Schema) {
	n.deprecated(v)
	n.Kind = ShortName(s.Name)
	n.check(s)
	n.checkMetadata(n.Kinds.Scope(v.Group, v.Kind))
}

// CheckCustom checks the metadata of an object. The engine knows nothing else about its
// kind than the scope.
func (n Node) CheckCustom(scope schema.Scope) {
	n.Field("metadata").check(&schema.Schema{Ref: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"})
	n.checkMetadata(scope)
}

// Findings returns the findings so far.
func (n Node) Findings() []Finding { return n.findings }

// Asks returns the object's questions about others.
func (n Node) Asks() []Ask { return n.asks }

// Report adds findings of others. If their work had to end, the check ends too.
func (n Node) Report(err error, found ...Finding) {
	n.findings = append(n.findings, found...)
	if err != nil {
		n.ended = err
	}
}

// Context returns the context of the check.
func (n Node) Context() context.Context { return n.ctx }

// Err says why the check had to end. Nil means that it is complete.
func (n Node) Err() error {
	if n.ended == nil {
		n.ended = budget.Of(n.ctx).Err()
	}
	return n.ended
}
