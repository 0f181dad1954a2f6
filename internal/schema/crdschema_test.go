package schema_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

const widget = `
group: example.org
names: {kind: Widget, plural: widgets}
scope: Namespaced
versions:
- name: v1
  served: true
  storage: true
  schema:
    openAPIV3Schema:
      type: object
      description: A widget.
      required: [spec]
      properties:
        metadata: {type: object, description: Not this.}
        spec:
          type: object
          description: What is wanted.
          required: [size]
          properties:
            size: {type: integer, format: int32, minimum: 1}
            port: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
            labels: {type: object, additionalProperties: {type: string}, x-kubernetes-map-type: atomic}
            open: {type: object, additionalProperties: true}
            closed: {type: object, additionalProperties: false}
            values: {x-kubernetes-preserve-unknown-fields: true}
            items:
              type: array
              x-kubernetes-list-type: map
              x-kubernetes-list-map-keys: [name]
              items:
                type: object
                properties:
                  name: {type: string}
                  none: {description: null, type: string, properties: null, items: null}
- {name: stable, served: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
- {name: v0, served: false}
`

func TestDocumentWith(t *testing.T) {
	plain := open(t, 29)
	doc, found := plain.With(object(t, "pod", `{apiVersion: v1, kind: Pod, metadata: {name: a}}`), crd(t, "w", "v1", flow(widget)))
	require.Empty(t, found)

	tests := []struct {
		path string
		want map[string]any
	}{
		{"org.example.v1.Widget", map[string]any{"type": "object", "description": "A widget.", "required": []any{"spec"},
			"properties":                      map[string]any{"apiVersion": true, "kind": true, "metadata": true, "spec": true},
			"x-kubernetes-group-version-kind": []any{map[string]any{"group": "example.org", "version": "v1", "kind": "Widget"}}}},
		{"org.example.v1.Widget.apiVersion", map[string]any{"type": "string"}},
		{"org.example.v1.Widget.kind", map[string]any{"type": "string"}},
		{"org.example.v1.Widget.metadata", map[string]any{"$ref": "#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}},
		{"org.example.v1.Widget.spec.size", map[string]any{"type": "integer", "format": "int32"}},
		{"org.example.v1.Widget.spec.port", map[string]any{"type": "string", "format": "int-or-string"}},
		{"org.example.v1.Widget.spec.labels", map[string]any{"type": "object", "additionalProperties": map[string]any{"type": "string"}, "x-kubernetes-map-type": "atomic"}},
		{"org.example.v1.Widget.spec.open", map[string]any{"type": "object", "additionalProperties": map[string]any{}}},
		{"org.example.v1.Widget.spec.closed", map[string]any{"type": "object"}},
		{"org.example.v1.Widget.spec.values", map[string]any{}},
		{"org.example.stable.Widget", map[string]any{"type": "object",
			"properties":                      map[string]any{"apiVersion": true, "kind": true, "metadata": true},
			"x-kubernetes-group-version-kind": []any{map[string]any{"group": "example.org", "version": "stable", "kind": "Widget"}}}},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			name, fields := definitionOf(doc, tt.path)
			s, ok := doc.Definition(name)
			require.True(t, ok)
			for _, field := range fields {
				s, ok = s.Property(field)
				require.True(t, ok, field)
			}
			got := asJSON(s)
			if properties, ok := got["properties"].(map[string]any); ok && len(fields) == 0 {
				for name := range properties {
					properties[name] = true
				}
			}
			assert.Equal(t, tt.want, got)
		})
	}

	s, ok := doc.Kind("example.org", "v1", "Widget")
	require.True(t, ok)
	assert.Equal(t, "org.example.v1.Widget", s.Name)
	spec, _ := s.Property("spec")
	assert.Equal(t, []string{"closed", "items", "labels", "open", "port", "size", "values"}, names(spec))
	items, _ := spec.Property("items")
	assert.Equal(t, "map", items.ListType)
	assert.Equal(t, []string{"name"}, items.ListMapKeys)
	assert.Equal(t, []string{"name", "none"}, names(items.Items))
	values, _ := spec.Property("values")
	assert.True(t, values.PreserveUnknown)
	assert.False(t, spec.PreserveUnknown)

	_, ok = doc.Kind("example.org", "v0", "Widget")
	assert.False(t, ok, "not served")
	_, ok = doc.Kind("", "v1", "Pod")
	assert.True(t, ok, "the others stay")
	pod, _ := doc.Definition("io.k8s.api.core.v1.Pod")
	assert.Contains(t, pod.Description(), "Pod is a collection of containers")
	assert.True(t, slices.IsSorted(doc.Names()))
	assert.Len(t, doc.Names(), len(plain.Names())+2)
	_, ok = plain.Kind("example.org", "v1", "Widget")
	assert.False(t, ok, "the receiver stays")
}

// flow returns YAML as one line, for use in a flow mapping.
func flow(text string) string {
	encoded, err := yaml.YAMLToJSON([]byte(text))
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

// definitionOf splits a path into the name of a definition of doc and fields.
func definitionOf(doc *schema.Document, path string) (name string, fields []string) {
	for _, n := range doc.Names() {
		if rest, ok := strings.CutPrefix(path, n); ok && (rest == "" || rest[0] == '.') && len(n) > len(name) {
			name, fields = n, strings.FieldsFunc(rest, func(r rune) bool { return r == '.' })
		}
	}
	return name, fields
}

func names(s *schema.Schema) []string {
	var all []string
	for _, p := range s.Properties {
		all = append(all, p.Name)
	}
	return all
}

// In v1beta1, the spec itself may hold what v1 has in each version.
func TestDocumentWithV1beta1(t *testing.T) {
	const common = `validation: {openAPIV3Schema: {properties: {a: {type: string}}}}`
	tests := []struct {
		name, spec string
		want       map[string][]string
	}{
		{"version", `version: v1, ` + common, map[string][]string{"v1": {"a", "apiVersion", "kind", "metadata"}}},
		{"versions", `versions: [{name: v1, served: true}, {name: v2, served: true, schema: {openAPIV3Schema: {properties: {b: {type: string}}}}}], ` + common,
			map[string][]string{"v1": {"a", "apiVersion", "kind", "metadata"}, "v2": {"apiVersion", "b", "kind", "metadata"}}},
		{"no schema", `version: v1`, map[string][]string{"v1": {"apiVersion", "kind", "metadata"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc, found := new(schema.Document).With(crd(t, "w", "v1beta1", `{group: g.org, names: {kind: K}, `+tt.spec+`}`))
			require.Empty(t, found)
			assert.Len(t, doc.Names(), len(tt.want))
			for version, want := range tt.want {
				s, ok := doc.Kind("g.org", version, "K")
				require.True(t, ok)
				assert.Equal(t, want, names(s))
			}
		})
	}
}

func TestDocumentWithTheLaterDefinition(t *testing.T) {
	define := func(property string) manifest.Object {
		return crd(t, "k", "v1", `{group: apps, names: {kind: Deployment}, scope: Namespaced, versions:
			[{name: v1, served: true, schema: {openAPIV3Schema: {type: object, properties: {`+property+`: {type: string}}}}}]}`)
	}
	doc, found := open(t, 29).With(define("a"), define("b"))
	require.Empty(t, found)
	s, _ := doc.Kind("apps", "v1", "Deployment")
	assert.Equal(t, []string{"apiVersion", "b", "kind", "metadata"}, names(s))
	_, ok := doc.Definition("io.k8s.api.apps.v1.Deployment")
	assert.True(t, ok, "others refer to it")
}

func TestDocumentWithFaults(t *testing.T) {
	version := func(schema string) string {
		return `{name: v1, served: true, schema: {openAPIV3Schema: ` + schema + `}}`
	}
	spec := func(versions string) string {
		return `{group: g.org, names: {kind: K}, scope: Cluster, versions: ` + versions + `}`
	}
	const at = "crds.k.spec.versions[0].schema.openAPIV3Schema"
	tests := []struct{ name, spec, want string }{
		{"group that is a path", `{group: ../g, names: {kind: K}, scope: Cluster, versions: [` + version(`{type: object}`) + `]}`,
			`crds.k.spec.group: want a domain name in small letters, got string "../g"`},
		{"kind that is a path", `{group: g.org, names: {kind: ../K}, scope: Cluster, versions: [` + version(`{type: object}`) + `]}`,
			`crds.k.spec.names.kind: want letters, digits and hyphens, the first a letter, got string "../K"`},
		{"no versions", `{group: g.org, names: {kind: K}, scope: Cluster}`, `crds.k.spec.versions: want an array of one version or more, got none`},
		{"versions of another type", spec(`{}`), `crds.k.spec.versions: want an array of one version or more, got an object`},
		{"version of another type", spec(`[v1]`), `crds.k.spec.versions[0]: want an object, got string "v1"`},
		{"version that is a path", spec(`[{name: v1/.., served: false}]`),
			`crds.k.spec.versions[0].name: want small letters, digits and hyphens, the first a letter, got string "v1/.."`},
		{"version twice", spec(`[{name: v1, served: false}, {name: v1, served: false}]`),
			`crds.k.spec.versions[1].name: want a version of its own, got string "v1"`},
		{"served", spec(`[{name: v1}]`), `crds.k.spec.versions[0].served: want a boolean, got none`},
		{"no schema", spec(`[{name: v1, served: true}]`), at + `: want an object, got none`},
		{"schema of another type", spec(`[` + version(`[]`) + `]`), at + `: want an object, got an array`},
		{"type of the object", spec(`[` + version(`{type: array}`) + `]`), at + `.type: want "object", got string "array"`},
		{"unknown type", spec(`[` + version(`{type: object, properties: {a: {type: text}}}`) + `]`),
			at + `.properties.a.type: want one of array, boolean, integer, number, object, string, got string "text"`},
		{"type of another type", spec(`[` + version(`{type: object, properties: {a: {type: [string]}}}`) + `]`),
			at + `.properties.a.type: want a string, got an array`},
		{"properties", spec(`[` + version(`{type: object, properties: [a]}`) + `]`), at + `.properties: want an object, got an array`},
		{"property", spec(`[` + version(`{type: object, properties: {a: string}}`) + `]`), at + `.properties.a: want an object, got string "string"`},
		{"items", spec(`[` + version(`{type: object, properties: {a: {type: array, items: [{type: string}]}}}`) + `]`),
			at + `.properties.a.items: want an object, got an array`},
		{"additionalProperties", spec(`[` + version(`{type: object, properties: {a: {type: object, additionalProperties: string}}}`) + `]`),
			at + `.properties.a.additionalProperties: want an object, got string "string"`},
		{"required", spec(`[` + version(`{type: object, required: [1]}`) + `]`), at + `.required[0]: want a string, got number 1`},
		{"required of another type", spec(`[` + version(`{type: object, required: true}`) + `]`), at + `.required: want an array of strings, got boolean true`},
		{"flag", spec(`[` + version(`{type: object, x-kubernetes-preserve-unknown-fields: "true"}`) + `]`),
			at + `["x-kubernetes-preserve-unknown-fields"]: want a boolean, got string "true"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := new(schema.Document)
			got, found := doc.With(crd(t, "k", "v1", tt.spec))
			assert.Same(t, doc, got, "nothing is added")
			var b strings.Builder
			require.NoError(t, diag.Write(&b, found, diag.Options{}))
			assert.Equal(t, tt.want+"\n", b.String())
		})
	}
}

// For any spec, With adds whole definitions or none.
func FuzzDocumentWith(f *testing.F) {
	f.Add(flow(widget))
	f.Add(`{}`)
	f.Add(`{"group":"a","names":{"kind":"B"},"scope":"Cluster","versions":[{"name":"v1","served":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"a":null}}}}]}`)
	f.Fuzz(func(t *testing.T, spec string) {
		defer pace.Hold(t, len(spec))()
		var value any
		if json.Unmarshal([]byte(spec), &value) != nil {
			return
		}
		o, l := manifest.New(nil, map[string]any{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
			"metadata": map[string]any{"name": "a"}, "spec": value})
		require.Empty(t, l)
		doc, found := new(schema.Document).With(o)
		if len(found) > 0 {
			assert.Empty(t, doc.Names())
		}
		for _, name := range doc.Names() {
			s, _ := doc.Definition(name)
			assert.Equal(t, name, s.Name)
			assert.NotContains(t, name, "/")
			metadata, ok := s.Property("metadata")
			assert.True(t, ok)
			assert.NotEmpty(t, metadata.Ref)
			assert.True(t, slices.IsSorted(names(s)))
		}
	})
}

func TestRealDefinitions(t *testing.T) {
	files, err := filepath.Glob("../../../shared/corpus/crds/*.yaml")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("no CustomResourceDefinitions")
	}
	var objects []manifest.Object
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		documents, found, err := manifest.Parse(t.Context(), file, data)
		require.NoError(t, err)
		require.Empty(t, found)
		for _, d := range documents {
			o, found := manifest.New(nil, d.Value.(map[string]any))
			require.Empty(t, found)
			objects = append(objects, o)
		}
	}
	doc, found := open(t, 29).With(objects...)
	require.Empty(t, found)
	for _, kind := range []string{"PodMonitor", "PrometheusRule", "ServiceMonitor"} {
		s, ok := doc.Kind("monitoring.coreos.com", "v1", kind)
		require.True(t, ok, kind)
		assert.Equal(t, "com.coreos.monitoring.v1."+kind, s.Name)
		assert.NotEmpty(t, s.Description())
	}
}
