package bundler_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/internal/project"
)

// For any argument of Add, Parse can read the files afterwards, or they stay as they were.
func TestAddWritesWhatIsRead(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"own", "o\nwn", "o\xffwn"} {
		require.NoError(t, os.Mkdir(filepath.Join(root, name), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(root, name, "x.libsonnet"), []byte("1"), 0o666))
	}
	file := filepath.Join(root, bundler.File)
	require.NoError(t, os.WriteFile(file, []byte("{}"), 0o666))
	b := bundler.New(root, bundler.Options{Vendor: "vendor-jsonnet", Env: os.Environ()})
	local := func(directory, legacy string) deps.Dependency {
		return deps.Dependency{Source: deps.Source{LocalSource: &deps.Local{Directory: directory}}, LegacyNameCompat: legacy}
	}
	for name, d := range map[string]deps.Dependency{
		"path":                 local("own", "../x"),
		"folder":               local("own", "a/b"),
		"control character":    local("own", "a\x1b[2J"),
		"NUL":                  local("own", "a\x00b"),
		"no UTF-8":             local("own", "a\xff"),
		"directory, control":   local("o\nwn", ""),
		"directory, no UTF-8":  local("o\xffwn", ""),
		"git's own":            local("own", ".GIT"),
		"above":                local("..", ""),
		"repository, no UTF-8": {Source: deps.Source{GitSource: &deps.Git{Scheme: deps.GitSchemeHTTPS, Host: "127.0.0.1", User: "u", Repo: "r"}}, Version: "v\xff"},
	} {
		_, err := b.Add(t.Context(), []deps.Dependency{d})
		assert.Error(t, err, name)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, "{}", string(text), name)
	}
	entries, err := os.ReadDir(root)
	require.NoError(t, err)
	assert.Len(t, entries, 4)
	_, err = b.Add(t.Context(), []deps.Dependency{local("own", "öther name")})
	require.NoError(t, err)
	_, err = b.Install(t.Context())
	require.NoError(t, err)
}

// Package project has the same names, so it can find the package of an import by itself.
func TestProjectsKnowTheNames(t *testing.T) {
	for _, uri := range []string{
		"github.com/org/repo", "github.com/org/repo/a/b@v1", "https://git.example.com/org/repo.git/dir",
		"ssh://git@git.example.com/org/repo.git/a", "git@git.example.com:org/repo.git",
	} {
		d, err := bundler.ParseURI("", uri)
		require.NoError(t, err)
		text, err := bundler.NewFile(d)
		require.NoError(t, err)
		p := project.New(fstest.MapFS{bundler.File: &fstest.MapFile{Data: text}})
		for _, name := range []string{d.Name(), d.LegacyName()} {
			assert.Equal(t, d.Name(), p.Uninstalled(t.Context(), name+"/x.libsonnet"), uri)
		}
	}
}

// The name of a package is refused at once if it is longer than any path.
func TestLongestURI(t *testing.T) {
	for _, repeated := range []string{"x", "x/", "git@x.com:a/"} {
		_, err := bundler.ParseURI("", "github.com/org/"+strings.Repeat(repeated, 16<<10))
		require.ErrorContains(t, err, "neither a git repository nor a directory")
	}
}
