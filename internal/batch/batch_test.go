package batch_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// environments returns a workspace with a project of three files: one with three
// environments, a broken one, and one without environments.
func environments(t *testing.T) *workspace.Workspace {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"jsonnetfile.json": "{}",
		"clusters/main.jsonnet": `[{
			apiVersion: 'tanka.dev/v1alpha1', kind: 'Environment', metadata: { name: name, labels: { cluster: name } }, spec: {},
			data: if name == 'us' then error 'broken' else { apiVersion: 'v1', kind: 'Namespace', metadata: { name: name } },
		} for name in ['us', 'eu-west', 'eu']]`,
		"fails/main.jsonnet": "error 'all of it'",
		"plain/main.jsonnet": "{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'plain' } }",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
	}
	return workspace.New(workspace.Settings{Dir: dir})
}

func TestEach(t *testing.T) {
	eu := func(l map[string]string) bool { return l["cluster"] == "eu" }
	tests := map[string]struct {
		selection batch.Selection
		want      []string // of each entrypoint
	}{
		"all":            {batch.Selection{Count: batch.Any}, []string{"[eu eu-west !us]", "fault", "[plain]"}},
		"the only one":   {batch.Selection{}, []string{"none", "fault", "[plain]"}},
		"a whole name":   {batch.Selection{Name: "eu", Whole: true, Count: batch.Any}, []string{"[eu]", "fault", "[]"}},
		"exactly a name": {batch.Selection{Name: "eu"}, []string{"[eu]", "fault", "none"}},
		"part of a name": {batch.Selection{Name: "e", Count: batch.Some}, []string{"[eu eu-west]", "fault", "none"}},
		"labels":         {batch.Selection{Labels: eu, Count: batch.Any}, []string{"[eu]", "fault", "[]"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := environments(t)
			var plan batch.Plan
			for range 2 { // asking twice is asking once
				_, some, err := plan.Below(t.Context(), w, ".", test.selection)
				require.NoError(t, err)
				assert.True(t, some)
			}
			require.Len(t, plan.States, 1)
			outcomes := batch.Each(t.Context(), plan.Asked, nil, func(_ batch.Asked, env batch.Environment) (string, error) {
				objects, err := env.Objects(t.Context())
				if err != nil {
					return "!" + filepath.Base(env.Name()), nil
				}
				return objects[0].ID().Name, nil
			})
			var got []string
			for _, o := range outcomes {
				_, fault := diag.From(o.Err)
				switch {
				case o.None:
					got = append(got, "none")
				case fault:
					got = append(got, "fault")
				default:
					got = append(got, fmt.Sprint(o.Values))
				}
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestOne(t *testing.T) {
	w := environments(t)
	one := func(arg, name string) (string, error) {
		e, err := w.One(t.Context(), arg)
		require.NoError(t, err)
		env, _, err := batch.One(t.Context(), batch.Asked{Entry: e, Selection: batch.Selection{Name: name}})
		if err != nil {
			return "", err
		}
		return env.Name(), nil
	}
	name, err := one("clusters", "eu")
	require.NoError(t, err)
	assert.Equal(t, "eu", name)
	_, err = one("clusters", "")
	assert.ErrorContains(t, err, "holds several environments")
	_, err = one("fails", "")
	assert.ErrorContains(t, err, "all of it")
}

func TestList(t *testing.T) {
	w := environments(t)
	_, entries, broken, err := w.Below(t.Context(), ".")
	require.NoError(t, err)
	assert.Empty(t, broken)
	envs, found, err := batch.List(t.Context(), entries, nil)
	require.NoError(t, err)
	var names []string
	for _, e := range envs {
		names = append(names, e.Name())
	}
	assert.Equal(t, []string{"eu", "eu-west", "plain", "us"}, names)
	assert.Len(t, found, 1, "what is broken hides no other")
}
