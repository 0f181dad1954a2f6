package render_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/manifest"
)

// webLibrary makes a Deployment, line by line.
const webLibrary = `{
  deployment(name): {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: name },
    spec: { replicas: 1, template: { spec: std.mergePatch({ containers: [] }, { x: 1 }) } },
  },
}
`

func texts(origins []eval.Origin) []string {
	var out []string
	for _, o := range origins {
		out = append(out, o.At.String())
	}
	return out
}

func TestOrigins(t *testing.T) {
	main := `local web = import 'web.libsonnet';
local env(data) = {
  apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: 'dev' },
  spec: { namespace: 'shop' },
  data: data,
};
`
	data := `[
  web.deployment('a') { spec+: { replicas: 3 } },
  { kind: 'DeploymentList', items: [web.deployment('b')] },
]`
	static := `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "spec": {"namespace": "shop"}}`
	tests := []struct {
		name, main, spec string
		path             manifest.Path
		want             []string
	}{
		{"field that is set again", main + data, static, manifest.Path{0, "spec", "replicas"}, []string{"x/main.jsonnet:8:44"}},
		{"field that is added to", main + data, static, manifest.Path{0, "spec"}, []string{"x/main.jsonnet:8:32", "lib/web.libsonnet:6:11"}},
		{"field of a library", main + data, static, manifest.Path{0, "kind"}, []string{"lib/web.libsonnet:4:11"}},
		{"object", main + data, static, manifest.Path{0}, []string{"x/main.jsonnet:8:3"}},
		{"item of a list", main + data, static, manifest.Path{1, "items", 0}, []string{"x/main.jsonnet:9:37"}},
		{"made by a function of std", main + data, static, manifest.Path{0, "spec", "template", "spec", "x"}, []string{"lib/web.libsonnet:6:84", "lib/web.libsonnet:6:44"}},
		{"missing", main + data, static, manifest.Path{0, "spec", "selector", "matchLabels"}, []string{"x/main.jsonnet:8:32", "lib/web.libsonnet:6:11"}},
		{"set by the spec", main + data, static, manifest.Path{0, "metadata", "namespace"}, []string{"lib/web.libsonnet:5:15"}},
		{"whole", main + data, static, nil, []string{"x/main.jsonnet:7:1"}},
		{"in an inline environment", main + "{ envs: [env(" + data + ")] }", "", manifest.Path{"envs", 0, "data", 0, "spec", "replicas"}, []string{"x/main.jsonnet:8:44"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := map[string]string{"x/main.jsonnet": tt.main, "lib/web.libsonnet": webLibrary}
			specOrigin := "x/main.jsonnet:4:22"
			if tt.spec != "" {
				f["x/spec.json"] = tt.spec
				specOrigin = "x/spec.json:1"
			}
			p := files(f)
			for name, load := range map[string]func(*render.Renderer) (render.File, error){
				"all": func(r *render.Renderer) (render.File, error) { return r.Load(t.Context(), entry(t, p, "x")) },
				"chosen": func(r *render.Renderer) (render.File, error) {
					return r.LoadChosen(t.Context(), entry(t, p, "x"), func(all []render.Environment) []render.Environment { return all })
				},
			} {
				file, err := load(render.New(p, render.Options{}))
				require.NoError(t, err)
				env := file.Environments[0]
				assert.Equal(t, tt.want, texts(env.Origins(tt.path)), name)
				assert.Equal(t, []string{specOrigin}, texts(env.SpecOrigins(manifest.Path{"spec", "namespace"})), name)
			}

			o := render.Options{Interpreter: eval.Interpreter{Engine: eval.GoJsonnet}}
			file, err := render.New(p, o).Load(t.Context(), entry(t, p, "x"))
			require.NoError(t, err)
			assert.Empty(t, file.Environments[0].Origins(tt.path))
		})
	}
}

// A message names three places at most, and the environment.
func TestFaultsNameOrigins(t *testing.T) {
	_, err := objects(t, `{ a: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} } }
+ { a+: { metadata+: {} } }
+ { a+: { metadata+: {} } }
+ { a+: { metadata+: {} } }`, "", render.Options{})
	assert.Equal(t, `a.metadata.name: want a non-empty string, got none
    x/main.jsonnet:4:22
    x/main.jsonnet:3:22
    x/main.jsonnet:2:22
    hint: set metadata.name, or metadata.generateName to have one made
`, faults(t, err))

	p := files(map[string]string{"x/main.jsonnet": "import 'a.libsonnet'", "x/a.libsonnet": "{\n a: 1 }"})
	_, err = render.New(p, render.Options{}).Render(t.Context(), entry(t, p, "x"))
	assert.Equal(t, `a: want an object, got number 1
    x/a.libsonnet:2:5
    x/main.jsonnet
    hint: hide what is no Kubernetes object with a double colon (::)
`, faults(t, err))
}

// Fields that the spec sets have their origin in the spec.
func TestObjectOrigins(t *testing.T) {
	p := files(map[string]string{
		"x/main.jsonnet": `{
  apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: 'e' },
  spec: {
    namespace: 'n',
    injectLabels: true,
    resourceDefaults: {
      labels: { team: 't' },
      annotations: { note: 'x' },
    },
  },
  data: {
    apiVersion: 'v1', kind: 'ConfigMap',
    metadata: {
      name: 'a',
      annotations: null,
      labels: { own: 'o', 'tanka.dev/environment': 'old' },
    },
  },
}`,
		"y/main.jsonnet": `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }`,
		"y/spec.json":    `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "spec": {"namespace": "n"}}`,
	})
	res, err := render.New(p, render.Options{}).Render(t.Context(), entry(t, p, "x"))
	require.NoError(t, err)
	for field, want := range map[string]string{
		"metadata.name":                            "x/main.jsonnet:14:13",
		"metadata.namespace":                       "x/main.jsonnet:4:16",
		"metadata.annotations":                     "x/main.jsonnet:8:20",
		"metadata.annotations.note":                "x/main.jsonnet:8:28",
		"metadata.labels":                          "x/main.jsonnet:16:15",
		"metadata.labels.team":                     "x/main.jsonnet:7:23",
		"metadata.labels.own":                      "x/main.jsonnet:16:22",
		`metadata.labels["tanka.dev/environment"]`: "x/main.jsonnet:5:19",
		"spec": "x/main.jsonnet:11:9", // missing
	} {
		path, err := manifest.ParsePath(field)
		require.NoError(t, err)
		assert.Equal(t, []string{want}, texts(res.Environment.ObjectOrigins(res.Objects[0], path)), field)
	}

	res, err = render.New(p, render.Options{}).Render(t.Context(), entry(t, p, "y"))
	require.NoError(t, err)
	namespace := manifest.Path{"metadata", "namespace"}
	assert.True(t, res.Environment.FromSpec(res.Objects[0], namespace))
	assert.Equal(t, []string{"y/spec.json:1"}, texts(res.Environment.ObjectOrigins(res.Objects[0], namespace)))
}

// Objects of one file are checked at the same time.
func TestOriginsConcurrently(t *testing.T) {
	p := files(map[string]string{"x/main.jsonnet": `{ ['m%d' % i]: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm%d' % i } } for i in std.range(1, 50) }`})
	res, err := render.New(p, render.Options{}).Render(t.Context(), entry(t, p, "x"))
	require.NoError(t, err)
	var g sync.WaitGroup
	for _, o := range res.Objects {
		g.Go(func() {
			assert.Equal(t, []string{"x/main.jsonnet:1:73", "x/main.jsonnet:1:96"}, texts(res.Environment.Origins(o.Path().Field("metadata").Field("name"))))
		})
	}
	g.Wait()
}
