package manifest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/manifest"
)

func secret(t *testing.T) manifest.Object {
	t.Helper()
	o, err := manifest.From(map[string]any{
		"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "a", "namespace": "b"},
		"stringData": map[string]string{"password": "hunter2"},
	})
	require.NoError(t, err)
	return o
}

// No verb of fmt and no handler of slog shows what is in an object.
func TestObjectIsShownWithoutContent(t *testing.T) {
	o := secret(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x", "%T"} {
		for name, value := range map[string]any{"object": o, "pointer": &o, "list": []manifest.Object{o}, "struct": struct{ O manifest.Object }{o}} {
			text := fmt.Sprintf(verb, value)
			assert.NotContains(t, text, "hunter2", "%s of %s", verb, name)
			assert.NotContains(t, text, fmt.Sprintf("%x", "hunter2"), "%s of %s", verb, name)
		}
	}
	assert.Equal(t, "Secret b/a", fmt.Sprint(o))

	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).Info("rendered", "object", o)
	}
	assert.NotContains(t, log.String(), "hunter2")
	assert.Contains(t, log.String(), `"object":"Secret b/a"`)
}

func TestObjectString(t *testing.T) {
	for want, metadata := range map[string]map[string]any{
		"ConfigMap a":     {"name": "a"},
		"ConfigMap b/a":   {"name": "a", "namespace": "b"},
		"ConfigMap b/a-*": {"generateName": "a-", "namespace": "b"},
	} {
		o, err := manifest.From(map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
		require.NoError(t, err)
		assert.Equal(t, want, o.String())
	}
}

func TestZeroObject(t *testing.T) {
	var o manifest.Object
	assert.Equal(t, "no object", o.String())
	assert.Nil(t, o.Map())
	assert.Empty(t, o.APIVersion())
	text, err := json.Marshal(o)
	require.NoError(t, err)
	assert.Equal(t, "null", string(text))
}

func TestObjectMap(t *testing.T) {
	o, faults := manifest.New(nil, map[string]any{"apiVersion": "v1", "kind": "A", "metadata": map[string]any{"name": "a"}, "n": 3.0, "list": []any{1.5, 2.0}})
	require.Empty(t, faults)
	m := o.Map()
	assert.Equal(t, int64(3), m["n"])
	assert.Equal(t, []any{1.5, int64(2)}, m["list"])
	m["list"].([]any)[0] = "changed"
	v, _ := o.Lookup("list")
	assert.Equal(t, []any{1.5, 2.0}, v, "a copy is changed")
}

func TestIDAsJSON(t *testing.T) {
	for want, id := range map[string]manifest.ID{
		`{}`: {},
		`{"kind":"Pod","namespace":"a","name":"b"}`:                       {Kind: "Pod", Namespace: "a", Name: "b"},
		`{"group":"apps","kind":"Deployment","namespace":"a","name":"b"}`: {Group: "apps", Kind: "Deployment", Namespace: "a", Name: "b"},
	} {
		got, err := json.Marshal(id)
		require.NoError(t, err)
		assert.Equal(t, want, string(got))
	}
}
