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

// scripts writes programs called helm and kustomize, which print the file that their last
// argument leads to and append a line to the file runs beside them.
func scripts(t *testing.T) render.Programs {
	t.Helper()
	bin := t.TempDir()
	const script = `#!/bin/sh
echo >> "$(dirname "$0")/runs"
if [ "$1" = template ]; then cat "$3/out.yaml"; cat > /dev/null; else cat "$2/out.yaml"; fi
`
	for _, name := range []string{"helm", "kustomize"} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte(script), 0o777))
	}
	return render.Programs{Helm: "helm", Kustomize: filepath.Join(bin, "kustomize"), Environ: []string{"PATH=" + bin + ":/usr/bin:/bin"}}
}

// Helm and Kustomize render the files of the Project, also in a revision, and again when
// these change.
func TestPrograms(t *testing.T) {
	dir, commit := repository(t)
	out := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: old}\n"
	commit(map[string]string{
		"jsonnetfile.json":        "{}",
		"helm/main.jsonnet":       "std.native('helmTemplate')('a', './chart', { calledFrom: std.thisFile })",
		"helm/chart/out.yaml":     out,
		"kustomize/main.jsonnet":  "std.native('kustomizeBuild')('./base', { calledFrom: std.thisFile })",
		"kustomize/base/out.yaml": out,
	})
	programs := scripts(t)
	runs := func() int {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(programs.Kustomize), "runs"))
		require.NoError(t, err)
		return len(text)
	}
	p, err := render.Open(dir, render.Config{Programs: programs})
	require.NoError(t, err)
	names := func(p *render.Project, env string) string {
		t.Helper()
		res, err := p.Render(t.Context(), env, render.Args{})
		require.NoError(t, err)
		require.Len(t, res.Objects, 1)
		assert.True(t, res.DependsOn(env+"/main.jsonnet") && (res.DependsOn("helm/chart/out.yaml") || res.DependsOn("kustomize/base/out.yaml")))
		return res.Objects[0].ID().Name
	}
	for range 2 {
		assert.Equal(t, "old", names(p, "helm"))
		assert.Equal(t, "old", names(p, "kustomize"))
	}
	assert.Equal(t, 2, runs(), "equal files are rendered once")
	for _, name := range []string{"helm/chart/out.yaml", "kustomize/base/out.yaml"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: new}\n"), 0o666))
	}
	assert.Equal(t, "new", names(p, "helm"))
	assert.Equal(t, "new", names(p, "kustomize"))

	then, err := render.OpenRevision(t.Context(), dir, "HEAD", render.Config{Programs: render.Programs{Helm: "helm", Kustomize: programs.Kustomize, Environ: programs.Environ}})
	require.NoError(t, err)
	assert.Equal(t, "old", names(then, "helm"))
	assert.Equal(t, "old", names(then, "kustomize"))
	require.NoError(t, then.Close())

	inMemory, err := render.OpenFS(os.DirFS(dir), render.Config{Programs: programs})
	require.NoError(t, err)
	_, err = inMemory.Render(t.Context(), "helm", render.Args{})
	assert.ErrorContains(t, err, "the project is not on disk")
}
