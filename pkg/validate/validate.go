// Package validate checks Kubernetes objects against the schemas of a version of Kubernetes
// and against the further rules of its API server, without a cluster.
//
// [New] makes a [Validator], and [Validator.Check] takes objects in whatever form a program
// has them: maps, types of k8s.io/api, unstructured ones, JSON, what package manifest has
// read.
//
//	v, err := validate.New(validate.Config{CRDs: definitions})
//	report, err := v.Check(ctx, deployment, service)
//	for _, f := range report.Findings() {
//		fmt.Println(f.Severity, f.Object, f.Path, f.Problem)
//	}
//
// A [Set] checks objects that come one after the other, without keeping them.
//
// It checks three things. First it checks objects of built-in kinds against their schema:
// unknown fields, types, missing fields, formats. Then it applies the rules of the API
// server that no schema holds: names, ranges, enumerations, fields that exclude or need each
// other. Each stands for code of the API server in k8s.io/kubernetes,
// pkg/apis/*/validation. Last it checks the objects against each other: an object that
// another refers to must exist, or an operator must be able to make it for a custom
// resource among them.
//
// It checks custom resources against their CustomResourceDefinitions, with the API server's
// own code. These are among the objects or in the [Config].
//
// An error means that the API server refuses the object. A warning means that it accepts
// the object, but that there is probably a mistake. Admission plugins and a cluster's
// policies are not checked.
package validate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/pool"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate/internal/engine"
	"github.com/mop-platform/mop/pkg/validate/internal/refer"
	"github.com/mop-platform/mop/pkg/validate/internal/rules"
)

// Config says what objects are checked against. The zero Config is for the default release,
// without custom resources.
type Config struct {
	// Release is the version of Kubernetes, written 1.MINOR, or that of a cluster, such as
	// v1.MINOR.4-gke.100. "" is the one that an environment expects, see
	// [Validator.CheckRender], and else the oldest known one, whose objects most clusters
	// take.
	Release string
	// CRDs are CustomResourceDefinitions besides those among the objects, which take
	// precedence. Definitions are more of them, given like the objects of
	// [Validator.Check]: in other types, or with the places that messages name.
	CRDs        []manifest.Object
	Definitions []any
	// External are patterns of objects that exist although they are not among the checked
	// ones: KIND/NAME or KIND/NAMESPACE/NAME, as in Secret/tempo-s3 or Secret/mimir/s3-*.
	// KIND may have a group, as in Issuer.cert-manager.io. * stands for any characters
	// except a slash, so */* means every object. With Pod/*, a selector need not select a
	// pod. An object can declare what it refers to itself, by such patterns with commas
	// between them in its annotation mop.dev/external.
	External []string
	// Ignore are rules whose findings are left out. An object without other errors is
	// [Valid] then.
	Ignore []Rule
	// StrictReferences warns of each reference to an object that is neither among the
	// objects nor external. By default an object also counts as existing if the controller
	// of a custom resource among them may make it. docs/validation.md lists the known ones.
	// An unknown controller may make objects whose name contains that of the custom
	// resource, or that a field of it names, except names that are nearly those of objects.
	StrictReferences bool
}

// Validator checks objects against versions of Kubernetes. It is safe for concurrent use,
// and must not be copied. The zero Validator is that of the zero [Config]; a nil one refuses
// to check.
type Validator struct {
	settings settings
	// minor is the release of the Config, 0 for none.
	minor schema.Minor
	crds  []received

	mu       sync.Mutex
	checkers map[schema.Minor]*checker
}

// settings are those that do not depend on the release.
type settings struct {
	external []refer.External
	ignore   []Rule
	// strictReferences is [Config.StrictReferences].
	strictReferences bool
}

// checker checks objects against one release. It is immutable.
type checker struct {
	settings    settings
	engine      *engine.Engine
	definitions definitions
}

// New returns a Validator. It copies the Config. Errors say which field of it is wrong: a
// release that is not known is a [diag.Diagnostic] with the known ones,
// CustomResourceDefinitions of which it cannot be read what they define are a [*diag.List].
//
// New reads what the definitions define, in time linear in their size: some ten milliseconds
// for a megabyte. Their schemas are compiled during the first check of an object of them,
// within its context.
func New(c Config) (*Validator, error) {
	external, err := refer.ParseExternals(c.External)
	if err != nil {
		return nil, fmt.Errorf("external: %w", err)
	}
	for _, r := range c.Ignore {
		if r.declaration() == nil {
			return nil, fmt.Errorf("ignore: want one of the rules, got %q", r)
		}
	}
	v := &Validator{settings: settings{external, slices.Clone(c.Ignore), c.StrictReferences}}
	if c.Release != "" {
		if v.minor, err = schema.MinorOf("release", c.Release); err != nil {
			return nil, err
		}
	}
	for _, o := range append(flat([]any{c.CRDs}), flat(c.Definitions)...) {
		all, err := receiveAll(context.Background(), o)
		if err != nil {
			return nil, fmt.Errorf("definitions: %w", err)
		}
		v.crds = append(v.crds, all...)
	}
	if _, err := definitionsOf(v.crds, v.release(v.minor)); err != nil {
		return nil, err
	}
	return v, nil
}

// release returns a release that is one of [schema.Minors], or 0 for the default.
func (v *Validator) release(minor schema.Minor) *release.Release {
	r, err := release.Open(cmp.Or(minor, release.Default))
	if err != nil {
		panic("validate: " + err.Error())
	}
	return r
}

var errNoValidator = errors.New("check of objects: want a Validator of New, got nil")

// at returns the checker for a minor version that is one of [schema.Minors], or 0 for the
// default.
func (v *Validator) at(minor schema.Minor) *checker {
	v.mu.Lock()
	defer v.mu.Unlock()
	r := v.release(minor)
	if c, ok := v.checkers[r.Minor()]; ok {
		return c
	}
	document, err := schema.Open(r.Minor())
	if err != nil {
		panic("validate: " + err.Error())
	}
	catalogue := rules.Builtin(r)
	refer.AddReferences(catalogue.Table)
	// New has found out that they can be read.
	defined, _ := definitionsOf(v.crds, r)
	c := &checker{
		settings: v.settings, definitions: defined,
		engine: &engine.Engine{Release: r, Document: document, Kinds: schema.Builtin(), Catalogue: catalogue},
	}
	if v.checkers == nil {
		v.checkers = map[schema.Minor]*checker{}
	}
	v.checkers[r.Minor()] = c
	return c
}

// Check checks objects alone and against each other, for the release of the [Config]. An
// object may be
//   - whatever [manifest.From] takes: a map of any values that encoding/json can marshal, a
//     struct such as *appsv1.Deployment with its apiVersion and kind set, an
//     *unstructured.Unstructured, a [json.RawMessage], a [manifest.Object],
//   - a [manifest.Document], whose findings have the lines of its file,
//   - an [Object], which adds a source and origins to one of these.
//
// A slice of [manifest.Object], [manifest.Document], [Object] or any stands for its
// elements, and a list of Kubernetes, such as a List or a ConfigMapList, for its items, whose
// [Object.Path] ends with items and their index. The objects may be wrong in any way: what is no object, or what JSON cannot
// express, is a finding. They must not change during the check.
//
// The error says why the objects could not be checked: the cause of the end of ctx, or a
// panic of [Object.Origins]. Check returns soon after ctx has ended, even if a method of an
// object does not return.
func (v *Validator) Check(ctx context.Context, objects ...any) (*Report, error) {
	if v == nil {
		return nil, errNoValidator
	}
	return v.at(v.minor).check(ctx, flat(objects))
}

func (c *checker) check(ctx context.Context, objects []any) (*Report, error) {
	lists := make([][]received, len(objects))
	err := parallel(ctx, len(objects), func(i int) (err error) {
		lists[i], err = receiveAll(ctx, objects[i])
		for j := range lists[i] {
			lists[i][j].define(c.engine.Release)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	all := slices.Concat(lists...)
	s := c.newSet(c.defining(all), false)
	alone := make([]Checked, len(all))
	err = parallel(ctx, len(all), func(i int) (err error) {
		alone[i], err = s.alone(ctx, &all[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	results := make([]Result, len(all))
	for i := range alone {
		if _, err := s.Add(ctx, alone[i]); err != nil {
			return nil, err
		}
		results[i] = alone[i].Result
		alone[i] = Checked{}
	}
	err = parallel(ctx, len(all), func(i int) error {
		more, err := s.Together(ctx, i)
		if len(more) > 0 {
			results[i] = results[i].With(more)
			all[i].locate(ctx, results[i].Findings)
		}
		return cmp.Or(err, all[i].failed)
	})
	if err != nil {
		return nil, err
	}
	return &Report{results}, nil
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
func (s *Set) alone(ctx context.Context, o *received) (Checked, error) {
	defer budget.Of(ctx).During(o.Source.String())()
	id := identify(o.value)
	var origins func(manifest.Path) []diag.Position
	if s.passing {
		origins = func(field manifest.Path) []diag.Position { return o.origins(ctx, field) }
	}
	c := Checked{Known: true, Result: Result{Object: o.Object, ID: id}, received: o}
	c.Result.APIVersion, _ = o.value["apiVersion"].(string)
	root := s.checker.engine.Begin(ctx, id, o.value, origins)
	status := Invalid
	if root.Report(nil, o.faults...); len(o.faults) == 0 {
		status = s.object(root, &c)
	}
	c.entry = s.members.Entry(root, o.Source, o.Path)
	if err := root.Err(); err != nil {
		return Checked{}, fmt.Errorf("%s: %w", o.Source, err)
	}
	status, found := s.checker.settings.left(status, root.Findings())
	c.Result = c.Result.with(status, findingsOf(found))
	o.locate(ctx, c.Result.Findings)
	return c, o.failed
}

// object checks the node, which is an object, and returns its status but for
// findings.
func (s *Set) object(n engine.Node, c *Checked) Status {
	var hints []string
	if c.received.untyped {
		hints = []string{plain.SetType}
	}
	apiVersion, kind := isText(n.Field("apiVersion"), hints), isText(n.Field("kind"), hints)
	if !apiVersion || !kind {
		return Invalid
	}
	gvk := schema.GVK{Group: c.Result.ID.Group, Version: c.Result.version(), Kind: c.Result.ID.Kind}
	known, ok := s.checker.engine.Document.Kind(gvk.Group, gvk.Version, gvk.Kind)
	if ok && s.checker.engine.Kinds.Serves(gvk, s.checker.engine.Release.Minor()) {
		n.CheckBuiltin(gvk, known)
		if c.received.defined != nil {
			checkDefinition(n, c.received.defined)
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
	_, builtin := s.checker.engine.Kinds.Known(gvk.Group, gvk.Kind)
	c.Known = builtin || !refer.IsCustomGroup(gvk.Group)
	if n.Unserved(gvk) {
		return Invalid
	}
	return UnknownKind
}

// isText reports whether the value is a string that is not empty, and fails
// where it is none.
func isText(n engine.Node, hints []string) bool {
	if n.Text() == "" {
		n.Fail(engine.RuleType, "want a non-empty string, "+n.Got(), hints...)
		return false
	}
	return true
}
