package render

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/edit"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// TankaVersion is the version of Tanka that this package behaves like. An environment's
// expectVersions.tanka is compared with it.
const TankaVersion = "0.38.0"

const (
	// environmentLabel is the label that injectLabels sets.
	environmentLabel = "tanka.dev/environment"
	// namespacedAnnotation overrides the scope of a kind.
	namespacedAnnotation = "tanka.dev/namespaced"
)

// Objects returns the objects of env, sorted, with the changes that its spec makes. An
// object that can have a namespace and names none gets spec.namespace, or "default" if the
// spec has none. spec.resourceDefaults are set unless the object sets them itself. With
// spec.injectLabels each object gets the environment's label. Objects that the options'
// Targets do not select are left out.
//
// The error is a [*diag.List] with all faults of the objects and the spec, or a [*diag.List]
// with the faults of the Jsonnet of the environment's data, or the cause of the end of ctx
// or, for the evaluation, of the context of [Renderer.Load]. With an error no objects are
// returned.
func (r *Renderer) Objects(ctx context.Context, env Environment) ([]manifest.Object, error) {
	value, err := env.data.get()
	if err != nil {
		return nil, err
	}
	objects, found, err := flatten(ctx, env.at, value)
	if err != nil {
		return nil, err
	}
	found = append(found, nested(objects)...)
	env.locate(found)
	found = append(found, checkVersion(env)...)
	label, labelFaults := environmentLabelOf(env)
	found = append(found, labelFaults...)

	kinds := r.options.Kinds
	if kinds == nil {
		kinds = schema.Builtin()
	}
	// Validation reports the faults of a definition. Here it adds no kind.
	kinds, _ = kinds.With(objects...)
	meter := budget.Of(ctx).Meter()
	for i, o := range objects {
		if err := meter.Work(objectWork); err != nil {
			return nil, err
		}
		by := given{Environment: env, label: label, namespaced: namespaced(kinds, o)}
		if r.options.LikeTanka {
			if env.Namespace() != "" {
				// Tanka does this when it looks for its own annotation.
				o = edit.WithoutEmpty(o, "annotations")
			}
		} else {
			o = edit.WithoutAnnotation(o, namespacedAnnotation)
		}
		for _, f := range specFields() {
			o = f.apply(by, o)
		}
		objects[i] = o
	}
	twice, err := env.duplicates(&meter, objects)
	if err != nil {
		return nil, err
	}
	found = append(found, twice...)
	if err := found.Err(); err != nil {
		return nil, err
	}
	objects = slices.DeleteFunc(objects, func(o manifest.Object) bool { return !r.options.Targets.Match(o) })
	if err := budget.Away(ctx, func() { manifest.Sort(objects) }); err != nil {
		return nil, err
	}
	return objects, nil
}

// objectWork is the work on an object, for a [budget.Meter].
const objectWork = 4 << 10

// Namespace returns the namespace for objects that name none: that of the spec, "" without
// a spec.
func (e Environment) Namespace() string { return e.Resource.Spec.Namespace }

// JSON returns the environment's resource as Tanka gives it to Jsonnet and to format
// templates.
func (e Environment) JSON() []byte {
	resource := e.Resource
	resource.APIVersion, resource.Kind = project.APIVersion, project.Kind
	b, err := json.Marshal(resource)
	if err != nil {
		panic("render: a resource that JSON cannot encode: " + err.Error())
	}
	return b
}

// namespaced reports whether o can be in a namespace. Unknown kinds can, because most
// custom resources are in one.
func namespaced(kinds *schema.Kinds, o manifest.Object) bool {
	if v, ok := o.Lookup("metadata", "annotations", namespacedAnnotation); ok {
		return v == "true"
	}
	return kinds.Scope(o.ID().Group, o.ID().Kind) != schema.Cluster
}

// nested reports the environments within an environment.
func nested(objects []manifest.Object) diag.List {
	var found diag.List
	for _, o := range objects {
		if isEnvironment(o.APIVersion(), o.ID().Kind) {
			found = append(found, diag.Diagnostic{
				Code: failure.NestedEnvironment, Subject: o.Path().String(), Problem: "an Environment resource within an environment",
			})
		}
	}
	return found
}

// duplicates reports each object that occurs at more than one path. Objects with only a
// generateName have no identity yet. The error is that of the meter.
func (e Environment) duplicates(meter *budget.Meter, objects []manifest.Object) (diag.List, error) {
	var found diag.List
	first := map[manifest.ID]manifest.Path{}
	for _, o := range objects {
		if err := meter.Work(objectWork); err != nil {
			return nil, err
		}
		id := o.ID()
		if id.Name == "" {
			continue
		}
		if path, ok := first[id]; ok {
			found = append(found, diag.Diagnostic{
				Code: failure.SameObject, Subject: o.Path().String(), Problem: fmt.Sprintf("%s stands at %s already", id, path),
				Origins: slices.Compact([]diag.Position{e.first(o.Path()), e.first(path)}),
			})
			continue
		}
		first[id] = o.Path()
	}
	return found, nil
}

// first returns the most derived origin of the part at a path.
func (e Environment) first(path manifest.Path) diag.Position {
	return place(e.read, path, e.Entry.Entrypoint)[0]
}

// environmentLabelOf returns the value of the label that injectLabels sets, "" if that is
// off. The value is the beginning of the hash of the fields that tankaEnvLabelFromFields
// names, or by default of name and namespace.
func environmentLabelOf(env Environment) (string, diag.List) {
	spec := env.Resource.Spec
	if !spec.InjectLabels {
		return "", nil
	}
	fields := spec.TankaEnvLabelFromFields
	if len(fields) == 0 {
		fields = []string{".metadata.name", ".metadata.namespace"}
	}
	var resource map[string]any
	if err := json.Unmarshal(env.JSON(), &resource); err != nil {
		panic("render: " + err.Error())
	}
	var found diag.List
	var values []string
	for i, field := range fields {
		value, ok := lookup(resource, field)
		if !ok {
			at := manifest.Path{"spec", "tankaEnvLabelFromFields", i}
			found = append(found, diag.Diagnostic{
				Code:    failure.NoLabelField,
				Subject: at.String(),
				Problem: fmt.Sprintf("the environment has no string at %s", message.Quote(field)),
				Origins: eval.Positions(env.SpecOrigins(at)),
			})
		}
		values = append(values, value)
	}
	sum := sha256.Sum256([]byte(strings.Join(values, ":")))
	return hex.EncodeToString(sum[:])[:48], found
}

// lookup returns the string at a field of a resource, such as .metadata.labels.x. A key may
// have dots if no shorter key fits.
func lookup(v any, field string) (string, bool) {
	rest, ok := strings.CutPrefix(field, ".")
	if !ok {
		s, isString := v.(string)
		return s, isString && field == ""
	}
	m, ok := v.(map[string]any)
	if !ok {
		return "", false
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if after, ok := strings.CutPrefix(rest, key); ok && (after == "" || after[0] == '.') {
			if s, ok := lookup(m[key], after); ok {
				return s, true
			}
		}
	}
	return "", false
}

// checkVersion compares expectVersions.tanka with TankaVersion.
func checkVersion(env Environment) diag.List {
	want := env.Resource.Spec.ExpectVersions.Tanka
	if want == "" {
		return nil
	}
	at := manifest.Path{"spec", "expectVersions", "tanka"}
	d := diag.Diagnostic{Subject: at.String(), Origins: eval.Positions(env.SpecOrigins(at))}
	constraint, err := semver.NewConstraint(want)
	if err != nil {
		d.Problem = fmt.Sprintf("want a version constraint such as >=0.30, got %s", message.Quote(want))
		return diag.List{d}
	}
	if constraint.Check(semver.MustParse(TankaVersion)) {
		return nil
	}
	d.Problem = fmt.Sprintf("want Tanka %s, got what Tanka %s does", want, TankaVersion)
	return diag.List{d}
}
