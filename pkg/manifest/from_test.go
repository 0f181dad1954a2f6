package manifest_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

type (
	label  map[string]string
	widget struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Metadata   map[string]any `json:"metadata"`
	}
)

func TestFrom(t *testing.T) {
	value := map[string]any{"apiVersion": "example.com/v1", "kind": "Widget", "metadata": map[string]any{"name": "a", "labels": map[string]string{"app": "a"}}}
	fromMap, err := manifest.From(value)
	require.NoError(t, err)
	assert.Equal(t, "Widget.example.com a", fromMap.ID().String())

	value["kind"] = "Gadget"
	again, err := manifest.From(fromMap)
	require.NoError(t, err)
	assert.Equal(t, "Widget.example.com a", again.ID().String(), "a copy is kept")

	typed, err := manifest.From(&widget{APIVersion: "example.com/v1", Kind: "Widget", Metadata: map[string]any{"name": "a", "labels": label{"app": "a"}}})
	require.NoError(t, err)
	assert.Equal(t, fromMap, typed)
	document, err := manifest.From(manifest.Document{Value: fromMap.Map()})
	require.NoError(t, err)
	assert.Equal(t, fromMap, document)
	raw, err := manifest.From(json.RawMessage(`{"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "a", "labels": {"app": "a"}}}`))
	require.NoError(t, err)
	assert.Equal(t, fromMap, raw)
}

// A struct that does not tell its kind is refused with a hint, a map without one.
func TestFromStructWithoutType(t *testing.T) {
	_, err := manifest.From(&widget{Metadata: map[string]any{"name": "a"}})
	var d diag.Diagnostic
	require.ErrorAs(t, err, &d)
	assert.Equal(t, []string{"set the TypeMeta of the struct: its Go type does not tell apiVersion and kind"}, d.Hints)
	_, err = manifest.From(map[string]any{"metadata": map[string]any{"name": "a"}})
	require.ErrorAs(t, err, &d)
	assert.Empty(t, d.Hints)
}

// A list is refused with a hint.
func TestFromList(t *testing.T) {
	for _, list := range []map[string]any{
		{"apiVersion": "v1", "kind": "List", "items": []any{}},
		{"apiVersion": "v1", "kind": "ConfigMapList", "metadata": map[string]any{}, "items": []any{}},
	} {
		_, err := manifest.From(list)
		var d diag.Diagnostic
		require.ErrorAs(t, err, &d)
		assert.Equal(t, []string{"it is a list: give its items, one by one"}, d.Hints)
	}
}

func TestFromFaults(t *testing.T) {
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"nil":             {nil, ".: want an object, got null"},
		"the zero Object": {manifest.Object{}, ".: want an object, got the zero Object"},
		"a Document":      {manifest.Document{Value: map[string]any{"kind": "A"}}, "apiVersion: want a non-empty string, got none"},
		"text":            {"a", `.: want an object, got string "a"`},
		"no object":       {map[string]any{"kind": "A"}, "apiVersion: want a non-empty string, got none"},
		"no JSON":         {map[string]any{"kind": math.NaN()}, "kind: want a number of JSON, got NaN"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := manifest.From(test.value)
			require.Error(t, err)
			assert.Contains(t, strings.Split(err.Error(), " (and")[0], test.want)
		})
	}
}
