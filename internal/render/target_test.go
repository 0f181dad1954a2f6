package render_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/pace"
	"github.com/mop-platform/mop/internal/render"
)

func TestTargets(t *testing.T) {
	objects, found, _ := render.Flatten(t.Context(), in(t, `[
		{apiVersion: v1, kind: ConfigMap, metadata: {name: web}},
		{apiVersion: v1, kind: ConfigMap, metadata: {name: webhook}},
		{apiVersion: v1, kind: Secret, metadata: {name: web}},
		{apiVersion: batch/v1, kind: Job, metadata: {generateName: run-}},
	]`))
	require.Empty(t, found)
	tests := []struct {
		name    string
		targets []string
		want    []string
	}{
		{"none", nil, []string{"ConfigMap/web", "ConfigMap/webhook", "Secret/web", "Job/"}},
		{"whole", []string{"configmap/web"}, []string{"ConfigMap/web"}},
		{"case of the kind", []string{"CONFIGMAP/.*"}, []string{"ConfigMap/web", "ConfigMap/webhook"}},
		{"several", []string{"secret/.*", "configmap/webhook"}, []string{"ConfigMap/webhook", "Secret/web"}},
		{"negative", []string{"!configmap/.*"}, []string{"Secret/web", "Job/"}},
		{"negative and positive", []string{"configmap/.*", "!.*/webhook"}, []string{"ConfigMap/web"}},
		{"alternatives are bound as a whole", []string{"secret/web|configmap/web"}, []string{"ConfigMap/web", "Secret/web"}},
		{"generated name", []string{"job/"}, []string{"Job/"}},
		{"nothing", []string{"pod/.*"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			targets, err := render.ParseTargets(tt.targets)
			require.NoError(t, err)
			var got []string
			for _, o := range objects {
				if targets.Match(o) {
					got = append(got, o.ID().Kind+"/"+o.ID().Name)
				}
			}
			assert.Equal(t, tt.want, got)
		})
	}
	_, err := render.ParseTargets([]string{"a/(", "!b/[", "fine/.*"})
	assert.EqualError(t, err, "target a/(: missing closing ): `a/(` (and 1 more)")
}

// FuzzParseTargets checks that parsing does not panic, and that an accepted pattern with an
// exclamation mark matches exactly the objects that it does not match without one.
func FuzzParseTargets(f *testing.F) {
	for _, seed := range []string{"configmap/web", "!secret/.*", "a|b", "(?-i)Pod/x", ")(", "", "!", `\`} {
		f.Add(seed)
	}
	objects, _, _ := render.Flatten(context.Background(), []any{map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "web"}}})
	f.Fuzz(func(t *testing.T, text string) {
		defer pace.Hold(t, len(text))()
		if len(text) > 0 && text[0] == '!' {
			text = text[1:]
		}
		including, err := render.ParseTargets([]string{text})
		excluding, err2 := render.ParseTargets([]string{"!" + text})
		require.Equal(t, err == nil, err2 == nil)
		if err == nil && (len(text) == 0 || text[0] != '!') {
			assert.NotEqual(t, including.Match(objects[0]), excluding.Match(objects[0]))
		}
	})
}
