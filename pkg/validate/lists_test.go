package validate_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// The items of a list are checked like other objects, with their places.
func TestLists(t *testing.T) {
	const text = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMapList
  items:
  - metadata: {name: A}
- a
- {apiVersion: v1, kind: List, items: b}
- apiVersion: v1
  kind: Service
  metadata: {name: b}
  spec: {ports: [{port: none}]}
`
	documents, faults, err := manifest.Parse(t.Context(), "a.yaml", []byte(text))
	require.NoError(t, err)
	require.NoError(t, faults.Err())
	report, err := new(validate.Validator).Check(t.Context(), documents)
	require.NoError(t, err)
	var got []string
	for _, r := range report.Results {
		for _, d := range r.Diagnostics() {
			got = append(got, d.At.String()+" "+d.Subject+": "+strings.Split(d.Problem, ",")[0])
		}
	}
	assert.Equal(t, []string{
		"a.yaml:7 ConfigMap A (items[0].items[0]): metadata.name: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters",
		"a.yaml:8 object (items[1]): want an object",
		"a.yaml:9 object (items[2].items): want an array",
		"a.yaml:13 Service b (items[3]): spec.ports[0].port: want a whole number",
	}, got)
}

// The path and the origins of an item are those in its list.
func TestListWithOrigins(t *testing.T) {
	list := map[string]any{"apiVersion": "v1", "kind": "List", "items": []any{map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "A"}}}}
	report, err := new(validate.Validator).Check(t.Context(), validate.Object{Path: manifest.Path{"all"}, Value: list, Origins: func(field manifest.Path) []diag.Position {
		return []diag.Position{{File: field.String()}}
	}})
	require.NoError(t, err)
	require.Len(t, report.Findings(), 1)
	assert.Equal(t, []diag.Position{{File: "items[0].metadata.name"}}, report.Findings()[0].Origins)
	assert.Equal(t, "all.items[0]", report.Results[0].Object.Path.String())
	assert.Equal(t, list["items"].([]any)[0], report.Results[0].Object.Value)
}

// A List may define kinds, and lists in lists have an end.
func TestListsOfDefinitions(t *testing.T) {
	definitions := map[string]any{"apiVersion": "v1", "kind": "List", "items": []any{widgetDefinition()}}
	v, err := validate.New(validate.Config{Definitions: []any{definitions}})
	require.NoError(t, err)
	var object any = map[string]any{"apiVersion": "example.com/v1", "kind": "Widget", "metadata": map[string]any{"name": "a"}}
	report, err := v.Check(t.Context(), object)
	require.NoError(t, err)
	assert.True(t, report.OK())
	for range 102 {
		object = map[string]any{"apiVersion": "v1", "kind": "List", "items": []any{object}}
	}
	report, err = v.Check(t.Context(), object)
	require.NoError(t, err)
	require.Len(t, report.Findings(), 1)
	assert.Equal(t, "lists in lists, more than 100 deep", report.Findings()[0].Problem)
}
