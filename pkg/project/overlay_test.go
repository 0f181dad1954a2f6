package project_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/project"
)

func TestAt(t *testing.T) {
	root := tree(t, map[string]string{
		"p/jsonnetfile.json":            "{}",
		"p/environments/a/main.jsonnet": "now",
		"p/environments/n/main.jsonnet": "new",
		"p/environments/i/main.jsonnet": "ignored",
		"p/vendor/a/x":                  "vendored",
		"p/vendor/both":                 "now",
		"p/charts/web/Chart.yaml":       "now",
		"p/charts/web/charts/dep.tgz":   "ignored",
		"p/out":                         "->../shared",
		"shared/x":                      "shared",
		"secret/x":                      "secret",
	})
	now, err := project.Find(filepath.Join(root, "p"), project.Options{ImportDirs: []string{filepath.Join(root, "shared")}})
	require.NoError(t, err)
	fsys := fstest.MapFS{
		"environments/a/main.jsonnet": {Data: []byte("then")},
		"environments/o/main.jsonnet": {Data: []byte("old")},
		"vendor/both":                 {Data: []byte("then")},
		"charts/web/Chart.yaml":       {Data: []byte("then")},
	}
	p := now.At(fsys, ".", func(name string) bool {
		return strings.HasPrefix(name, "vendor") || strings.HasPrefix(name, "environments/i") || strings.HasPrefix(name, "charts/web/charts")
	})

	for name, want := range map[string]string{
		"environments/a/main.jsonnet": "then",
		"environments/o/main.jsonnet": "old",
		"environments/i/main.jsonnet": "ignored",
		"vendor/a/x":                  "vendored",
		"vendor/both":                 "then",
		"../shared/x":                 "shared",
	} {
		data, err := p.ReadFile(name)
		require.NoError(t, err, name)
		assert.Equal(t, want, string(data), name)
	}
	for name, want := range map[string]error{
		"environments/n/main.jsonnet":   fs.ErrNotExist,
		"vendor/none":                   fs.ErrNotExist,
		"../secret/x":                   project.ErrOutside,
		filepath.Join(root, "secret/x"): project.ErrOutside,
	} {
		_, err := p.ReadFile(name)
		assert.ErrorIs(t, err, want, name)
	}

	glob := func(pattern string) []string {
		names, err := p.Glob(pattern)
		require.NoError(t, err)
		return names
	}
	assert.Equal(t, []string{"vendor/a/x", "vendor/both"}, glob("vendor/**"))
	assert.Equal(t, []string{"charts/web/Chart.yaml", "charts/web/charts/dep.tgz"}, glob("charts/web/**"))

	envs, err := p.Environments(".")
	require.NoError(t, err)
	var dirs []string
	for _, env := range envs {
		dirs = append(dirs, env.Dir)
	}
	assert.Equal(t, []string{"environments/a", "environments/o"}, dirs)

	_, ok := p.Path("vendor/both")
	assert.False(t, ok)
	assert.Equal(t, now.SearchPath("environments/a"), p.SearchPath("environments/a"))
	assert.Equal(t, "vendor/both", p.Resolved("vendor/both"))
}

// resolving is a file system that knows about links.
type resolving struct{ fstest.MapFS }

func (resolving) Resolved(name string) string { return name + "-target" }

func TestAtResolved(t *testing.T) {
	p := project.New(fstest.MapFS{}).At(resolving{}, ".", nil)
	assert.Equal(t, "x-target", p.Resolved("x"))
}
