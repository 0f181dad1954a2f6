// Package validate holds Kubernetes objects against the schemas of a version of
// Kubernetes and against the rules that its API server applies beyond them,
// without a cluster.
//
// [New] makes a [Validator] for a version, [Validator.Check] takes objects and
// returns a [Result] for each:
//
//	v, err := validate.New(validate.Options{Minor: 29})
//	for _, r := range v.Check(objects) {
//		fmt.Println(r.Status, r.Findings)
//	}
//
// Three things are checked. Objects of built-in kinds are held against their
// schema (package schema): unknown fields, types, missing fields, formats. Then
// come the rules of the API server that no schema holds: names, ranges,
// enumerations, fields that exclude or need each other. They are tables and
// functions by the name of the definition that they are about, in the files
// named after the groups of the API, and each stands for code that the API
// server has in k8s.io/kubernetes, pkg/apis/*/validation. At last the objects
// are held against each other: what is referred to must be there, or be what an
// operator may make for a custom resource among them.
//
// Custom resources are held against their CustomResourceDefinitions (package
// crd), which are among the objects or in [Options.CRDs].
//
// An error means that the API server refuses the object; a warning that it
// takes it although it is probably a mistake. What an admission plugin or a
// cluster's policy may refuse is not looked at.
package validate

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/mop-platform/mop/pkg/crd"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/schema"
)

// DefaultMinor is the version of Kubernetes that is checked against where
// nothing else is said.
const DefaultMinor schema.Minor = 29

// Options says what objects are checked against.
type Options struct {
	// Minor is the version of Kubernetes; 0 is [DefaultMinor].
	Minor schema.Minor
	// CRDs are CustomResourceDefinitions that are there besides those among the
	// objects, which count more.
	CRDs []Object
	// External are patterns of objects that are there although they are not
	// among those that are checked: KIND/NAME or KIND/NAMESPACE/NAME, as in
	// Secret/tempo-s3 or Secret/mimir/s3-*. KIND may have a group, as in
	// Issuer.cert-manager.io; * stands for any characters but a slash, so */* is
	// whatever is referred to. With Pod/* what selects no pods is in order. An
	// object can declare by [ExternalAnnotation] what it refers to itself.
	External []string
	// StrictReferences has each reference to an object warned of that is neither
	// among the objects nor external. By default one that the controller of a
	// custom resource among them may make counts as there: those that
	// [Controllers] tell of and, of controllers that it does not know, what has
	// the name of the custom resource as a part of its own, or is named in a field
	// of it, but for names that are nearly those of objects.
	StrictReferences bool
}

// Validator checks objects against one version of Kubernetes. It is immutable
// and safe for concurrent use.
type Validator struct {
	minor schema.Minor
	doc   *schema.Document
	kinds *schema.Kinds
	rules ruleset
	// namings are by the short names of definitions.
	namings     map[string]naming
	definitions definitions
	external    []external
	expressions *expressions
	// strictReferences is [Options.StrictReferences].
	strictReferences bool
}

// New returns a Validator. The error is that of [schema.Open], where there are
// no schemas for the version, one about a pattern of what is external, or a [diag.List] about CustomResourceDefinitions
// of which it cannot be read what they define. Their schemas are not looked at
// before there is an object of them.
func New(o Options) (*Validator, error) {
	if o.Minor == 0 {
		o.Minor = DefaultMinor
	}
	doc, err := schema.Open(o.Minor)
	if err != nil {
		return nil, err
	}
	defined, err := definitionsOf(o.CRDs, o.Minor)
	if err != nil {
		return nil, err
	}
	external, err := externals(o.External)
	if err != nil {
		return nil, fmt.Errorf("external objects: %w", err)
	}
	return &Validator{minor: o.Minor, doc: doc, kinds: schema.Builtin(), rules: builtinRules(), namings: namings(o.Minor), definitions: defined, external: external, expressions: newExpressions(o.Minor), strictReferences: o.StrictReferences}, nil
}

// Object is a manifest that is to be checked. It need not be in order in any
// way.
type Object struct {
	// Source is where it was found: a file with the line where it begins, or
	// the entrypoint of an environment.
	Source diag.Position
	// Path is where it stands in the source; it is empty for a document of a
	// file.
	Path manifest.Path
	// Value is as encoding/json decodes. It must not be changed afterwards.
	Value map[string]any
	// Origins returns the places that made a field, nearest first, or where it is
	// not there what is around it. nil knows of none. It must be safe for
	// concurrent use, and is not called after [Validator.Check] and [Clusters].
	Origins func(field manifest.Path) []diag.Position
}

// Check returns a result for each object, in the same order.
func (v *Validator) Check(objects []Object) []Result {
	v, defined := v.defining(objects)
	results := make([]Result, len(objects))
	parallel(len(objects), func(i int) { results[i] = v.object(objects[i], defined[i]) })
	v.together(results)
	return results
}

// parallel calls f with each number below n, on all processors.
func parallel(n int, f func(i int)) {
	var workers sync.WaitGroup
	step := min(runtime.GOMAXPROCS(0), n)
	for first := range step {
		workers.Go(func() {
			for i := first; i < n; i += step {
				f(i)
			}
		})
	}
	workers.Wait()
}

// object checks one object on its own; defined is what it defines if it is a
// CustomResourceDefinition.
func (v *Validator) object(o Object, defined *crd.Definition) Result {
	c := &checker{Validator: v, id: identify(o.Value)}
	r := Result{Object: o, ID: c.id, checker: c}
	root := node{checker: c, value: o.Value}
	root.readExternals()
	apiVersion, kind := root.field("apiVersion").isText(), root.field("kind").isText()
	if !apiVersion || !kind {
		return r.with(Invalid, c.findings)
	}
	gvk := schema.GVK{Group: r.ID.Group, Version: r.version(), Kind: r.ID.Kind}
	s, ok := v.doc.Kind(gvk.Group, gvk.Version, gvk.Kind)
	if !ok || !v.kinds.Serves(gvk, v.minor) {
		if d := v.definitions[groupKind{r.ID.Group, r.ID.Kind}]; d != nil {
			return root.customResource(d, r)
		}
		status := root.unserved(gvk)
		return r.with(status, c.findings)
	}
	root.deprecated(gvk)
	c.kind = shortName(s.Name)
	root.check(s)
	root.checkMetadata(v.kinds.Scope(r.ID.Group, r.ID.Kind))
	if defined != nil {
		root.checkDefinition(defined)
	}
	return r.with(Valid, c.findings)
}

// isText reports whether the value is a string that is not empty, and fails
// where it is none.
func (n node) isText() bool {
	if n.text() == "" {
		n.fail(RuleType, "want a non-empty string, "+n.got())
		return false
	}
	return true
}
