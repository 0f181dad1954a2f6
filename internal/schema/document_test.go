package schema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/schema"
)

func ExampleOpen() {
	doc, err := schema.Open(33)
	if err != nil {
		fmt.Println(err)
		return
	}
	deployment, _ := doc.Kind("apps", "v1", "Deployment")
	spec, _ := deployment.Property("spec")
	fmt.Println(spec.Ref)

	definition, _ := doc.Definition(spec.Ref)
	fmt.Println(definition.Required)
	replicas, _ := definition.Property("replicas")
	fmt.Println(replicas.Type, replicas.Format)
	fmt.Println(replicas.Description())
	// Output:
	// io.k8s.api.apps.v1.DeploymentSpec
	// [selector template]
	// integer int32
	// Number of desired pods. This is a pointer to distinguish between explicit zero and not specified. Defaults to 1.
}

func TestMinors(t *testing.T) {
	assert.Equal(t, "[1.29 1.30 1.31 1.32 1.33 1.34 1.35 1.36 1.37]", fmt.Sprint(schema.Minors()))
}

func TestOpenUnknownVersion(t *testing.T) {
	for _, m := range []schema.Minor{0, 13, 28, 38} {
		doc, err := schema.Open(m)
		assert.Nil(t, doc)
		assert.EqualError(t, err, "kubernetes "+m.String()+": no schemas, want one of 1.29 1.30 1.31 1.32 1.33 1.34 1.35 1.36 1.37")
	}
}

func open(t testing.TB, m schema.Minor) *schema.Document {
	t.Helper()
	doc, err := schema.Open(m)
	require.NoError(t, err)
	return doc
}

// at follows a path of fields from a definition, with "[]" for items and "{}" for the
// values of a map. It follows references, except for a last one.
func at(t *testing.T, doc *schema.Document, path string) (s *schema.Schema, ok bool) {
	t.Helper()
	name, path, _ := strings.Cut(path, ":")
	if s, ok = doc.Definition(name); !ok {
		return nil, false
	}
	for _, field := range strings.Fields(path) {
		if s.Ref != "" {
			if s, ok = doc.Definition(s.Ref); !ok {
				return nil, false
			}
		}
		switch field {
		case "[]":
			s, ok = s.Items, s.Items != nil
		case "{}":
			s, ok = s.AdditionalProperties, s.AdditionalProperties != nil
		default:
			s, ok = s.Property(field)
		}
		if !ok {
			return nil, false
		}
	}
	return s, true
}

func TestSchemas(t *testing.T) {
	const (
		core = "io.k8s.api.core.v1."
		meta = "io.k8s.apimachinery.pkg.apis.meta.v1."
	)
	tests := []struct {
		name  string
		minor schema.Minor
		path  string
		// want is the result of asJSON for the schema without description and properties,
		// "" if there is no schema.
		want string
	}{
		{"an object", 29, core + "Pod", `{"type": "object", "x-kubernetes-group-version-kind": [{"group": "", "kind": "Pod", "version": "v1"}]}`},
		{"a string", 29, core + "Pod: apiVersion", `{"type": "string"}`},
		{"a reference", 29, core + "Pod: metadata", `{"$ref": "#/definitions/` + meta + `ObjectMeta"}`},
		{"a map", 29, core + "Pod: metadata labels", `{"type": "object", "additionalProperties": {"type": "string"}}`},
		{"the values of a map", 29, core + "Pod: metadata labels {}", `{"type": "string"}`},
		{"a map of references", 29, core + "Container: resources limits {}", `{"$ref": "#/definitions/io.k8s.apimachinery.pkg.api.resource.Quantity"}`},
		{"a quantity", 29, "io.k8s.apimachinery.pkg.api.resource.Quantity", `{"type": "string"}`},
		{"an integer or a string", 29, "io.k8s.apimachinery.pkg.util.intstr.IntOrString", `{"type": "string", "format": "int-or-string"}`},
		{"a time", 29, meta + "Time", `{"type": "string", "format": "date-time"}`},
		{"bytes", 29, core + "Secret: data", `{"type": "object", "additionalProperties": {"type": "string", "format": "byte"}}`},
		{"an integer", 29, "io.k8s.api.apps.v1.DeploymentSpec: replicas", `{"type": "integer", "format": "int32"}`},
		{"anything", 29, "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON", `{}`},
		{"any object", 29, meta + "FieldsV1", `{"type": "object"}`},
		{"required fields", 29, core + "PodSpec", `{"type": "object", "required": ["containers"]}`},
		{"a list of one key", 29, core + "PodSpec: containers", `{"type": "array", "items": {"$ref": "#/definitions/io.k8s.api.core.v1.Container"},
			"x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "name"}`},
		{"which is a map since 1.30", 30, core + "PodSpec: containers", `{"type": "array", "items": {"$ref": "#/definitions/io.k8s.api.core.v1.Container"},
			"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
			"x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "name"}`},
		{"a list of two keys", 29, core + "Container: ports", `{"type": "array", "items": {"$ref": "#/definitions/io.k8s.api.core.v1.ContainerPort"},
			"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["containerPort", "protocol"],
			"x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "containerPort"}`},
		{"a set", 30, core + "NodeSpec: podCIDRs", `{"type": "array", "items": {"type": "string"},
			"x-kubernetes-list-type": "set", "x-kubernetes-patch-strategy": "merge"}`},
		{"an atomic object", 29, meta + "LabelSelector", `{"type": "object", "x-kubernetes-map-type": "atomic"}`},
		{"a reference with a strategy", 29, "io.k8s.api.apps.v1.DeploymentSpec: strategy", `{"$ref": "#/definitions/io.k8s.api.apps.v1.DeploymentStrategy", "x-kubernetes-patch-strategy": "retainKeys"}`},
		{"a union", 29, core + "SeccompProfile", `{"type": "object", "required": ["type"],
			"x-kubernetes-unions": [{"discriminator": "type", "fields-to-discriminateBy": {"localhostProfile": "LocalhostProfile"}}]}`},
		{"a field of 1.30", 29, core + "Pod: spec securityContext appArmorProfile", ""},
		{"in 1.30", 30, core + "Pod: spec securityContext appArmorProfile", `{"$ref": "#/definitions/` + core + `AppArmorProfile"}`},
		{"a definition that is gone", 32, "io.k8s.api.flowcontrol.v1beta3.FlowSchema", ""},
		{"before it was", 31, "io.k8s.api.flowcontrol.v1beta3.FlowSchema: kind", `{"type": "string"}`},
		{"a misspelt field", 29, core + "PodSpec: container", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, ok := at(t, open(t, tt.minor), tt.path)
			require.Equal(t, tt.want != "", ok)
			if !ok {
				return
			}
			got := asJSON(s)
			delete(got, "description")
			delete(got, "properties")
			text, err := json.Marshal(got)
			require.NoError(t, err)
			assert.JSONEq(t, tt.want, string(text))
		})
	}
}

func TestKind(t *testing.T) {
	tests := []struct {
		name                 string
		minor                schema.Minor
		group, version, kind string
		want                 string
	}{
		{"core", 29, "", "v1", "Pod", "io.k8s.api.core.v1.Pod"},
		{"of a group", 29, "apps", "v1", "Deployment", "io.k8s.api.apps.v1.Deployment"},
		{"Event", 29, "", "v1", "Event", "io.k8s.api.core.v1.Event"},
		{"the other Event", 29, "events.k8s.io", "v1", "Event", "io.k8s.api.events.v1.Event"},
		{"of an extension", 29, "apiextensions.k8s.io", "v1", "CustomResourceDefinition", "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition"},
		{"a list", 29, "", "v1", "PodList", "io.k8s.api.core.v1.PodList"},
		{"a subresource", 29, "autoscaling", "v1", "Scale", "io.k8s.api.autoscaling.v1.Scale"},
		{"of every group", 29, "apps", "v1", "DeleteOptions", "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions"},
		{"of an old version", 29, "apps", "v1beta1", "Deployment", ""},
		{"of no group", 29, "", "v1", "Deployment", ""},
		{"part of an object", 29, "", "v1", "PodSpec", ""},
		{"a custom resource", 29, "example.com", "v1", "Pod", ""},
		{"nothing", 29, "", "", "", ""},
		{"not yet", 33, "resource.k8s.io", "v1", "DeviceClass", ""},
		{"new", 34, "resource.k8s.io", "v1", "DeviceClass", "io.k8s.api.resource.v1.DeviceClass"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := open(t, tt.minor)
			got, ok := doc.Kind(tt.group, tt.version, tt.kind)
			want, wantOK := doc.Definition(tt.want)
			assert.Equal(t, tt.want != "", wantOK)
			assert.Equal(t, wantOK, ok)
			assert.Same(t, want, got)
			if ok {
				assert.Contains(t, got.Kinds, schema.GVK{Group: tt.group, Version: tt.version, Kind: tt.kind})
			}
		})
	}
}

// walk calls visit for s and all schemas in it, but not for schemas that it refers to.
func walk(s *schema.Schema, visit func(*schema.Schema)) {
	if s == nil {
		return
	}
	visit(s)
	walk(s.Items, visit)
	walk(s.AdditionalProperties, visit)
	for _, p := range s.Properties {
		walk(p.Schema, visit)
	}
}

func TestReferencesLead(t *testing.T) {
	for _, minor := range schema.Minors() {
		doc := open(t, minor)
		for _, name := range doc.Names() {
			s, _ := doc.Definition(name)
			walk(s, func(s *schema.Schema) {
				if s.Ref != "" {
					_, ok := doc.Definition(s.Ref)
					assert.True(t, ok, "%s in %s", s.Ref, minor)
				}
			})
		}
	}
}

// asJSON returns a schema in the form of swagger.json.
func asJSON(s *schema.Schema) map[string]any {
	out := map[string]any{}
	text := func(keyword, value string) {
		if value != "" {
			out[keyword] = value
		}
	}
	texts := func(keyword string, values []string) {
		if len(values) > 0 {
			var list []any
			for _, v := range values {
				list = append(list, v)
			}
			out[keyword] = list
		}
	}
	if s.Ref != "" {
		out["$ref"] = "#/definitions/" + s.Ref
	}
	text("type", s.Type)
	text("format", s.Format)
	text("description", s.Description())
	text("x-kubernetes-list-type", s.ListType)
	text("x-kubernetes-map-type", s.MapType)
	text("x-kubernetes-patch-strategy", s.PatchStrategy)
	text("x-kubernetes-patch-merge-key", s.PatchMergeKey)
	texts("x-kubernetes-list-map-keys", s.ListMapKeys)
	texts("required", s.Required)
	if s.Items != nil {
		out["items"] = asJSON(s.Items)
	}
	if s.AdditionalProperties != nil {
		out["additionalProperties"] = asJSON(s.AdditionalProperties)
	}
	if len(s.Properties) > 0 {
		properties := map[string]any{}
		for _, p := range s.Properties {
			properties[p.Name] = asJSON(p.Schema)
		}
		out["properties"] = properties
	}
	if len(s.Kinds) > 0 {
		var kinds []any
		for _, k := range s.Kinds {
			kinds = append(kinds, map[string]any{"group": k.Group, "version": k.Version, "kind": k.Kind})
		}
		out["x-kubernetes-group-version-kind"] = kinds
	}
	if len(s.Unions) > 0 {
		var unions []any
		for _, u := range s.Unions {
			union, fields := map[string]any{}, map[string]any{}
			for field, value := range u.Fields {
				fields[field] = value
			}
			union["fields-to-discriminateBy"] = fields
			if u.Discriminator != "" {
				union["discriminator"] = u.Discriminator
			}
			unions = append(unions, union)
		}
		out["x-kubernetes-unions"] = unions
	}
	return out
}

// The definitions agree with Kubernetes' swagger.json of the versions that they are made
// from, and none is missing. The test needs their sources in the Go module cache.
func TestAgreesWithSwagger(t *testing.T) {
	cache, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Skip("no Go command:", err)
	}
	sources := filepath.Join(strings.TrimSpace(string(cache)), "k8s.io")
	pinned, err := os.ReadFile(filepath.Join("..", "..", "internal", "schemagen", "versions.txt"))
	require.NoError(t, err)
	for _, minor := range schema.Minors() {
		t.Run(minor.String(), func(t *testing.T) {
			version := regexp.MustCompile(`(?m)^v` + regexp.QuoteMeta(minor.String()) + `\..+$`).FindString(string(pinned))
			require.NotEmpty(t, version)
			data, err := os.ReadFile(filepath.Join(sources, "kubernetes@"+version, "api", "openapi-spec", "swagger.json"))
			if errors.Is(err, fs.ErrNotExist) {
				t.Skip("its sources are not in the module cache")
			}
			require.NoError(t, err)
			var want struct {
				Definitions map[string]map[string]any
			}
			require.NoError(t, json.Unmarshal(data, &want))
			doc := open(t, minor)
			assert.Len(t, doc.Names(), len(want.Definitions))
			for _, name := range doc.Names() {
				s, ok := doc.Definition(name)
				require.True(t, ok, name)
				assert.Equal(t, want.Definitions[name], asJSON(s), name)
			}
		})
	}
}

func TestNamesAreACopy(t *testing.T) {
	doc := open(t, 29)
	names := doc.Names()
	assert.True(t, slices.IsSorted(names))
	first := names[0]
	names[0] = "changed"
	assert.Equal(t, first, doc.Names()[0])
}

func TestZeroDocumentHasNoSchemas(t *testing.T) {
	var doc schema.Document
	assert.Empty(t, doc.Names())
	_, ok := doc.Definition("io.k8s.api.core.v1.Pod")
	assert.False(t, ok)
	_, ok = doc.Kind("", "v1", "Pod")
	assert.False(t, ok)
	assert.Empty(t, (&schema.Schema{}).Description())
}

// Several callers at once get the same answers.
func TestDocumentIsSafeForConcurrentUse(t *testing.T) {
	doc := open(t, 29)
	var wg sync.WaitGroup
	answers := make([]*schema.Schema, 8)
	for i := range answers {
		wg.Go(func() {
			answers[i], _ = doc.Kind("", "v1", "Pod")
			assert.NotEmpty(t, answers[i].Description())
		})
	}
	wg.Wait()
	for _, s := range answers {
		assert.Same(t, answers[0], s)
	}
}

func BenchmarkOpen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		open(b, 37)
	}
}

// thirty returns the first 30 kinds that have a spec.
func thirty(doc *schema.Document) []schema.GVK {
	var kinds []schema.GVK
	for _, name := range doc.Names() {
		s, _ := doc.Definition(name)
		if _, ok := s.Property("spec"); ok && len(s.Kinds) == 1 && len(kinds) < 30 {
			kinds = append(kinds, s.Kinds[0])
		}
	}
	return kinds
}

// BenchmarkKinds looks up 30 kinds and all definitions that they refer to.
func BenchmarkKinds(b *testing.B) {
	doc := open(b, 37)
	kinds := thirty(doc)
	b.ReportAllocs()
	for b.Loop() {
		seen := map[*schema.Schema]bool{}
		var visit func(s *schema.Schema)
		visit = func(s *schema.Schema) {
			if definition, ok := doc.Definition(s.Ref); ok && !seen[definition] {
				seen[definition] = true
				walk(definition, visit)
			}
		}
		for _, k := range kinds {
			s, _ := doc.Kind(k.Group, k.Version, k.Kind)
			walk(s, visit)
		}
	}
}

// BenchmarkDescription opens a Document and reads a first description.
func BenchmarkDescription(b *testing.B) {
	for b.Loop() {
		doc := open(b, 37)
		pod, _ := doc.Kind("", "v1", "Pod")
		if pod.Description() == "" {
			b.Fatal("no description")
		}
	}
}
