package validate_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/validate"
)

// No finding shows a value of a Secret.
func TestSecretsAreNotShown(t *testing.T) {
	for name, test := range map[string]struct {
		fields map[string]any
		want   string
	}{
		"no base64":        {map[string]any{"data": map[string]any{"k": "hunter2!!"}}, "data.k: want base64, got a string that is none"},
		"no string":        {map[string]any{"data": map[string]any{"k": 4711}}, "data.k: want a string, got a number"},
		"no text":          {map[string]any{"stringData": map[string]any{"k": true}}, "stringData.k: want a string, got a boolean"},
		"no object":        {map[string]any{"data": "hunter2"}, "data: want an object, got a string"},
		"no object either": {map[string]any{"stringData": "hunter2"}, "stringData: want an object, got a string"},
		"no JSON object": {map[string]any{"type": "kubernetes.io/dockercfg", "stringData": map[string]any{".dockercfg": "hunter2"}},
			`data[".dockercfg"]: want a JSON object, got a string that is none`},
		"no number of JSON": {map[string]any{"data": map[string]any{"k": json.Number("hunter2")}}, "data.k: want a number of JSON"},
		"no value of JSON":  {map[string]any{"data": map[string]any{"k": json.RawMessage("hunter2")}}, "data.k: want a value of JSON"},
		"other fields":      {map[string]any{"immutable": "hunter2"}, `immutable: want true or false, got string "hunter2"`},
	} {
		t.Run(name, func(t *testing.T) {
			secret := map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "a"}}
			for k, v := range test.fields {
				secret[k] = v
			}
			report, err := new(validate.Validator).Check(t.Context(), secret)
			require.NoError(t, err)
			require.Len(t, report.Findings(), 1)
			f := report.Findings()[0]
			assert.Equal(t, test.want, f.Path.String()+": "+f.Problem)
		})
	}
}

// Nor does one of a list that JSON cannot express.
func TestSecretsOfListsAreNotShown(t *testing.T) {
	report, err := new(validate.Validator).Check(t.Context(), map[string]any{"apiVersion": "v1", "kind": "List", "items": []any{
		map[string]any{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "a"}, "data": map[string]any{"k": json.Number("hunter2")}},
	}})
	require.NoError(t, err)
	require.Len(t, report.Findings(), 1)
	assert.Equal(t, "want a number of JSON", report.Findings()[0].Problem)
}
