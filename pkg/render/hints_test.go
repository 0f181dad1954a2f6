package render_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/render"
)

// hints returns the hints of the first fault in an error.
func hints(t *testing.T, err error) []string {
	t.Helper()
	found, ok := diag.From(err)
	require.True(t, ok, "%v", err)
	return found[0].Advice(nil)
}

// A hint says nothing about environments that nobody has looked for.
func TestHintOfAWrongName(t *testing.T) {
	p := open(t, map[string]string{"envs/dev/main.jsonnet": "{}"}, render.Config{})
	for _, name := range []string{"dev", "", "envs", "../dev"} {
		_, err := p.Render(t.Context(), name, render.Args{})
		require.ErrorIs(t, err, render.ErrNoEnvironment)
		assert.Equal(t, []string{"an environment is a directory with a main.jsonnet, or a Jsonnet file by its name"}, hints(t, err), name)
	}
}

// A program is allowed by a field that is set.
func TestHintOfAProgram(t *testing.T) {
	p := open(t, map[string]string{"env/main.jsonnet": "std.native('helmTemplate')('a', './chart', { calledFrom: std.thisFile })"}, render.Config{})
	_, err := p.Render(t.Context(), "env", render.Args{})
	assert.Equal(t, []string{"where the project's code is trusted, set Config.Programs; else keep what the program prints in a file, and import that"}, hints(t, err))
}
