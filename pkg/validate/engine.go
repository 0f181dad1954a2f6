// Package validate TODO
package validate

import (
	"context"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/release"
	"github.com/mop-platform/mop/pkg/schema"
)

// engine holds objects against the schemas of a release and what there is to know
// beyond them. It is immutable and safe for concurrent use.
type engine struct {
	release  *release.Release
	document *schema.Document
	kinds    *schema.Kinds
	rules    ruleBook
}

// ruleBook is what there is to know of kinds beyond their schemas, by the short names
// of definitions: core.v1.PodSpec.
type ruleBook struct {
	table table
	// namings are how objects of some kinds are named; those of others are DNS
	// subdomains.
	namings map[string]naming
	// unenforced are the fields that the schema asks for but the API server takes as
	// zero where they are missing.
	unenforced map[string]bool
	// overlooked are parts of objects that the API server decodes but does not judge:
	// what is wrong there comes out when a controller uses them.
	overlooked map[string][]part
}

// table holds constraints by the definitions that they are about.
type table map[string][]constraint

// on adds constraints for a definition.
func (s table) on(definition string, rules ...constraint) {
	s[definition] = append(s[definition], rules...)
}

// checker is the check of one object.
type checker struct {
	*engine
	findings []finding
	// mistyped has the paths of values that are of another type than they must be.
	mistyped map[string]bool
	// kind is the short name of the object's definition.
	kind string
	// judging is true while constraints are applied: the value has been decoded.
	// overlooking is true while they compare with a part of the object that the
	// API server does not judge.
	judging, overlooking bool
	// id is what the object says of itself.
	id manifest.ID
	// origins are those of the object, where they have to be asked for at once.
	origins func(manifest.Path) []diag.Position
	// asks are what it asks of others.
	asks []ask

	ctx   context.Context
	meter budget.Meter
	// ended says why the check had to end.
	ended error
}

// begin returns the node of an object whose check begins. origins are its origins
// where they have to be asked for at once, else nil.
func (e *engine) begin(ctx context.Context, id manifest.ID, value map[string]any, origins func(manifest.Path) []diag.Position) node {
	return node{checker: &checker{engine: e, id: id, origins: origins, ctx: ctx, meter: budget.Of(ctx).Meter()}, value: value}
}

// builtin checks an object of a kind that the release serves, and has this schema.
func (n node) builtin(v schema.GVK, s *schema.Schema) {
	n.deprecated(v)
	n.kind = shortName(s.Name)
	n.check(s)
	n.checkMetadata(n.kinds.Scope(v.Group, v.Kind))
}

// metadataAlone checks the metadata of an object of whose kind the engine does not
// know more than the scope.
func (n node) metadataAlone(scope schema.Scope) {
	n.field("metadata").check(&schema.Schema{Ref: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"})
	n.checkMetadata(scope)
}

// found returns what has been found so far.
func (n node) found() []finding { return n.findings }

// asked returns what the object asks of others.
func (n node) asked() []ask { return n.asks }

// report adds what has been found by others. Where their work had to end, so has the
// check.
func (n node) report(err error, found ...finding) {
	n.findings = append(n.findings, found...)
	if err != nil {
		n.ended = err
	}
}

// context returns what the check is done in.
func (n node) context() context.Context { return n.ctx }

// err says why the check had to end; nil says that all has been looked at.
func (n node) err() error {
	if n.ended == nil {
		n.ended = budget.Of(n.ctx).Err()
	}
	return n.ended
}
