package git_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/git"
	"github.com/mop-platform/mop/internal/program"
	"github.com/mop-platform/mop/pkg/diag"
)

// environment is the environment of git in the tests, with nothing of the user's.
func environment(home string) []string {
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home,
		"GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_AUTHOR_DATE=2020-01-01T00:00:00Z",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_COMMITTER_DATE=2020-01-01T00:00:00Z",
	}
}

// scratch is a repository that a test writes.
type scratch struct {
	t   *testing.T
	dir string
	env []string
}

func newScratch(t *testing.T) scratch {
	t.Helper()
	s := scratch{t, t.TempDir(), environment(t.TempDir())}
	s.git("init", "-q", "-b", "main")
	return s
}

func (s scratch) git(args ...string) string {
	s.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	require.NoError(s.t, err, "git %s: %s", strings.Join(args, " "), out)
	return strings.TrimSpace(string(out))
}

func (s scratch) write(name, text string) {
	s.t.Helper()
	p := filepath.Join(s.dir, name)
	require.NoError(s.t, os.MkdirAll(filepath.Dir(p), 0o755))
	require.NoError(s.t, os.WriteFile(p, []byte(text), 0o644))
}

func (s scratch) link(name, target string) {
	s.t.Helper()
	p := filepath.Join(s.dir, name)
	require.NoError(s.t, os.MkdirAll(filepath.Dir(p), 0o755))
	require.NoError(s.t, os.Symlink(target, p))
}

func (s scratch) remove(name string) {
	s.t.Helper()
	require.NoError(s.t, os.Remove(filepath.Join(s.dir, name)))
}

func (s scratch) commit() {
	s.t.Helper()
	s.git("add", "-A")
	s.git("commit", "-q", "-m", "x")
}

func (s scratch) open() *git.Repository {
	s.t.Helper()
	r, err := git.Open(s.t.Context(), s.dir, git.Options{Env: s.env})
	require.NoError(s.t, err)
	return r
}

func (s scratch) tree(rev string) *git.Tree {
	s.t.Helper()
	tree, err := s.open().Tree(s.t.Context(), rev)
	require.NoError(s.t, err)
	s.t.Cleanup(func() { assert.NoError(s.t, tree.Close()) })
	return tree
}

func TestOpen(t *testing.T) {
	s := newScratch(t)
	s.write("a/b/c", "")
	r, err := git.Open(t.Context(), filepath.Join(s.dir, "a", "b"), git.Options{Env: s.env})
	require.NoError(t, err)

	for path, want := range map[string]string{"": ".", "a": "a", "a/b/c": "a/b/c"} {
		name, ok := r.Name(filepath.Join(s.dir, path))
		assert.True(t, ok, path)
		assert.Equal(t, want, name)
	}
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(filepath.Join(s.dir, "a"), link))
	name, ok := r.Name(link)
	assert.True(t, ok)
	assert.Equal(t, "a", name)
	for _, path := range []string{filepath.Dir(s.dir), t.TempDir(), filepath.Join(s.dir, "none")} {
		_, ok := r.Name(path)
		assert.False(t, ok, path)
	}
}

func TestOpenFails(t *testing.T) {
	t.Run("no repository", func(t *testing.T) {
		dir := t.TempDir()
		_, err := git.Open(t.Context(), dir, git.Options{Env: environment(dir)})
		l, ok := diag.From(err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, filepath.ToSlash(dir)+": no git repository here: neither this directory nor a parent is a work tree", l[0].Error())
	})
	t.Run("no work tree", func(t *testing.T) {
		s := newScratch(t)
		_, err := git.Open(t.Context(), filepath.Join(s.dir, ".git"), git.Options{Env: s.env})
		assert.EqualError(t, err, "git rev-parse: this operation must be run in a work tree")
	})
	t.Run("no git", func(t *testing.T) {
		dir := t.TempDir()
		for _, env := range [][]string{nil, {"PATH=" + dir}, {"PATH=."}} {
			_, err := git.Open(t.Context(), dir, git.Options{Env: env})
			assert.ErrorIs(t, err, program.ErrNotFound)
			assert.ErrorContains(t, err, "git: ")
		}
	})
	t.Run("no directory", func(t *testing.T) {
		dir := t.TempDir()
		_, err := git.Open(t.Context(), filepath.Join(dir, "none"), git.Options{Env: environment(dir)})
		assert.ErrorIs(t, err, fs.ErrNotExist)
	})
	t.Run("cancelled", func(t *testing.T) {
		s := newScratch(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := git.Open(ctx, s.dir, git.Options{Env: s.env})
		assert.ErrorIs(t, err, context.Canceled)
	})
}

// A hook's environment names another repository and index.
func TestEnvironmentOfHooks(t *testing.T) {
	other := newScratch(t)
	s := newScratch(t)
	s.write("a", "")
	s.commit()

	s.env = append(s.env, "GIT_DIR="+filepath.Join(other.dir, ".git"), "GIT_WORK_TREE="+other.dir,
		"GIT_INDEX_FILE="+filepath.Join(other.dir, "index"), "LANG=de_DE.UTF-8", "LANGUAGE=de")
	r := s.open()
	name, ok := r.Name(s.dir)
	assert.True(t, ok)
	assert.Equal(t, ".", name)
	names, err := r.List(t.Context(), ".")
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, names)
}

// A committed directory can be a repository whose configuration says what to run. Open
// refuses it.
func TestEmbeddedRepository(t *testing.T) {
	inner := newScratch(t)
	inner.write(".gitattributes", "* filter=hostile")
	inner.write("a", "before")
	inner.commit()
	s := newScratch(t)
	dir := filepath.Join(s.dir, "embedded")
	require.NoError(t, os.Mkdir(dir, 0o755))
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(inner.dir, ".git"))))
	ran := filepath.Join(t.TempDir(), "ran")
	s.write("embedded/config", "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n[filter \"hostile\"]\n\tclean = \": >"+ran+"; cat\"\n")
	s.write("embedded/.gitattributes", "* filter=hostile")
	s.write("embedded/a", "after")

	_, err := git.Open(t.Context(), dir, git.Options{Env: s.env})
	l, ok := diag.From(err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, "no git repository here: neither this directory nor a parent is a work tree", l[0].Problem)
	assert.NoFileExists(t, ran)

	embedded := scratch{t, dir, s.env}
	embedded.git("diff", "--name-only", "HEAD", "--")
	assert.FileExists(t, ran, "what git does of itself")
}

// A git that hangs ends with the context, and so do its own processes.
func TestHangingGit(t *testing.T) {
	dir := t.TempDir()
	life, begun := filepath.Join(dir, "life"), filepath.Join(dir, "begun")
	require.NoError(t, exec.Command("mkfifo", life, begun).Run())
	script := "#!/bin/sh\nexec 9>" + life + "\necho >" + begun + "\nsleep 600 &\nsleep 600\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "git"), []byte(script), 0o755))
	gone := make(chan error, 1)
	go func() {
		_, err := os.ReadFile(life)
		gone <- err
	}()
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	opened := make(chan error, 1)
	go func() {
		_, err := git.Open(ctx, dir, git.Options{Env: []string{"PATH=" + dir + ":" + os.Getenv("PATH")}})
		opened <- err
	}()
	_, err := os.ReadFile(begun)
	require.NoError(t, err)
	cancel(why)
	assert.ErrorIs(t, <-opened, why)
	assert.NoError(t, <-gone)
}
