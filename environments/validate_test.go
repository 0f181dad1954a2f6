package environments_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/validate"
)

// The three environments are valid for every embedded version of Kubernetes, on every
// platform, without a warning.
func TestEnvironmentsAreValid(t *testing.T) {
	minors := schema.Minors()
	require.NotEmpty(t, minors)
	each(t, func(t *testing.T, _ string, objects []manifest.Object) {
		var all []validate.Object
		for _, o := range objects {
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
	})
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
