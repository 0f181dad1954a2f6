package validate_test

import (
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
		objects := renderEnvironment(t, name, platform)
		for _, minor := range minors {
			v, err := validate.New(validate.Config{Release: minor.String()})
			require.NoError(t, err)
			report, err := v.Check(t.Context(), objects)
			require.NoError(t, err)
			assert.True(t, report.OK(), minor)
			assert.Empty(t, report.Findings(), minor)
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
	all := map[manifest.ID]manifest.Object{}
	for _, name := range environments {
		for _, o := range renderEnvironment(t, name, "gke") {
			if same, ok := all[o.ID()]; ok {
				assert.Equal(t, "StorageClass", o.ID().Kind, o)
				assert.Equal(t, same.Map(), o.Map(), o)
			}
			all[o.ID()] = o
		}
	}
}
