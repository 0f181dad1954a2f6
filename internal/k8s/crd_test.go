package k8s_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/format"
	"github.com/mop-platform/mop/internal/k8s"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// withCRDs returns the definitions of Kubernetes 1.29 and of the
// CustomResourceDefinitions in a text.
func withCRDs(t *testing.T, text string) []k8s.Definition {
	t.Helper()
	documents, found, err := manifest.Parse(t.Context(), "crds.yaml", []byte(text))
	require.NoError(t, err)
	require.Empty(t, found)
	document, err := schema.Open(29)
	require.NoError(t, err)
	for _, d := range documents {
		o, found := manifest.New(nil, d.Value.(map[string]any))
		require.Empty(t, found)
		document, found = document.With(o)
		require.Empty(t, found)
	}
	return k8s.Definitions(document)
}

// definition returns a CustomResourceDefinition of one version.
func definition(group, version, kind, schema string) string {
	return `---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ` + strings.ToLower(kind) + `s.` + group + `}
spec:
  group: ` + group + `
  names: {kind: ` + kind + `}
  scope: Namespaced
  versions: [{name: ` + version + `, served: true, schema: {openAPIV3Schema: ` + schema + `}}]
`
}

const widget = `{type: object, description: A widget., properties: {
  status: {type: object, properties: {a: {type: string}}},
  spec: {type: object, description: What is wanted., properties: {
    size: {type: integer},
    port: {x-kubernetes-int-or-string: true},
    labels: {type: object, additionalProperties: {type: string}},
    any: {type: object, x-kubernetes-preserve-unknown-fields: true},
    values: {x-kubernetes-preserve-unknown-fields: true},
    names: {type: array, items: {type: string}},
    template: {type: object, properties: {
      metadata: {type: object},
      spec: {type: object, properties: {image: {type: string}}}}},
    podMetadata: {type: object, properties: {labels: {type: object}}},
    small: {type: object, properties: {metadata: {type: object, properties: {labels: {type: object}}}}},
    rules: {type: array, description: What is done., items: {type: object, description: One thing that is done., properties: {
      verb: {type: string},
      match: {type: object, properties: {path: {type: string}}},
      metadata: {type: object},
      hosts: {type: array, items: {type: object, properties: {name: {type: string}}}}}}}}}}}`

func TestCustomResources(t *testing.T) {
	l := files(t, withCRDs(t, definition("things.example.org", "v1", "HTTPWidget", widget)+
		definition("things.example.org", "stable", "Widget", "{type: object, x-kubernetes-preserve-unknown-fields: true}")+
		definition("cert-manager.io", "v1", "Certificate", "{type: object}")+
		definition("external-secrets.io", "v1", "ExternalSecret", "{type: object}")+
		definition("networking.istio.io", "v1", "Gateway", "{type: object}")+
		definition("core.example.org", "v1-beta", "Pod", "{type: object}")), k8s.Options{})
	const w = `k.things.v1.httpWidget`
	tests := []struct{ name, expr, want string }{
		{"new", w + `.new('a')`, `{"apiVersion":"things.example.org/v1","kind":"HTTPWidget","metadata":{"name":"a"}}`},
		{"metadata", w + `.metadata.withLabels({b: 'c'}) + ` + w + `.metadata.withNamespace('d')`, `{"metadata":{"labels":{"b":"c"},"namespace":"d"}}`},
		{"mixin", w + `.mixin.spec.withSize(1)`, `{"spec":{"size":1}}`},
		{"status is left out", `['status' in ` + w + `, 'withKind' in ` + w + `]`, `[false,false]`},
		{"int or string", w + `.spec.withPort('http')`, `{"spec":{"port":"http"}}`},
		{"map", w + `.spec.withLabels({a: '1'}) + ` + w + `.spec.withLabelsMixin({b: '2'})`, `{"spec":{"labels":{"a":"1","b":"2"}}}`},
		{"object of any fields", w + `.spec.withAny({a: 1}) + ` + w + `.spec.withAnyMixin({b: 2})`, `{"spec":{"any":{"a":1,"b":2}}}`},
		{"any value", w + `.spec.withValues(1)`, `{"spec":{"values":1}}`},
		{"any value is not added to", `'withValuesMixin' in ` + w + `.spec`, `false`},
		{"list", w + `.spec.withNames('a') + ` + w + `.spec.withNamesMixin(['b'])`, `{"spec":{"names":["a","b"]}}`},
		{"parts by path", w + `.spec.template.spec.withImage('a')`, `{"spec":{"template":{"spec":{"image":"a"}}}}`},
		{"metadata of a part", w + `.spec.template.metadata.withAnnotations({a: 'b'})`, `{"spec":{"template":{"metadata":{"annotations":{"a":"b"}}}}}`},
		{"metadata with fields of its own", `[std.objectFields(` + w + `.spec.small.metadata), std.objectFields(` + w + `.spec.podMetadata)]`,
			`[["withLabels","withLabelsMixin"],["withLabels","withLabelsMixin"]]`},
		{"list of objects", `local s = ` + w + `.spec; s.withRules(s.rules.withVerb('a') + s.rules.match.withPath('/b')) + s.withRulesMixin([s.rules.withVerb('c')])`,
			`{"spec":{"rules":[{"match":{"path":"/b"},"verb":"a"},{"verb":"c"}]}}`},
		{"metadata of an item", w + `.spec.rules.metadata.withName('a')`, `{"metadata":{"name":"a"}}`},
		{"list in an item", `local r = ` + w + `.spec.rules; r.withHosts(r.hosts.withName('a')) + r.withHostsMixin(r.hosts.withName('b'))`,
			`{"hosts":[{"name":"a"},{"name":"b"}]}`},
		{"version without a number", `k.things.stable.widget.new('a').apiVersion`, `"things.example.org/stable"`},
		{"version with a hyphen", `k.core['v1-beta'].pod.new('a').apiVersion`, `"core.example.org/v1-beta"`},
		{"groups with hyphens", `[k.nogroup.v1.certificate.new('a').apiVersion, k.nogroup.v1.externalSecret.new('a').apiVersion]`,
			`["cert-manager.io/v1","external-secrets.io/v1"]`},
		{"groups of one name", `[k.networking.v1.gateway.new('a').apiVersion, k.networking.v1.ingress.new('a').apiVersion]`,
			`["networking.istio.io/v1","networking.k8s.io/v1"]`},
		{"the other kinds", `k.core.v1.configMap.new('a', {b: 'c'})`, `{"apiVersion":"v1","data":{"b":"c"},"kind":"ConfigMap","metadata":{"name":"a"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, l.eval(t, tt.expr)) })
	}
}

func TestCustomResourcesHaveDocs(t *testing.T) {
	l := files(t, withCRDs(t, definition("things.example.org", "v1", "Widget", widget)), k8s.Options{Docs: true})
	tests := []struct{ name, expr, want string }{
		{"kind", `k.things.v1.widget['#']`, `{"help":"A widget.","name":"widget"}`},
		{"object", `k.things.v1.widget['#spec']`, `{"object":{"help":"What is wanted."}}`},
		{"function", `k.things.v1.widget.spec['#withRules']`, `{"function":{"args":[{"default":null,"name":"rules","type":"array"}],"help":"What is done."}}`},
		{"item", `k.things.v1.widget.spec['#rules']`, `{"object":{"help":"One thing that is done."}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, l.eval(t, tt.expr)) })
	}
	const name = "_gen/things/v1/widget.libsonnet"
	formatted, err := format.Source(t.Context(), name, l.files[name])
	require.NoError(t, err)
	assert.Equal(t, formatted, l.files[name])
}

// Kinds of two groups with the same first label must not hide each other, nor the kinds of
// Kubernetes or parts of them.
func TestCustomResourcesOfOneName(t *testing.T) {
	tests := []struct{ name, crds, want string }{
		{"two groups", definition("a.example.org", "v1", "Widget", "{type: object}") + definition("a.example.com", "v1", "Widget", "{type: object}"),
			"k.a.v1.widget: want one definition, got 2: com.example.a.v1.Widget, org.example.a.v1.Widget"},
		{"groups with hyphens", definition("a-b.org", "v1", "Widget", "{type: object}") + definition("c-d.org", "v1", "Widget", "{type: object}"),
			"k.nogroup.v1.widget: want one definition, got 2: org.a-b.v1.Widget, org.c-d.v1.Widget"},
		{"a built-in kind", definition("networking.example.org", "v1", "Ingress", "{type: object}"),
			"k.networking.v1.ingress: want one definition, got 2: io.k8s.api.networking.v1.Ingress, org.example.networking.v1.Ingress"},
		{"a part", definition("networking.example.org", "v1", "IngressBackend", "{type: object}"),
			"k.networking.v1.ingressBackend: want one definition, got 2: io.k8s.api.networking.v1.IngressBackend, org.example.networking.v1.IngressBackend"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := k8s.Generate(t.Context(), withCRDs(t, tt.crds), k8s.Options{})
			require.ErrorAs(t, err, new(*diag.List))
			assert.EqualError(t, err, tt.want)
		})
	}
}

// The definitions of the Prometheus operator.
func TestMonitoring(t *testing.T) {
	paths, err := filepath.Glob("../../../shared/corpus/crds/*.yaml")
	require.NoError(t, err)
	if len(paths) == 0 {
		t.Skip("no CustomResourceDefinitions")
	}
	var text strings.Builder
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		text.WriteString("---\n" + string(data) + "\n")
	}
	defs := withCRDs(t, text.String())
	for _, o := range []k8s.Options{{}, {Docs: true}} {
		l := files(t, defs, o)
		assert.Equal(t, `{"apiVersion":"monitoring.coreos.com/v1","kind":"ServiceMonitor","metadata":{"name":"x"},"spec":{"endpoints":[`+
			`{"authorization":{"credentials":{"key":"token","name":"s"}},"port":"web","relabelings":[{"targetLabel":"l"}]},{"targetPort":8080}],`+
			`"selector":{"matchExpressions":[{"key":"k","operator":"In","values":["v"]}],"matchLabels":{"app":"x"}}}}`,
			l.eval(t, `local sm = k.monitoring.v1.serviceMonitor, e = sm.spec.endpoints;
				sm.new('x')
				+ sm.spec.withEndpoints(e.withPort('web') + e.withRelabelings(e.relabelings.withTargetLabel('l'))
				  + e.authorization.credentials.withName('s') + e.authorization.credentials.withKey('token'))
				+ sm.spec.withEndpointsMixin(e.withTargetPort(8080))
				+ sm.spec.selector.withMatchLabels({app: 'x'})
				+ sm.spec.selector.withMatchExpressions(
				  local m = sm.spec.selector.matchExpressions; m.withKey('k') + m.withOperator('In') + m.withValues('v'))`))
		assert.Equal(t, `{"apiVersion":"monitoring.coreos.com/v1","kind":"PrometheusRule","metadata":{"name":"x","namespace":"n"},`+
			`"spec":{"groups":[{"interval":"1m","name":"g","rules":[{"expr":"up"}]}]}}`,
			l.eval(t, `local pr = k.monitoring.v1.prometheusRule, g = pr.spec.groups;
				pr.new('x') + pr.metadata.withNamespace('n')
				+ pr.spec.withGroups(g.withName('g') + g.withInterval('1m') + g.withRules(g.rules.withExpr('up')))`))
	}
}

// The budget ends in a definition that is not built in, as long as there is work on those.
func TestGenerateEnds(t *testing.T) {
	definitions := withCRDs(t, definition("zoo.example.org", "v1", "Zebra", widget))
	at := diag.Position{File: "crds.yaml", Line: 2}
	for i, d := range definitions {
		if d.Name == "org.example.zoo.v1.Zebra" {
			definitions[i].Origin = at
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(io.ErrClosedPipe)
	_, err := k8s.Generate(ctx, definitions, k8s.Options{})
	var stopped *k8s.Interrupted
	require.ErrorAs(t, err, &stopped)
	require.ErrorIs(t, err, io.ErrClosedPipe)
	require.Equal(t, at, stopped.Origin)
	require.EqualError(t, err, "crds.yaml:2: io: read/write on closed pipe")
}
