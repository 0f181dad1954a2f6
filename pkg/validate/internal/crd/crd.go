// Package crd checks custom resources against their CustomResourceDefinition with the code
// of the API server itself, k8s.io/apiextensions-apiserver.
//
// [Parse] reads a definition, [Definition.Version] returns one of its versions, and
// [Version.Check] returns the faults of an object of it:
//
//	d, found := crd.Parse(definition, r)
//	v, served := d.Version("v1")
//	problems, err := v.Check(ctx, object)
//	for _, p := range problems {
//		fmt.Println(p.Path, p.Problem)
//	}
//
// An object is treated as in the API server. Unknown fields are found and defaults are set.
// Then the schema, embedded objects, list types and at last the CEL rules are checked, with
// the server's limits of their cost (customresource_handler.go and registry/customresource
// of that module).
//
// A definition itself can be wrong: a schema that is not structural, a default that the
// schema refuses, a rule that does not compile or could cost too much.
// [Definition.Problems] returns such faults; objects of such a version cannot be checked.
//
// The server's check of definitions, pkg/apis/apiextensions/validation, is not imported: it
// brings client-go and gRPC, which would double the size of the command. structural.go and
// expressions.go replace its part about schemas. The names and flags of a definition are
// not checked.
//
// The server's code has no budget. A function that takes one from its context waits for
// that code until the budget ends, and then leaves it running. The server's limits bound
// the CEL rules, which end with the context too.
//
// To read a definition is cheap. A version is compiled once, when it is first used.
// Everything is safe for concurrent use.
package crd

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Definition is a CustomResourceDefinition.
type Definition struct {
	group, kind string
	scope       schema.Scope
	versions    []*Version
}

// Version is one version of a [Definition].
type Version struct {
	definition map[string]any
	name       string
	served     bool
	// status says that the status is a subresource.
	status bool
	// scale is the subresource scale; it may be missing.
	scale map[string]any
	// preserve says that unknown fields are kept and the schema need not be structural, as
	// is possible in v1beta1.
	preserve bool
	// selectable are the fields by which clients can select objects, and selectableAt is
	// their path.
	selectable   []any
	selectableAt manifest.Path
	// at is the path of the schema in the definition.
	at      manifest.Path
	schema  any
	release *release.Release

	once     sync.Once
	done     atomic.Bool // whether it is compiled
	compiled *compiled
	problems []Problem
}

// Parse reads a CustomResourceDefinition in version v1 or v1beta1, for a release of
// Kubernetes, which decides what the CEL rules can use. value is as encoding/json decodes
// it; it must not be changed afterwards.
//
// The problems say why the definition cannot be used, which is nil then: its group, kind,
// scope or versions cannot be read. Parse does not look at schemas.
func Parse(value map[string]any, r *release.Release) (*Definition, []Problem) {
	in := reader{value: value}
	d := &Definition{group: in.text("spec", "group"), kind: in.text("spec", "names", "kind")}
	beta := value["apiVersion"] == "apiextensions.k8s.io/v1beta1"
	switch scope := in.lookup("spec", "scope"); {
	case scope == "Cluster":
		d.scope = schema.Cluster
	case scope == "Namespaced", beta && (scope == nil || scope == ""):
		d.scope = schema.Namespaced
	default:
		in.report(Value, `want "Cluster" or "Namespaced", `, "spec", "scope")
	}
	preserve, set := in.lookup("spec", "preserveUnknownFields").(bool)
	for _, v := range in.versions() {
		v.definition, v.release = value, r
		v.preserve = preserve || beta && !set
		d.versions = append(d.versions, v)
	}
	if len(in.problems) > 0 {
		return nil, in.problems
	}
	return d, nil
}

// Group returns the API group of the objects.
func (d *Definition) Group() string { return d.group }

// Kind returns the kind of the objects.
func (d *Definition) Kind() string { return d.kind }

// Scope says whether the objects are in namespaces.
func (d *Definition) Scope() schema.Scope { return d.scope }

// Version returns a version by its name; served is false if the definition does not have it
// or does not serve it.
func (d *Definition) Version(name string) (v *Version, served bool) {
	for _, v := range d.versions {
		if v.name == name && v.served {
			return v, true
		}
	}
	return nil, false
}

// Served returns the names of the versions that are served, in the order of the
// definition.
func (d *Definition) Served() []string {
	var names []string
	for _, v := range d.versions {
		if v.served {
			names = append(names, v.name)
		}
	}
	return names
}

// Problems returns the faults of the schemas of all versions, sorted by path. The API
// server refuses a definition that has any. Problems compiles all versions. The error is
// that of the budget of ctx.
func (d *Definition) Problems(ctx context.Context) ([]Problem, error) {
	var all []Problem
	for _, v := range d.versions {
		found, err := v.Problems(ctx)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	// Versions of v1beta1 can share a schema.
	return sorted(all), nil
}

// Problems returns the faults of the version's schema, with paths in the definition. The
// error is that of the budget of ctx.
func (v *Version) Problems(ctx context.Context) ([]Problem, error) {
	if err := v.ready(ctx); err != nil {
		return nil, err
	}
	return slices.Clone(v.problems), nil
}

// ready compiles the version. If the budget ends first, the compilation goes on, but nobody
// waits for it.
func (v *Version) ready(ctx context.Context) error {
	if v.done.Load() {
		return nil
	}
	return budget.Away(ctx, func() {
		v.once.Do(v.compile)
		v.done.Store(true)
	})
}

// reader reads a definition.
type reader struct {
	value    map[string]any
	problems []Problem
}

func (r *reader) lookup(fields ...string) any {
	var v any = r.value
	for _, f := range fields {
		m, _ := v.(map[string]any)
		v = m[f]
	}
	return v
}

func (r *reader) report(kind Kind, problem string, fields ...string) {
	var at manifest.Path
	for _, f := range fields {
		at = at.Field(f)
	}
	r.problems = append(r.problems, Problem{Path: at, Kind: kind, Problem: problem + plain.GotValue(r.lookup(fields...))})
}

func (r *reader) text(fields ...string) string {
	s, _ := r.lookup(fields...).(string)
	if s == "" {
		r.report(Required, "want a non-empty string, ", fields...)
	}
	return s
}

// versions returns the versions of spec.versions or, if there are none, the one of
// spec.version, which v1beta1 has. There, spec.validation and spec.subresources apply to
// all versions that have no schema or subresources of their own.
func (r *reader) versions() []*Version {
	shared := r.lookup("spec", "validation", "openAPIV3Schema")
	list, _ := r.lookup("spec", "versions").([]any)
	if name, ok := r.lookup("spec", "version").(string); ok && len(list) == 0 {
		list = []any{map[string]any{"name": name, "served": true}}
	}
	if len(list) == 0 {
		r.report(Required, "want an array with a version or several, ", "spec", "versions")
	}
	var all []*Version
	for i, item := range list {
		m, _ := item.(map[string]any)
		name, _ := m["name"].(string)
		v := &Version{name: name, served: m["served"] == true}
		own, _ := m["schema"].(map[string]any)
		v.at, v.schema = manifest.Path{"spec", "versions", i, "schema", "openAPIV3Schema"}, own["openAPIV3Schema"]
		if v.schema == nil && shared != nil {
			v.at, v.schema = manifest.Path{"spec", "validation", "openAPIV3Schema"}, shared
		}
		v.selectable, _ = m["selectableFields"].([]any)
		v.selectableAt = manifest.Path{"spec", "versions", i, "selectableFields"}
		subresources, ok := m["subresources"].(map[string]any)
		if !ok {
			subresources, _ = r.lookup("spec", "subresources").(map[string]any)
		}
		v.status = subresources["status"] != nil
		v.scale, _ = subresources["scale"].(map[string]any)
		all = append(all, v)
	}
	return all
}
