package project_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/project"
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
		data, err := p.ReadFile(t.Context(), name)
		require.NoError(t, err, name)
		assert.Equal(t, want, string(data), name)
	}
	for name, want := range map[string]error{
		"environments/n/main.jsonnet":   fs.ErrNotExist,
		"vendor/none":                   fs.ErrNotExist,
		"../secret/x":                   project.ErrOutside,
		filepath.Join(root, "secret/x"): project.ErrOutside,
	} {
		_, err := p.ReadFile(t.Context(), name)
		assert.ErrorIs(t, err, want, name)
	}

	glob := func(pattern string) []string {
		names, err := p.Glob(t.Context(), pattern)
		require.NoError(t, err)
		return names
	}
	assert.Equal(t, []string{"vendor/a/x", "vendor/both"}, glob("vendor/**"))
	assert.Equal(t, []string{"charts/web/Chart.yaml", "charts/web/charts/dep.tgz"}, glob("charts/web/**"))

	envs, err := p.Environments(t.Context(), ".")
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

// Above the root, the files are those of the given file system as far as it reaches, also
// through links that version control ignores.
func TestAtAbove(t *testing.T) {
	root := tree(t, map[string]string{
		"w/.git/HEAD":               "",
		"w/team/p/jsonnetfile.json": `{"dependencies": [{"source": {"local": {"directory": "../../../pkg"}}}]}`,
		"w/lib/x":                   "now",
		"w/lib/new":                 "now",
		"w/ignored/x":               "ignored",
		"w/team/p/vendor/lib":       "->../../../lib",
		"w/team/p/vendor/pkg":       "->../../../../pkg",
		"w/team/p/links/pkg":        "->../../../../pkg",
		"pkg/jsonnetfile.json":      "{}",
		"pkg/x":                     "package",
		"secret":                    "secret",
	})
	now, err := project.Find(filepath.Join(root, "w/team/p"), project.Options{})
	require.NoError(t, err)
	assert.Equal(t, "../..", now.Top())
	p := now.At(outward{fstest.MapFS{
		"lib/x":             {Data: []byte("then")},
		"lib/old":           {Data: []byte("then")},
		"team/p/own":        {Data: []byte("then")},
		"team/p/links/none": {Data: []byte("then")},
	}}, "team/p", func(name string) bool {
		return strings.HasPrefix(name, "vendor") || strings.HasPrefix(name, "../../ignored")
	})
	for name, want := range map[string]string{
		"own":                            "then",
		"../../lib/x":                    "then",
		"../../lib/old":                  "then",
		"../../lib/new":                  "missing",
		"../p/own":                       "then",
		filepath.Join(root, "w/lib/x"):   "then",
		filepath.Join(root, "w/lib/new"): "missing",
		"vendor/lib/x":                   "then",
		"vendor/lib/old":                 "then",
		"vendor/lib/new":                 "missing",
		"../../ignored/x":                "ignored",
		"../../../pkg/x":                 "package",
		"vendor/pkg/x":                   "package",
		"links/pkg/x":                    "package",
		"../../../secret":                "outside",
		"../../.git/HEAD":                "missing",
	} {
		assert.Equal(t, want, state(p, name), name)
	}
	names, err := p.Glob(t.Context(), "../../lib/*")
	require.NoError(t, err)
	assert.Equal(t, []string{"../../lib/old", "../../lib/x"}, names)
	assert.Equal(t, "../../lib/x", p.Resolved("vendor/lib/x"))
}

// outward is a file system whose link team/p/links/pkg leads out of it.
type outward struct{ fstest.MapFS }

func (o outward) Open(name string) (fs.File, error) {
	if strings.HasPrefix(name, "team/p/links/pkg/") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: project.ErrOutside}
	}
	return o.MapFS.Open(name)
}

// resolving is a file system with a method Resolved.
type resolving struct{ fstest.MapFS }

func (resolving) Resolved(name string) string { return name + "-target" }

func TestAtResolved(t *testing.T) {
	p := project.New(fstest.MapFS{}).At(resolving{}, ".", nil)
	assert.Equal(t, "x-target", p.Resolved("x"))
}
