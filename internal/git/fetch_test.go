package git_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/git"
)

// A branch, a tag and a commit are fetched without their history, even if names end alike
// or a hook sets git's variables.
func TestFetch(t *testing.T) {
	s := newScratch(t)
	s.write("a/x", "one")
	s.git("add", ".")
	s.git("commit", "-q", "-m", "one")
	first := s.git("rev-parse", "HEAD")
	s.git("tag", "-a", "-m", "t", "v1")
	s.write("a/x", "two")
	s.write("b", "123")
	s.git("add", ".")
	s.git("commit", "-q", "-m", "two")
	second := s.git("rev-parse", "HEAD")
	s.git("branch", "other/v2", first)
	s.git("branch", "v2")
	remote := "file://" + s.dir
	o := git.Options{Env: append(environment(t.TempDir()), "GIT_DIR=/nowhere", "GIT_INDEX_FILE=/nowhere")}
	for rev, want := range map[string]string{
		"main": second, "v1": first, first: first, "other/v2": first, "v2": second, first[:8]: first, "refs/tags/v1": first,
	} {
		got, err := git.Fetch(t.Context(), filepath.Join(t.TempDir(), "new"), remote, rev, o)
		require.NoError(t, err, rev)
		assert.Equal(t, want, got.Commit, rev)
	}
	got, err := git.Fetch(t.Context(), t.TempDir(), remote, "main", o)
	require.NoError(t, err)
	tree, err := got.Tree(t.Context(), got.Commit)
	require.NoError(t, err)
	defer tree.Close()
	text, err := fs.ReadFile(tree, "a/x")
	require.NoError(t, err)
	assert.Equal(t, "two", string(text))
	files, bytes, err := got.Size(t.Context(), got.Commit, ".")
	require.NoError(t, err)
	assert.Equal(t, []int64{2, 6}, []int64{int64(files), bytes})
	files, bytes, err = got.Size(t.Context(), got.Commit, "a")
	require.NoError(t, err)
	assert.Equal(t, []int64{1, 3}, []int64{int64(files), bytes})
}

func TestFetchUnknown(t *testing.T) {
	s := newScratch(t)
	s.git("commit", "-q", "--allow-empty", "-m", "one")
	s.git("tag", "v1")
	o := git.Options{Env: environment(t.TempDir())}
	for _, rev := range []string{"", "nain", "--upload-pack=touch x", "a:b", "+main", "main^{tree}", "*", "1234567", strings.Repeat("1", 40)} {
		_, err := git.Fetch(t.Context(), t.TempDir(), "file://"+s.dir, rev, o)
		var unknown *git.UnknownRevisionError
		require.ErrorAs(t, err, &unknown, rev)
		assert.Equal(t, []string{"main", "v1"}, unknown.Refs)
		assert.Equal(t, "main", unknown.Default)
	}
	_, err := git.Fetch(t.Context(), t.TempDir(), "file:///nowhere", "main", o)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "git fetch: ")
}

// A branch or tag matches by its whole name, a branch first.
func TestResolveRemote(t *testing.T) {
	s := newScratch(t)
	s.git("commit", "-q", "--allow-empty", "-m", "one")
	first := s.git("rev-parse", "HEAD")
	s.git("tag", "both")
	s.git("branch", "feature/main")
	s.git("commit", "-q", "--allow-empty", "-m", "two")
	s.git("branch", "both")
	s.git("tag", "-a", "-m", "t", "annotated")
	second, tag := s.git("rev-parse", "main"), s.git("rev-parse", "refs/tags/annotated")
	o := git.Options{Env: environment(t.TempDir())}
	for ref, want := range map[string]string{"main": second, "both": second, "feature/main": first, "annotated": tag, "none": "", "--x": ""} {
		id, ok, err := git.ResolveRemote(t.Context(), "file://"+s.dir, ref, o)
		require.NoError(t, err, ref)
		assert.Equal(t, want, id, ref)
		assert.Equal(t, want != "", ok, ref)
	}
	_, _, err := git.ResolveRemote(t.Context(), "file:///nowhere", "main", o)
	require.Error(t, err)
}
