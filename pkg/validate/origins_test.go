package validate_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// A finding has the origins of the value at its path, also if it is about several objects.
// A diagnostic names the source after them, unless they include it.
func TestFindingOrigins(t *testing.T) {
	v, err := validate.New(validate.Config{})
	require.NoError(t, err)
	object := func(source string) validate.Object {
		return validate.Object{
			Source: diag.Position{File: source},
			Value: map[string]any{
				"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "a"}, "type": 3.0,
			},
			Origins: func(field manifest.Path) []diag.Position {
				return []diag.Position{{File: "lib/" + field.String(), Line: 7}, {File: "main.jsonnet", Line: 3}}
			},
		}
	}
	results := allResults(t, v, []validate.Object{object("main.jsonnet"), object("other.jsonnet")})
	var got []string
	for _, r := range results {
		for _, d := range r.Diagnostics() {
			origins := d.Origins
			d.Origins = nil
			text := d.Error()
			for _, origin := range origins {
				text += "; " + origin.String()
			}
			got = append(got, text)
		}
	}
	assert.Equal(t, []string{
		"Secret a: type: want a string, got number 3; lib/type:7; main.jsonnet:3",
		"Secret a: warning: is there twice: at main.jsonnet and at other.jsonnet; lib/.:7; main.jsonnet:3; other.jsonnet",
		"Secret a: type: want a string, got number 3; lib/type:7; main.jsonnet:3; other.jsonnet",
	}, got)
}

// Origins that panic are an error of the check, alone and among others.
func TestOriginsThatPanic(t *testing.T) {
	v, err := validate.New(validate.Config{})
	require.NoError(t, err)
	for name, object := range map[string]map[string]any{
		"of a finding about the object": {"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "a"}, "type": 3},
		"of a finding about others":     {"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "a"}},
	} {
		o := validate.Object{
			Source: diag.Position{File: "main.jsonnet"}, Value: object,
			Origins: func(manifest.Path) []diag.Position { panic("boom") },
		}
		_, err = v.Check(t.Context(), o, o)
		assert.ErrorContains(t, err, "main.jsonnet: origins of ", name)
		assert.ErrorContains(t, err, "panicked: boom", name)
		_, err = v.NewSet().Alone(t.Context(), o)
		assert.ErrorContains(t, err, "panicked: boom", name)
	}
}
