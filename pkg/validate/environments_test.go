package validate_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// environments are the environments of this repository's platform.
var environments = []string{"dev", "staging", "production"}

// renderEnvironment returns the objects of an environment on a platform.
func renderEnvironment(t *testing.T, name, platform string) []manifest.Object {
	t.Helper()
	p, err := project.Find("../../environments", project.Options{})
	require.NoError(t, err)
	env, err := p.Environment(t.Context(), "environments/"+name, ".")
	require.NoError(t, err)
	o := render.Options{TLAs: map[string]eval.Variable{"platform": eval.String(platform)}}
	res, err := render.New(p, o).Render(t.Context(), env.Environment)
	require.NoError(t, err)
	return res.Objects
}

// The three environments are valid for every embedded version of Kubernetes, on every
// platform, without a warning.
func TestEnvironmentsAreValid(t *testing.T) {
	minors := schema.Minors()
	require.NotEmpty(t, minors)
	check := func(t *testing.T, name, platform string) {
		t.Parallel()
		var all []validate.Object
		for _, o := range renderEnvironment(t, name, platform) {
			value, ok := o.Lookup()
			require.True(t, ok)
			all = append(all, validate.Object{Path: o.Path(), Value: value.(map[string]any)})
		}
		for _, minor := range minors {
			v, err := validate.New(validate.Options{Minor: minor})
			require.NoError(t, err)
			results, err := v.Check(t.Context(), all)
			require.NoError(t, err)
			for _, r := range results {
				assert.Equal(t, validate.Valid, r.Status, "%s on %s", r.ID, minor)
				assert.Empty(t, r.Findings, "%s on %s", r.ID, minor)
			}
		}
	}
	for _, name := range environments {
		for _, platform := range []string{"gke", "eks", "aks", "local"} {
			t.Run(name+"/"+platform, func(t *testing.T) { check(t, name, platform) })
		}
	}
}

// One cluster can have all three environments. They only share a StorageClass, which two
// may define differently.
func TestEnvironmentsFitIntoOneCluster(t *testing.T) {
	v, err := validate.New(validate.Options{})
	require.NoError(t, err)
	var all []validate.Environment
	for _, name := range environments {
		var objects []validate.Object
		for _, o := range renderEnvironment(t, name, "gke") {
			value, _ := o.Lookup()
			objects = append(objects, validate.Object{Path: o.Path(), Value: value.(map[string]any)})
		}
		results, err := v.Check(t.Context(), objects)
		require.NoError(t, err)
		all = append(all, validate.Environment{Name: name, APIServer: "https://example.org", Results: results})
	}
	held, err := validate.Clusters(t.Context(), all)
	require.NoError(t, err)
	for _, results := range held {
		for _, r := range results {
			assert.Equal(t, validate.Valid, r.Status, r.ID)
			for _, f := range r.Findings {
				assert.Equal(t, "StorageClass", r.ID.Kind, "%s: %s", r.ID, f.Problem)
				assert.True(t, strings.HasSuffix(f.Problem, "put it into the same cluster"), f.Problem)
			}
		}
	}
}
