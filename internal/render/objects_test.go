package render_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
)

// objects renders main with a spec.json of the given spec and returns a line
// for each object: its identity, labels and annotations.
func objects(t *testing.T, main, spec string, o render.Options) ([]string, error) {
	t.Helper()
	texts := map[string]string{"x/main.jsonnet": main}
	if spec != "" {
		texts["x/spec.json"] = `{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"labels": {"cluster": "c1", "a.b": "dotted"}}, "spec": ` + spec + `}`
	}
	p := files(texts)
	res, err := render.New(p, o).Render(t.Context(), entry(t, p, "x"))
	var lines []string
	for _, object := range res.Objects {
		line := object.ID().String()
		for _, field := range []string{"labels", "annotations"} {
			if v, ok := object.Lookup("metadata", field); ok {
				line += fmt.Sprint(" ", v)
			}
		}
		lines = append(lines, line)
	}
	return lines, err
}

func hash(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, ":")))
	return hex.EncodeToString(sum[:])[:48]
}

func TestNamespaces(t *testing.T) {
	main := `
local object(kind, apiVersion='v1', metadata={}) = { apiVersion: apiVersion, kind: kind, metadata: { name: 'a' } + metadata };
{
  plain: object('ConfigMap'),
  'null': object('Secret', metadata={ namespace: null }),
  own: object('Service', metadata={ namespace: 'own' }),
  empty: object('Pod', metadata={ namespace: '' }),
  cluster: [
    object('Namespace'), object('IngressClass', 'networking.k8s.io/v1'), object('ClusterRole', 'rbac.authorization.k8s.io/v1'),
    object('ValidatingAdmissionPolicy', 'admissionregistration.k8s.io/v1'), object('FlowSchema', 'flowcontrol.apiserver.k8s.io/v1'),
  ],
  unknown: object('Thing', 'example.com/v1'),
  otherGroup: object('StorageClass', 'example.com/v1'),
  forced: object('Thing', 'forced.example.com/v1', { annotations: { 'tanka.dev/namespaced': 'false', keep: 'me' } }),
  forcedTo: object('ClusterRoleBinding', 'rbac.authorization.k8s.io/v1', { annotations: { 'tanka.dev/namespaced': 'true' } }),
  crd: object('CustomResourceDefinition', 'apiextensions.k8s.io/v1') + {
    spec: { group: 'own.example.com', names: { kind: 'Wide' }, scope: 'Cluster' },
  },
  wide: object('Wide', 'own.example.com/v1'),
}`
	got, err := objects(t, main, `{"namespace": "n"}`, render.Options{})
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{
		"ConfigMap n/a", "Secret n/a", "Service own/a", "Pod a",
		"Namespace a", "IngressClass.networking.k8s.io a", "ClusterRole.rbac.authorization.k8s.io a",
		"ValidatingAdmissionPolicy.admissionregistration.k8s.io a", "FlowSchema.flowcontrol.apiserver.k8s.io a",
		"Thing.example.com n/a", "StorageClass.example.com n/a",
		"Thing.forced.example.com a map[keep:me]", "ClusterRoleBinding.rbac.authorization.k8s.io n/a",
		"CustomResourceDefinition.apiextensions.k8s.io a", "Wide.own.example.com a",
	}, got)

	got, err = objects(t, main, `{"namespace": "n"}`, render.Options{LikeTanka: true})
	require.NoError(t, err)
	assert.Contains(t, got, "ClusterRoleBinding.rbac.authorization.k8s.io n/a map[tanka.dev/namespaced:true]")

	// A spec without a namespace means "default"; without a spec there is none.
	one := `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }`
	got, err = objects(t, one, `{}`, render.Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{"ConfigMap default/a"}, got)
	got, err = objects(t, one, "", render.Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{"ConfigMap a"}, got)
}

// The namespace of a spec can give two objects the same identity.
func TestDuplicatesAfterNamespacing(t *testing.T) {
	_, err := objects(t, `{
  a: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
  b: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n' } },
}`, `{"namespace": "n"}`, render.Options{})
	assert.Equal(t, `b: ConfigMap n/a stands at a already
    x/main.jsonnet:3:6
    x/main.jsonnet:2:6
    hint: give one of them another name, or hide it with a double colon (::)
`, faults(t, err))
}

func TestInjectLabels(t *testing.T) {
	main := `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { x: 'y', 'tanka.dev/environment': 'old' } } }`
	tests := []struct{ name, spec, want string }{
		{"off", `{}`, "map[tanka.dev/environment:old x:y]"},
		{"name and namespace", `{"injectLabels": true}`, "map[tanka.dev/environment:" + hash("x", "x/main.jsonnet") + " x:y]"},
		{"fields", `{"injectLabels": true, "tankaEnvLabelFromFields": [".metadata.labels.cluster", ".spec.namespace"]}`, "map[tanka.dev/environment:" + hash("c1", "default") + " x:y]"},
		{"field with a dot", `{"injectLabels": true, "tankaEnvLabelFromFields": [".metadata.labels.a.b"]}`, "map[tanka.dev/environment:" + hash("dotted") + " x:y]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for range 5 {
				got, err := objects(t, main, tt.spec, render.Options{})
				require.NoError(t, err)
				assert.Equal(t, []string{"ConfigMap default/a " + tt.want}, got)
			}
		})
	}
	_, err := objects(t, main, `{"injectLabels": true, "tankaEnvLabelFromFields": [".metadata.labels.nope", "name"]}`, render.Options{})
	assert.Equal(t, `spec.tankaEnvLabelFromFields[0]: the environment has no string at ".metadata.labels.nope"
    x/spec.json:1
    hint: name a field of the environment such as .metadata.name or .metadata.labels.cluster
spec.tankaEnvLabelFromFields[1]: the environment has no string at "name"
    x/spec.json:1
    hint: name a field of the environment such as .metadata.name or .metadata.labels.cluster
`, faults(t, err))
}

func TestResourceDefaults(t *testing.T) {
	got, err := objects(t, `[
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } },
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', labels: { team: 'own' }, annotations: null } },
]`, `{"resourceDefaults": {"labels": {"team": "t", "env": "e"}, "annotations": {"note": "n"}}}`, render.Options{})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"ConfigMap default/a map[env:e team:t] map[note:n]",
		"ConfigMap default/b map[env:e team:own] map[note:n]",
	}, got)
}

func TestExpectVersions(t *testing.T) {
	for constraint, want := range map[string]string{
		">=0.30":      "",
		"0.38.x":      "",
		"<0.20":       "spec.expectVersions.tanka: want Tanka <0.20, got what Tanka 0.38.0 does\n    x/spec.json:1\n",
		"recent ones": "spec.expectVersions.tanka: want a version constraint such as >=0.30, got \"recent ones\"\n    x/spec.json:1\n",
	} {
		t.Run(constraint, func(t *testing.T) {
			_, err := objects(t, `{}`, `{"expectVersions": {"tanka": "`+constraint+`"}}`, render.Options{})
			if want == "" {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, want, faults(t, err))
		})
	}
}

func TestRenderTargets(t *testing.T) {
	targets, err := render.ParseTargets([]string{"configmap/.*", "!configmap/b"})
	require.NoError(t, err)
	got, err := objects(t, `[{ apiVersion: 'v1', kind: k, metadata: { name: n } } for k in ['ConfigMap', 'Secret'] for n in ['a', 'b', 'c']]`, "", render.Options{Targets: targets})
	require.NoError(t, err)
	assert.Equal(t, []string{"ConfigMap a", "ConfigMap c"}, got)
}

// The work on objects ends with the context.
func TestObjectsEnd(t *testing.T) {
	p := project.New(fstest.MapFS{"main.jsonnet": {Data: []byte("[{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' + i } } for i in std.range(1, 100)]")}})
	r := render.New(p, render.Options{})
	f, err := r.Load(t.Context(), project.Environment{Dir: ".", Entrypoint: "main.jsonnet"})
	require.NoError(t, err)
	objects, err := r.Objects(t.Context(), f.Chosen[0])
	require.NoError(t, err)
	assert.Len(t, objects, 100)
	errGone := errors.New("the client is gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errGone)
	objects, err = r.Objects(ctx, f.Chosen[0])
	assert.ErrorIs(t, err, errGone)
	assert.Empty(t, objects)
}
