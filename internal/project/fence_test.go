package project_test

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/project"
)

// state returns the result of reading a file: its text, "outside" or "missing".
func state(p *project.Project, name string) string {
	data, err := p.ReadFile(context.Background(), name)
	switch {
	case err == nil:
		return string(data)
	case errors.Is(err, project.ErrOutside):
		return "outside"
	case errors.Is(err, fs.ErrNotExist):
		return "missing"
	}
	return err.Error()
}

func TestWorkTree(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		home  string
		want  map[string]string // results of reading, by name
		top   string
	}{
		{"none", nil, "", map[string]string{"../x": "outside", "x": "x"}, "."},
		{"repository", map[string]string{"w/.git/HEAD": ""}, "", map[string]string{"../x": "x", "../../x": "outside", "../.git/HEAD": "outside", "../.git/none": "outside", "../.GIT/HEAD": "outside", "../none": "missing"}, ".."},
		{"its root", map[string]string{"w/p/.git/HEAD": ""}, "", map[string]string{"../x": "outside", "x": "x", ".git/HEAD": "outside"}, "."},
		{"the innermost", map[string]string{".git/HEAD": "", "w/.git/HEAD": ""}, "", map[string]string{"../x": "x", "../../x": "outside"}, ".."},
		{"only its name", map[string]string{".git/HEAD": "", "w/.git/x": ""}, "", map[string]string{"../x": "x", "../../x": "x", "../.git/x": "outside"}, "../.."},
		{"linked", map[string]string{"w/.git": "gitdir: /elsewhere/.git/worktrees/w\n"}, "", map[string]string{"../x": "x", "../../x": "outside", "../.git": "outside"}, ".."},
		{"something else", map[string]string{".git/HEAD": "", "w/.git": "text"}, "", map[string]string{"../x": "outside"}, "."},
		{"git's directory beside", map[string]string{"w/.git": "gitdir: ./.bare", "w/.bare/config": "c"}, "", map[string]string{"../x": "x", "../.bare/config": "outside", "../.bare": "outside", "../.bare2/x": "missing"}, ".."},
		{"git's directory behind a link", map[string]string{"w/.git": "->store", "w/store/HEAD": "", "w/store/config": "c"}, "", map[string]string{"../x": "x", "../store/config": "outside", "../.git/config": "outside"}, ".."},
		{"nested repositories", map[string]string{"w/.git/HEAD": "", "w/n/.git/config": "c", "w/n/x": "x", "w/m/.git": "gitdir: ../.git/modules/m"}, "", map[string]string{"../n/x": "x", "../n/.git/config": "outside", "../m/.git": "outside"}, ".."},
		{"home", map[string]string{"w/.git/HEAD": ""}, "w", map[string]string{"../x": "outside", "x": "x"}, "."},
		{"above home", map[string]string{".git/HEAD": ""}, "w/p", map[string]string{"../x": "outside", "x": "x"}, "."},
		{"in home", map[string]string{"w/.git/HEAD": ""}, ".", map[string]string{"../x": "x", "../../x": "outside"}, ".."},
		{"home behind a link", map[string]string{"w/.git/HEAD": "", "home": "->w"}, "home", map[string]string{"../x": "outside", "x": "x"}, "."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"x": "x", "w/x": "x", "w/p/x": "x", "w/p/jsonnetfile.json": "{}"}
			for name, text := range tt.files {
				files[name] = text
			}
			root := tree(t, files)
			o := project.Options{}
			if tt.home != "" {
				o.Home = filepath.Join(root, tt.home)
			}
			p, err := project.Find(filepath.Join(root, "w/p"), o)
			require.NoError(t, err)
			assert.Equal(t, tt.top, p.Top())
			for name, want := range tt.want {
				assert.Equal(t, want, state(p, name), name)
			}
		})
	}
}

func TestLocalPackages(t *testing.T) {
	declare := func(directories ...string) string {
		text := `{"version": 1, "dependencies": [{"source": {"git": {"remote": "https://example.org/x"}}, "version": "main"}`
		for _, d := range directories {
			text += `, {"source": {"local": {"directory": "` + d + `"}}, "version": ""}`
		}
		return text + "]}"
	}
	root := tree(t, map[string]string{
		"p/jsonnetfile.json": declare("../a", "../plain", "../linked", "../.git/modules/m", "../home", "../cycle", "../none", "."),
		"a/jsonnetfile.json": declare("../b", "sub"), "a/x": "a", "a/secret": "->../secret", "a/.git/config": "c",
		"a/sub/x":            "sub",
		"b/jsonnetfile.json": "", "b/x": "b",
		"plain/x":                 "plain",
		"linked":                  "->target",
		"target/x":                "target",
		"target/jsonnetfile.json": "{",
		"cycle/jsonnetfile.json":  declare("../cycle", "../p", "../a"), "cycle/x": "cycle",
		"home/jsonnetfile.json":           "{}",
		"home/x":                          "home",
		"home/user/x":                     "user",
		".git/modules/m/jsonnetfile.json": "{}",
		".git/modules/m/x":                "git",
		"undeclared/jsonnetfile.json":     "{}",
		"undeclared/x":                    "undeclared",
		"secret":                          "secret",
	})
	p, err := project.Find(filepath.Join(root, "p"), project.Options{Home: filepath.Join(root, "home/user")})
	require.NoError(t, err)
	for name, want := range map[string]string{
		"../a/x": "a", "../a/sub/x": "sub", "../b/x": "b", "../linked/x": "target", "../target/x": "target", "../cycle/x": "cycle",
		"../plain/x": "outside", "../home/x": "outside", "../home/user/x": "outside", "../undeclared/x": "outside",
		"../.git/modules/m/x": "outside", "../a/secret": "outside", "../secret": "outside", "../a/.git/config": "outside", "../a/none": "missing",
	} {
		assert.Equal(t, want, state(p, name), name)
	}
	assert.Equal(t, ".", p.Top())
}

// Patterns match files above the root as far as the fence reaches.
func TestGlobAbove(t *testing.T) {
	root := tree(t, map[string]string{
		"w/.git/HEAD": "", "w/p/jsonnetfile.json": "{}", "w/lib/a.x": "", "w/lib/b.x": "", "w/lib/sub/c.x": "", "w/p/d.x": "", "w/top.x": "", "out.x": "",
	})
	p, err := project.Find(filepath.Join(root, "w/p"), project.Options{})
	require.NoError(t, err)
	for pattern, want := range map[string][]string{
		"../lib/*.x":     {"../lib/a.x", "../lib/b.x"},
		"../lib/**":      {"../lib/a.x", "../lib/b.x", "../lib/sub/c.x"},
		"../{lib,p}/*.x": {"../lib/a.x", "../lib/b.x", "../p/d.x"},
		"../*":           {"../top.x"},
		"*.x":            {"d.x"},
	} {
		names, err := p.Glob(t.Context(), pattern)
		require.NoError(t, err, pattern)
		assert.Equal(t, want, names, pattern)
	}
	for _, pattern := range []string{"../../*", "../../out.x", "../../../**", "/w/*", "../.git/*"} {
		names, err := p.Glob(t.Context(), pattern)
		assert.Empty(t, names, pattern)
		assert.ErrorIs(t, err, project.ErrOutside, pattern)
	}
}
