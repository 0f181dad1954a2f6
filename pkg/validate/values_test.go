package validate_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

type size int32

// widgetDefinition is a CustomResourceDefinition as a program writes it.
func widgetDefinition() map[string]any {
	return map[string]any{
		"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
		"metadata": map[string]string{"name": "widgets.example.com"},
		"spec": map[string]any{
			"group": "example.com", "scope": "Namespaced",
			"names": map[string]string{"plural": "widgets", "kind": "Widget"},
			"versions": []map[string]any{{
				"name": "v1", "served": true, "storage": true,
				"schema": map[string]any{"openAPIV3Schema": map[string]any{
					"type": "object",
					"properties": map[string]any{"spec": map[string]any{
						"type": "object",
						"properties": map[string]any{
							"size":  map[string]any{"type": "integer", "minimum": 1},
							"names": map[string]any{"type": "array", "items": map[string]string{"type": "string"}},
							"note":  map[string]any{"type": "string", "nullable": true},
							"data":  map[string]any{"type": "object", "additionalProperties": map[string]string{"type": "string"}},
						},
						"x-kubernetes-validations": []map[string]string{{"rule": "self.size < 10"}},
					}},
				}},
			}},
		},
	}
}

func widgets(t *testing.T) *validate.Validator {
	t.Helper()
	v, err := validate.New(validate.Config{Definitions: []any{widgetDefinition()}})
	require.NoError(t, err)
	return v
}

// A value of any Go type that is an integer, a string, a list or a map is one to the API
// server, in built-in kinds and in custom resources.
func TestGoValues(t *testing.T) {
	var none *string
	object := func(spec any) validate.Object {
		return validate.Object{Value: map[string]any{
			"apiVersion": "example.com/v1", "kind": "Widget",
			"metadata": map[string]any{"name": "a", "namespace": "b", "labels": map[string]string{"a": "b"}},
			"spec":     spec,
		}}
	}
	for name, test := range map[string]struct {
		spec any
		want []string
	}{
		"int":         {map[string]any{"size": 3}, nil},
		"int32":       {map[string]any{"size": int32(3)}, nil},
		"int64":       {map[string]any{"size": int64(3)}, nil},
		"named int32": {map[string]size{"size": 3}, nil},
		"uint8":       {map[string]any{"size": uint8(3)}, nil},
		"float64":     {map[string]any{"size": 3.0}, nil},
		"json.Number": {map[string]any{"size": json.Number("3")}, nil},
		"raw message": {json.RawMessage(`{"size": 3, "names": ["a"]}`), nil},
		"struct": {struct {
			Size int `json:"size"`
		}{3}, nil},
		"slice of strings": {map[string]any{"size": 3, "names": []string{"a", "b"}}, nil},
		"map of strings":   {map[string]any{"size": 3, "data": map[string]string{"a": "b"}}, nil},
		"nil pointer":      {map[string]any{"size": 3, "note": none}, nil},
		"too small":        {map[string]any{"size": 0}, []string{"spec.size: want a number of 1 or more, got number 0"}},
		"too large":        {map[string]any{"size": 11}, []string{"spec: failed rule: self.size < 10"}},
		"of another type":  {map[string]any{"size": []string{"a"}}, []string{"spec.size: want a whole number, got an array"}},
		"no JSON":          {map[string]any{"size": math.NaN()}, []string{"spec.size: want a number of JSON, got NaN"}},
		"a channel":        {map[string]any{"size": make(chan int)}, []string{"spec.size: want a value of JSON, got chan int: json: unsupported type: chan int"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			results := allResults(t, widgets(t), []validate.Object{object(test.spec)})
			for _, f := range results[0].Findings {
				got = append(got, f.Path.String()+": "+f.Problem)
			}
			assert.Equal(t, test.want, got)
			assert.Equal(t, "Widget.example.com b/a", results[0].ID.String())
		})
	}
}

// A builtin object has the same findings whatever Go types hold it.
func TestGoValuesOfBuiltinKinds(t *testing.T) {
	deployment := map[string]any{
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": map[string]any{"name": "a", "labels": map[string]string{"app": "a"}},
		"spec": map[string]any{
			"replicas": 1,
			"selector": map[string]map[string]string{"matchLabels": {"app": "a"}},
			"template": map[string]any{
				"metadata": map[string]any{"labels": map[string]string{"app": "a"}},
				"spec": map[string]any{"containers": []map[string]any{{
					"name": "a", "image": "a", "args": []string{"a"}, "ports": []map[string]any{{"containerPort": int32(80)}},
				}}},
			},
		},
	}
	v, err := validate.New(validate.Config{})
	require.NoError(t, err)
	assert.Empty(t, allResults(t, v, []validate.Object{{Value: deployment}})[0].Findings)

	deployment["spec"].(map[string]any)["replicas"] = -1
	findings := allResults(t, v, []validate.Object{{Value: deployment}})[0].Findings
	require.Len(t, findings, 1)
	assert.Equal(t, manifest.Path{"spec", "replicas"}, findings[0].Path)
}

func TestDefinitionThatIsNoJSON(t *testing.T) {
	_, err := validate.New(validate.Config{Definitions: []any{map[string]any{"kind": math.NaN()}}})
	assert.ErrorContains(t, err, "kind: want a number of JSON, got NaN")
}

// A struct that does not tell its kind gets a hint, a map none.
func TestStructWithoutType(t *testing.T) {
	type deployment struct {
		APIVersion string            `json:"apiVersion,omitempty"`
		Kind       string            `json:"kind,omitempty"`
		Metadata   map[string]string `json:"metadata"`
	}
	metadata := map[string]string{"name": "a"}
	const hint = "set the TypeMeta of the struct: its Go type does not tell apiVersion and kind"
	for _, test := range []struct {
		object any
		want   []string
	}{
		{&deployment{Metadata: metadata}, []string{hint}},
		{deployment{Kind: "Deployment", Metadata: metadata}, []string{hint}},
		{map[string]any{"metadata": metadata}, nil},
	} {
		report, err := new(validate.Validator).Check(t.Context(), test.object)
		require.NoError(t, err)
		require.NotEmpty(t, report.Findings())
		assert.Equal(t, "apiVersion", report.Findings()[0].Path.String())
		assert.Equal(t, test.want, report.Findings()[0].Hints)
	}
}
