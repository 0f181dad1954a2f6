package k8s_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-jsonnet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/format"
	"github.com/mop-platform/mop/internal/k8s"
	"github.com/mop-platform/mop/internal/pace"
)

func TestSetters(t *testing.T) {
	l := generate(t, k8s.Options{})
	tests := []struct{ name, expr, want string }{
		{"new", `k.networking.v1.ingress.new('a')`,
			`{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"a"}}`},
		{"new in the core group", `k.core.v1.namespace.new(name='a')`,
			`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}}`},
		{"new without metadata", `k.meta.v1.deleteOptions.new('a')`, `{"apiVersion":"v1","kind":"DeleteOptions"}`},
		{"scalar", `k.core.v1.container.withImage('a')`, `{"image":"a"}`},
		{"full path", `k.apps.v1.deployment.spec.withReplicas(2)`, `{"spec":{"replicas":2}}`},
		{"full path of shared parts", `k.batch.v1.cronJob.spec.jobTemplate.spec.template.spec.securityContext.withRunAsUser(1)`,
			`{"spec":{"jobTemplate":{"spec":{"template":{"spec":{"securityContext":{"runAsUser":1}}}}}}}`},
		{"the part by itself", `k.core.v1.podSpec.securityContext.withRunAsUser(1)`, `{"securityContext":{"runAsUser":1}}`},
		{"what is beside stays", `{spec: {replicas: 1, paused: true}} + k.apps.v1.deployment.spec.withReplicas(2)`,
			`{"spec":{"paused":true,"replicas":2}}`},
		{"list of one", `k.core.v1.container.withArgs('a')`, `{"args":["a"]}`},
		{"list of many", `k.core.v1.container.withArgs(['a', 'b'])`, `{"args":["a","b"]}`},
		{"list in a shared part", `k.apps.v1.deployment.spec.template.spec.withContainers({name: 'a'})`,
			`{"spec":{"template":{"spec":{"containers":[{"name":"a"}]}}}}`},
		{"list is replaced", `{args: ['a']} + k.core.v1.container.withArgs('b')`, `{"args":["b"]}`},
		{"list of objects is appended to", `k.core.v1.pod.spec.withVolumes([{name: 'a'}]) + k.core.v1.pod.spec.withVolumesMixin({name: 'b'})`,
			`{"spec":{"volumes":[{"name":"a"},{"name":"b"}]}}`},
		{"list is appended to", `k.core.v1.container.withArgs('a') + k.core.v1.container.withArgsMixin(['b', 'c'])`,
			`{"args":["a","b","c"]}`},
		{"list is begun", `k.core.v1.container.withArgsMixin('a')`, `{"args":["a"]}`},
		{"map is replaced", `{metadata: {labels: {a: '1'}}} + k.core.v1.pod.metadata.withLabels({b: '2'})`,
			`{"metadata":{"labels":{"b":"2"}}}`},
		{"map is added to", `{metadata: {labels: {a: '1'}}} + k.core.v1.pod.metadata.withLabelsMixin({b: '2'})`,
			`{"metadata":{"labels":{"a":"1","b":"2"}}}`},
		{"metadata", `k.apps.v1.deployment.metadata.withName('a') + k.apps.v1.deployment.metadata.withNamespace('b')
			+ k.apps.v1.deployment.spec.template.metadata.withAnnotations({c: 'd'})`,
			`{"metadata":{"name":"a","namespace":"b"},"spec":{"template":{"metadata":{"annotations":{"c":"d"}}}}}`},
		{"mixin", `k.core.v1.pod.mixin.spec.withNodeName('a')`, `{"spec":{"nodeName":"a"}}`},
		{"mixin has what is written by hand", `k.core.v1.configMap.mixin.new('a')`,
			`{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}`},
		{"parameter that would be a keyword", `k.core.v1.portStatus.withError(err='a')`, `{"error":"a"}`},
		{"capital", `k.core.v1.daemonEndpoint.withPort(port=1)`, `{"Port":1}`},
		{"$ref", `k.apiextensions.v1.jsonSchemaProps.withRef(ref='a')`, `{"$ref":"a"}`},
		{"$schema", `k.apiextensions.v1.jsonSchemaProps.withSchema('a')`, `{"$schema":"a"}`},
		{"hyphens", `k.apiextensions.v1.jsonSchemaProps.withXKubernetesListType(xKubernetesListType='map')`,
			`{"x-kubernetes-list-type":"map"}`},
		{"default, enum and not", `k.apiextensions.v1.jsonSchemaProps.withDefault(1) + k.apiextensions.v1.jsonSchemaProps.withEnum([1, 2])
			+ k.apiextensions.v1.jsonSchemaProps.withNot({type: 'string'})`, `{"default":1,"enum":[1,2],"not":{"type":"string"}}`},
		{"apiVersion of a part", `k.core.v1.binding.target.withApiVersion('v1') + k.core.v1.binding.target.withKind('Node')`,
			`{"target":{"apiVersion":"v1","kind":"Node"}}`},
		{"object of any content", `k.meta.v1.managedFieldsEntry.withFieldsV1({a: 1}) + k.meta.v1.managedFieldsEntry.withFieldsV1Mixin({b: 2})`,
			`{"fieldsV1":{"a":1,"b":2}}`},
		{"gen alone", `(import 'k8s/gen.libsonnet').apps.v1.deployment.new('a').kind`, `"Deployment"`},
		{"a kind by its file", `(import 'k8s/_gen/core/v1/podSpec.libsonnet').withNodeName('a')`, `{"nodeName":"a"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, l.eval(t, tt.expr)) })
	}
}

// Fields that only the cluster writes cannot be set.
func TestStatusAndListsAreLeftOut(t *testing.T) {
	l := generate(t, k8s.Options{})
	assert.Equal(t, `[false,false,false]`, l.eval(t,
		`['status' in k.core.v1.pod, 'withStatus' in k.core.v1.podCondition, 'podList' in k.core.v1]`))
}

// The library has the same visible fields as k8s-libsonnet: no groups, all generated parts
// of a group, nothing that is written by hand.
func TestVisibility(t *testing.T) {
	for _, o := range []k8s.Options{{}, {Docs: true}} {
		l := generate(t, o)
		tests := []struct{ name, expr, want string }{
			{"groups", `k`, `{}`},
			{"groups that have no additions", `import 'k8s/gen.libsonnet'`, `{}`},
			{"groups are there", `std.all([g in k for g in ['core', 'apps', 'networking', 'meta']])`, `true`},
			{"additions keep a group hidden", `k + {core+: {v1+: {pod+: {}}}, apps+: {}}`, `{}`},
			{"versions", `std.objectFields(k.autoscaling)`, `["v1","v2"]`},
			{"kinds", `std.objectFields(k.storage.v1)`, `["csiDriver","csiDriverSpec","csiNode","csiNodeDriver","csiNodeSpec","csiStorageCapacity",` +
				`"storageClass","tokenRequest","volumeAttachment","volumeAttachmentSource","volumeAttachmentSpec","volumeAttachmentStatus","volumeError","volumeNodeResources"]`},
			{"what is in a kind", `std.objectFields(k.networking.v1.ingressClass)`, `["metadata","mixin","new","spec"]`},
			{"functions of a part", `std.objectFields(k.networking.v1.ingressClass.spec)`, `["parameters","withController"]`},
			{"what is written by hand", `[f for f in std.objectFieldsAll(k.core.v1.volumeMount) if f[0] != '#' && f != '_at' && !std.objectHas(k.core.v1.volumeMount, f)]`, `["new"]`},
			{"functions for all containers", `std.objectFields(k.apps.v1.deployment)`, `["metadata","mixin","spec"]`},
			{"objects in k", `k + {cm: $.core.v1.configMap.new('a', {})}`,
				`{"cm":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}}`},
		}
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%s, docs %t", tt.name, o.Docs), func(t *testing.T) { assert.Equal(t, tt.want, l.eval(t, tt.expr)) })
		}
	}
	l := files(t, withCRDs(t, definition("things.example.org", "v1", "Widget", widget)+
		definition("cert-manager.io", "v1", "Certificate", "{type: object}")), k8s.Options{})
	assert.Equal(t, `{"a":{"apiVersion":"things.example.org/v1","kind":"Widget","metadata":{"name":"a"}}}`,
		l.eval(t, `k + {a: $.things.v1.widget.new('a')}`), "groups of custom resources")
}

func TestFilesAreFormattedAndSayThatTheyAreGenerated(t *testing.T) {
	for _, docs := range []bool{false, true} {
		for name, text := range generate(t, k8s.Options{Docs: docs}).files {
			formatted, err := format.Source(t.Context(), name, text)
			require.NoError(t, err)
			assert.Equal(t, formatted, text)
			first, _, _ := strings.Cut(text, "\n")
			assert.Equal(t, "// Generated by mop from the definitions of the Kubernetes API. Do not edit.", first)
		}
	}
}

func TestGenerateIsDeterministic(t *testing.T) {
	defs := slices.Clone(definitions(t))
	one, err := k8s.Generate(t.Context(), defs, k8s.Options{Docs: true})
	require.NoError(t, err)
	slices.SortFunc(defs, func(a, b k8s.Definition) int { return strings.Compare(b.Name, a.Name) })
	two, err := k8s.Generate(t.Context(), defs, k8s.Options{Docs: true})
	require.NoError(t, err)
	assert.Equal(t, one, two)
	assert.True(t, slices.IsSortedFunc(one, func(a, b k8s.File) int { return strings.Compare(a.Name, b.Name) }))
}

func TestDocs(t *testing.T) {
	without, with := generate(t, k8s.Options{}), generate(t, k8s.Options{Docs: true})
	for name, text := range without.files {
		assert.NotContains(t, text, "'#", name)
		assert.NotContains(t, text, "doc.libsonnet", name)
	}
	tests := []struct{ name, expr, want string }{
		{"kind", `k.core.v1.keyToPath['#']`, `{"help":"Maps a string key to a path within a volume.","name":"keyToPath"}`},
		{"object", `k.apps.v1.deploymentSpec['#strategy']`,
			`{"object":{"help":"The deployment strategy to use to replace existing pods with new ones."}}`},
		{"function", `k.apps.v1.deploymentSpec['#withPaused']`,
			`{"function":{"args":[{"default":null,"name":"paused","type":"bool"}],"help":"Indicates that the deployment is paused."}}`},
		{"written by hand", `k.core.v1.persistentVolume['#new']`,
			"{\"function\":{\"args\":[{\"default\":\"\",\"name\":\"name\",\"type\":\"string\"}],\"help\":\"`new` returns a PersistentVolume, without a name if that is empty.\"}}"},
		{"hidden", `'#' in k.core.v1.pod && !std.member(std.objectFields(k.core.v1.pod), '#')`, `true`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, with.eval(t, tt.expr)) })
	}
	assert.Equal(t, signatures(t, without), signatures(t, with))
}

func typed(typ string, properties map[string]k8s.Schema) k8s.Schema {
	return k8s.Schema{Type: typ, Properties: properties}
}

func thing(properties map[string]k8s.Schema) k8s.Definition {
	return k8s.Definition{
		Name:   "org.example.v1.Thing",
		Kinds:  []k8s.GroupVersionKind{{Group: "example.org", Version: "v1", Kind: "Thing"}},
		Schema: typed("object", properties),
	}
}

// Definitions like those of CustomResourceDefinitions.
func TestUnusualDefinitions(t *testing.T) {
	text := typed("string", nil)
	ref := func(name string) k8s.Schema { return k8s.Schema{Ref: "#/definitions/" + name} }
	l := files(t, []k8s.Definition{
		thing(map[string]k8s.Schema{
			"spec": typed("object", map[string]k8s.Schema{
				"at": text, "assert": text, "list": typed("array", nil),
				"deep": typed("object", map[string]k8s.Schema{"local": text}),
			}),
			"in": typed("object", map[string]k8s.Schema{"a": text}),
		}),
		{Name: "org.example.v1.Ring", Schema: typed("object", map[string]k8s.Schema{"next": ref("org.example.v1.Link")})},
		{Name: "org.example.v1.Link", Schema: typed("object", map[string]k8s.Schema{"ring": ref("org.example.v1.Ring"), "a": text})},
	}, k8s.Options{})
	tests := []struct{ name, expr, want string }{
		{"objects in a definition", `k.example.v1.thing.spec.deep.withLocal('a')`, `{"spec":{"deep":{"local":"a"}}}`},
		{"property that is a keyword", `k.example.v1.thing['in'].withA('a')`, `{"in":{"a":"a"}}`},
		{"parameter that would be a keyword", `k.example.v1.thing.spec.withAssert(Assert='a')`, `{"spec":{"assert":"a"}}`},
		{"at", `k.example.v1.thing.spec.withAt('a')`, `{"spec":{"at":"a"}}`},
		{"list", `k.example.v1.thing.spec.withList('a')`, `{"spec":{"list":["a"]}}`},
		{"parts of each other", `k.example.v1.link.withRing({a: 1}) + k.example.v1.link.withRingMixin({b: 2})`, `{"ring":{"a":1,"b":2}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, l.eval(t, tt.expr)) })
	}
}

func TestGenerateRefuses(t *testing.T) {
	text := typed("string", nil)
	tests := []struct {
		name string
		defs []k8s.Definition
		want string
	}{
		{"a reference to nothing", []k8s.Definition{thing(map[string]k8s.Schema{"spec": {Ref: "#/definitions/a.v1.Spec"}})},
			`org.example.v1.Thing.spec: want a definition, got a reference to "#/definitions/a.v1.Spec"`},
		{"a definition twice", []k8s.Definition{thing(nil), thing(nil)}, "org.example.v1.Thing: defined twice"},
		{"two in one place", []k8s.Definition{thing(map[string]k8s.Schema{"a": text}),
			{Name: "com.example.v1.Thing", Schema: typed("object", map[string]k8s.Schema{"b": text})}},
			"k.example.v1.thing: want one definition, got 2: com.example.v1.Thing, org.example.v1.Thing"},
		{"a kind in the place of an index", []k8s.Definition{{Name: "org.example.v1.Main", Schema: typed("object", map[string]k8s.Schema{"a": text})}},
			"_gen/example/v1/main.libsonnet: want one file, got two"},
		{"two properties of one name", []k8s.Definition{thing(map[string]k8s.Schema{"a-b": text, "aB": text})},
			"org.example.v1.Thing: want properties whose functions have different names: _gen/example/v1/thing.libsonnet:3:3: Duplicate field: withAB"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := k8s.Generate(t.Context(), tt.defs, k8s.Options{})
			assert.EqualError(t, err, tt.want)
		})
	}
}

// FuzzGenerate checks for any names and descriptions that the library parses and sets the
// property.
func FuzzGenerate(f *testing.F) {
	f.Add("replicas", "How many there are.")
	f.Add("$ref", `It's a "reference".`)
	f.Add("x-kubernetes-list-type", "a\\b\n\tc\x00")
	f.Add("error", "'")
	f.Add("", "")
	f.Add("ünder", "|||")
	f.Fuzz(func(t *testing.T, property, help string) {
		defer pace.Hold(t, len(property)+len(help))()
		defs := []k8s.Definition{thing(map[string]k8s.Schema{
			"spec": typed("object", map[string]k8s.Schema{property: {Type: "array", Description: help}}),
		})}
		if property == "status" || !utf8.ValidString(property) || !utf8.ValidString(help) {
			return
		}
		name, err := json.Marshal(property)
		require.NoError(t, err)
		for _, o := range []k8s.Options{{}, {Docs: true}} {
			l := files(t, defs, o)
			for name, text := range l.files {
				_, err := jsonnet.SnippetToAST(name, text)
				require.NoError(t, err)
				formatted, err := format.Source(t.Context(), name, text)
				require.NoError(t, err)
				assert.Equal(t, formatted, text)
			}
			assert.Equal(t, "[true]", l.eval(t, `local spec = k.example.v1.thing.spec;
				[spec[f](1).spec == { `+string(name)+`: [1] } for f in std.objectFields(spec) if !std.endsWith(f, 'Mixin')]`))
		}
	})
}
