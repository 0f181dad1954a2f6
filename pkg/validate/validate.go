// Package validate checks Kubernetes objects against the schemas of a version of Kubernetes
// and against the further rules of its API server, without a cluster.
//
// [New] makes a [Validator] for a version, [Validator.Check] takes objects and
// returns a [Result] for each:
//
//	v, err := validate.New(validate.Options{Minor: minor})
//	results, err := v.Check(ctx, objects)
//	for _, r := range results {
//		fmt.Println(r.Status, r.Findings)
//	}
//
// A [Set] checks objects that come one after the other, without keeping them.
//
// It checks three things. First it checks objects of built-in kinds against their schema
// (package schema): unknown fields, types, missing fields, formats. Then it applies the
// rules of the API server that no schema holds: names, ranges, enumerations, fields that
// exclude or need each other. Each stands for code of the API server in k8s.io/kubernetes,
// pkg/apis/*/validation. Last it checks the objects against each other: an object that
// another refers to must exist, or an operator must be able to make it for a custom
// resource among them.
//
// It checks custom resources against their CustomResourceDefinitions (package crd), which
// are among the objects or in [Options.CRDs].
//
// An error means that the API server refuses the object. A warning means that it accepts
// the object, but that there is probably a mistake. Admission plugins and a cluster's
// policies are not checked.
package validate

import (
	"cmp"
	"context"
	"fmt"
	"runtime"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/pool"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
	"github.com/mop-platform/mop/pkg/validate/internal/refer"
	"github.com/mop-platform/mop/pkg/validate/internal/rules"
)

// Options say what objects are checked against.
type Options struct {
	// Minor is the version of Kubernetes; 0 is [release.Default].
	Minor schema.Minor
	// CRDs are CustomResourceDefinitions besides those among the objects, which take
	// precedence.
	CRDs []Object
	// External are patterns of objects that exist although they are not among the checked
	// ones: KIND/NAME or KIND/NAMESPACE/NAME, as in Secret/tempo-s3 or Secret/mimir/s3-*.
	// KIND may have a group, as in Issuer.cert-manager.io. * stands for any characters
	// except a slash, so */* means every object. With Pod/*, a selector need not select a
	// pod. An object can declare what it refers to itself by [ExternalAnnotation].
	External []string
	// StrictReferences warns of each reference to an object that is neither among the
	// objects nor external. By default an object also counts as existing if the controller
	// of a custom resource among them may make it. [Controllers] has the known ones. An
	// unknown controller may make objects whose name contains that of the custom resource,
	// or that a field of it names, except names that are nearly those of objects.
	StrictReferences bool
}

// Validator checks objects against one version of Kubernetes. It is immutable
// and safe for concurrent use.
type Validator struct {
	engine      *engine.Engine
	definitions definitions
	external    []refer.External
	// strictReferences is [Options.StrictReferences].
	strictReferences bool
}

// New returns a Validator. The error is that of [schema.Open], where there are
// no schemas for the version, one about a pattern of what is external, or a [*diag.List] about CustomResourceDefinitions
// of which it cannot be read what they define. Their schemas are not looked at
// before there is an object of them.
func New(o Options) (*Validator, error) {
	if o.Minor == 0 {
		o.Minor = release.Default
	}
	doc, err := schema.Open(o.Minor)
	if err != nil {
		return nil, err
	}
	r, err := release.Open(o.Minor)
	if err != nil {
		return nil, err
	}
	defined, err := definitionsOf(o.CRDs, r)
	if err != nil {
		return nil, err
	}
	external, err := refer.ParseExternals(o.External)
	if err != nil {
		return nil, fmt.Errorf("external objects: %w", err)
	}
	catalogue := rules.Builtin(r)
	refer.AddReferences(catalogue.Table)
	return &Validator{
		engine:      &engine.Engine{Release: r, Document: doc, Kinds: schema.Builtin(), Catalogue: catalogue},
		definitions: defined, external: external, strictReferences: o.StrictReferences,
	}, nil
}

// Object is a manifest to check. It may be wrong in any way.
type Object struct {
	// Source is its place: a file with the line where it begins, or the entrypoint of an
	// environment.
	Source diag.Position
	// Path is its path in the source, empty for a document of a file.
	Path manifest.Path
	// Value is the value. Its parts may be of any Go types that encoding/json can marshal,
	// see [manifest.From]; a part that JSON cannot express is a finding. It must not be
	// changed afterwards.
	Value map[string]any
	// Parsed says that Value has only the types that [manifest.Object.Lookup] returns, such as that
	// of a [manifest.Document] or a [manifest.Object]. The check does not convert it then.
	Parsed bool
	// Origins returns the places that made a field, nearest first; for a missing field,
	// those of the value around it. nil knows none. It must be safe for concurrent use. It
	// is not called after [Validator.Check] and [Clusters], nor after [Set.Alone].
	Origins func(field manifest.Path) []diag.Position
}

// Check returns a result for each object, in the same order. The error is that of the
// budget in ctx, or a panic of [Object.Origins].
func (v *Validator) Check(ctx context.Context, objects []Object) ([]Result, error) {
	all := make([]received, len(objects))
	err := parallel(ctx, len(objects), func(i int) error {
		all[i] = v.receive(objects[i])
		return nil
	})
	if err != nil {
		return nil, err
	}
	s := v.newSet(v.defining(all), false)
	alone := make([]Checked, len(objects))
	err = parallel(ctx, len(objects), func(i int) (err error) {
		alone[i], err = s.alone(ctx, all[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(objects))
	for i := range alone {
		if _, err := s.Add(ctx, alone[i]); err != nil {
			return nil, err
		}
		results[i] = alone[i].Result
		alone[i] = Checked{}
	}
	err = parallel(ctx, len(objects), func(i int) error {
		more, err := s.Together(ctx, i)
		if len(more) > 0 {
			results[i] = results[i].With(more)
		}
		return cmp.Or(err, all[i].err())
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// parallel calls f with each number below n, on all processors, until an error or
// the end of the budget.
func parallel(ctx context.Context, n int, f func(i int) error) error {
	step := min(runtime.GOMAXPROCS(0), n)
	share := func(ctx context.Context, first int) error {
		for i := first; i < n; i += step {
			if err := budget.Of(ctx).Err(); err != nil {
				return err
			}
			if err := f(i); err != nil {
				return err
			}
		}
		return nil
	}
	if step == 1 {
		return share(ctx, 0)
	}
	work, ctx := pool.NewGroup(ctx)
	for first := range step {
		work.Go(func() error { return share(ctx, first) })
	}
	return work.Wait()
}

// alone checks an object by itself.
func (s *Set) alone(ctx context.Context, o received) (Checked, error) {
	defer budget.Of(ctx).During(o.Source.String())()
	id := identify(o.Value)
	var origins func(manifest.Path) []diag.Position
	if s.passing {
		origins = o.Origins
	}
	c := Checked{Known: true, Result: Result{Object: o.Object, ID: id}, defined: o.defined}
	c.Result.APIVersion, _ = o.Value["apiVersion"].(string)
	root := s.engine.Begin(ctx, id, o.Value, origins)
	status := Invalid
	if root.Report(nil, o.faults...); len(o.faults) == 0 {
		status = s.object(root, &c)
	}
	c.entry = s.members.Entry(root, o.Source, o.Path)
	if err := root.Err(); err != nil {
		return Checked{}, fmt.Errorf("%s: %w", o.Source, err)
	}
	c.Result = c.Result.with(status, findingsOf(root.Findings()))
	return c, o.err()
}

// object checks the node, which is an object, and returns its status but for
// findings.
func (s *Set) object(n engine.Node, c *Checked) Status {
	apiVersion, kind := isText(n.Field("apiVersion")), isText(n.Field("kind"))
	if !apiVersion || !kind {
		return Invalid
	}
	gvk := schema.GVK{Group: c.Result.ID.Group, Version: c.Result.version(), Kind: c.Result.ID.Kind}
	known, ok := s.engine.Document.Kind(gvk.Group, gvk.Version, gvk.Kind)
	if ok && s.engine.Kinds.Serves(gvk, s.engine.Release.Minor()) {
		n.CheckBuiltin(gvk, known)
		if c.defined != nil {
			checkDefinition(n, c.defined)
		}
		return Valid
	}
	c.custom = true
	s.learning.RLock()
	c.by = s.definition(c.Result.ID)
	s.learning.RUnlock()
	if c.by != nil {
		return customResource(n, c.by, gvk.Version)
	}
	_, builtin := s.engine.Kinds.Known(gvk.Group, gvk.Kind)
	c.Known = builtin || !refer.IsCustomGroup(gvk.Group)
	if n.Unserved(gvk) {
		return Invalid
	}
	return UnknownKind
}

// isText reports whether the value is a string that is not empty, and fails
// where it is none.
func isText(n engine.Node) bool {
	if n.Text() == "" {
		n.Fail(engine.RuleType, "want a non-empty string, "+n.Got())
		return false
	}
	return true
}
