package render

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/project"
	renderer "github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Environment describes an environment. It is plain data; the zero Environment is none.
type Environment struct {
	// Name is the name of an inline environment, which is a resource in the value of the
	// Jsonnet; otherwise it is the directory.
	Name string
	// Entrypoint is the name of the Jsonnet file.
	Entrypoint string
	// Inline is set for an inline environment. Path is its place in the value.
	Inline bool
	Path   manifest.Path
	// Labels are those of its resource.
	Labels map[string]string
	// Spec is what spec.json or the resource says, with Tanka's defaults.
	Spec Spec
}

// Spec says where and how an environment is deployed, as Tanka's resource does
// (https://tanka.dev/config). A field that is not set is zero.
type Spec struct {
	APIServer    string
	ContextNames []string
	// Namespace is that of objects that name none. If there is a spec without one, it is
	// "default"; without a spec it is "".
	Namespace               string
	DiffStrategy            string
	ApplyStrategy           string
	InjectLabels            bool
	TankaEnvLabelFromFields []string
	// Annotations and Labels are the defaults for all objects: resourceDefaults.
	Annotations, Labels map[string]string
	// ExpectTanka and ExpectKubernetes are the versions in expectVersions.
	ExpectTanka, ExpectKubernetes string
}

// environment describes an environment of the renderer.
func environment(e renderer.Environment) Environment {
	spec := e.Resource.Spec
	return Environment{
		Name: e.Name(), Entrypoint: e.Entry.Entrypoint, Inline: e.Inline, Path: slices.Clone(e.Path), Labels: maps.Clone(e.Resource.Metadata.Labels),
		Spec: Spec{
			APIServer: spec.APIServer, ContextNames: slices.Clone(spec.ContextNames), Namespace: spec.Namespace,
			DiffStrategy: spec.DiffStrategy, ApplyStrategy: spec.ApplyStrategy,
			InjectLabels: spec.InjectLabels, TankaEnvLabelFromFields: slices.Clone(spec.TankaEnvLabelFromFields),
			Annotations: maps.Clone(spec.ResourceDefaults.Annotations), Labels: maps.Clone(spec.ResourceDefaults.Labels),
			ExpectTanka: spec.ExpectVersions.Tanka, ExpectKubernetes: spec.ExpectVersions.Kubernetes,
		},
	}
}

// Environments yields the environments below a directory, "." for the root, in the order of
// their entrypoints and names. For that it lists directories. It passes over those called
// vendor or vendor-jsonnet, and those whose name begins with a dot. An entrypoint without a
// spec.json is evaluated without arguments, as far as the environments in it need it.
//
// An error that comes with an Environment is about its entrypoint, which the Environment
// names, and the loop may go on to the next one. Another error is the last: dir cannot be
// listed, or the context has ended. [Project.Render] takes the Entrypoint of an Environment
// with its Name.
func (p *Project) Environments(ctx context.Context, dir string) iter.Seq2[Environment, error] {
	return func(yield func(Environment, error) bool) {
		if p.isZero() {
			yield(Environment{}, errZero)
			return
		}
		files, err := p.Files(ctx, dir, project.Entrypoint)
		if err != nil {
			yield(Environment{}, err)
			return
		}
		for _, file := range files {
			all, err := p.list(ctx, file)
			if ended := budget.Of(ctx).Err(); ended != nil {
				yield(Environment{}, ended)
				return
			}
			if err != nil && !yield(Environment{Entrypoint: file}, err) {
				return
			}
			for _, env := range all {
				if !yield(env, nil) {
					return
				}
			}
		}
	}
}

// list returns the environments of an entrypoint.
func (p *Project) list(ctx context.Context, file string) ([]Environment, error) {
	c, err := p.call(ctx, file, Args{})
	if err != nil {
		return nil, err
	}
	defer c.end()
	return of(c, func(look *renderer.Renderer) ([]Environment, error) {
		entry, err := look.Entry(c.ctx, file)
		if err != nil {
			return nil, err
		}
		found, err := look.List(c.ctx, entry)
		all := make([]Environment, len(found.Environments))
		for i, env := range found.Environments {
			all[i] = environment(env)
		}
		return all, err
	})
}

// MarshalJSON returns Tanka's resource for the environment, with apiVersion, kind, metadata
// and spec. Its metadata.namespace is the entrypoint. The error is always nil.
func (e Environment) MarshalJSON() ([]byte, error) {
	return json.Marshal(project.Resource{
		APIVersion: project.APIVersion, Kind: project.Kind,
		Metadata: project.Metadata{Name: e.Name, Namespace: e.Entrypoint, Labels: e.Labels},
		Spec: project.Spec{
			APIServer: e.Spec.APIServer, ContextNames: e.Spec.ContextNames, Namespace: e.Spec.Namespace,
			DiffStrategy: e.Spec.DiffStrategy, ApplyStrategy: e.Spec.ApplyStrategy,
			InjectLabels: e.Spec.InjectLabels, TankaEnvLabelFromFields: e.Spec.TankaEnvLabelFromFields,
			ResourceDefaults: project.ResourceDefaults{Annotations: e.Spec.Annotations, Labels: e.Spec.Labels},
			ExpectVersions:   project.ExpectVersions{Tanka: e.Spec.ExpectTanka, Kubernetes: e.Spec.ExpectKubernetes},
		},
	})
}
