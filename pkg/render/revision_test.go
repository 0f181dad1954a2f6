package render_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/render"
)

// repository returns a directory with a project in a repository of git, and a function that
// commits files of the project.
func repository(t *testing.T) (dir string, commit func(files map[string]string)) {
	t.Helper()
	dir = t.TempDir()
	git := func(args ...string) {
		t.Helper()
		c := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...)...)
		c.Dir = dir
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	git("init", "-q")
	return dir, func(files map[string]string) {
		t.Helper()
		for name, text := range files {
			require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666))
		}
		git("add", "-A")
		git("commit", "-qm", "files")
	}
}

func TestOpenRevision(t *testing.T) {
	dir, commit := repository(t)
	commit(map[string]string{"p/jsonnetfile.json": "{}", "p/env/main.jsonnet": configMap("a", "{ a: import 'a.libsonnet' }"), "p/lib/a.libsonnet": "'old'"})
	commit(map[string]string{"p/lib/a.libsonnet": "'new'"})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "p/lib/a.libsonnet"), []byte("'newest'"), 0o666))
	for rev, want := range map[string]string{"HEAD~1": "old", "HEAD": "new"} {
		ctx, cancel := context.WithCancel(t.Context())
		p, err := render.OpenRevision(ctx, filepath.Join(dir, "p/env"), rev, render.Config{})
		require.NoError(t, err)
		// Only the opening needs the context.
		cancel()
		res, err := p.Render(t.Context(), "env", render.Args{})
		assert.Equal(t, map[string]any{"a": want}, data(t, res, err))
		assert.NotEmpty(t, res.Origins(res.Objects[0], nil))
		require.NoError(t, p.Close())
		_, err = p.Render(t.Context(), "env", render.Args{})
		assert.Error(t, err)
	}
	p, err := render.OpenRevision(t.Context(), filepath.Join(dir, "p"), "HEAD", render.Config{Programs: render.Programs{Environ: os.Environ()}})
	require.NoError(t, err)
	assert.NoError(t, p.Close())
	assert.NoError(t, new(render.Project).Close())
}

func TestOpenRevisionFails(t *testing.T) {
	dir, commit := repository(t)
	commit(map[string]string{"jsonnetfile.json": "{}"})
	none := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(none, "jsonnetfile.json"), []byte("{}"), 0o666))
	for name, test := range map[string]struct {
		dir, rev, want string
		c              render.Config
		diagnostic     bool
	}{
		"no revision":         {dir: dir, want: "render: want a revision, got none"},
		"an unknown revision": {dir: dir, rev: "nowhere", want: "nowhere", diagnostic: true},
		"no repository":       {dir: none, rev: "HEAD", want: "no git repository here", diagnostic: true},
		"no project":          {dir: t.TempDir(), rev: "HEAD", want: "no project here", diagnostic: true},
		"no program":          {dir: dir, rev: "HEAD", c: render.Config{Programs: render.Programs{Git: "/nowhere/git"}}, want: "executable file not found"},
		"no program in PATH":  {dir: dir, rev: "HEAD", c: render.Config{Programs: render.Programs{Environ: []string{}}}, want: "executable file not found"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := render.OpenRevision(t.Context(), test.dir, test.rev, test.c)
			assert.Nil(t, p)
			require.ErrorContains(t, err, test.want)
			_, ok := diag.From(err)
			assert.Equal(t, test.diagnostic, ok)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := render.OpenRevision(ctx, dir, "HEAD", render.Config{})
	assert.ErrorIs(t, err, context.Canceled)
}
