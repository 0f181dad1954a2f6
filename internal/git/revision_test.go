package git_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/git"
	"github.com/mop-platform/mop/pkg/diag"
)

// odd are names that git quotes unless told not to, or takes for patterns.
var odd = []string{" lead", "-x", ":(top)", "[a]", "a\nb", "back\\slash", "b*", "dir/sp ace", `quo"te`, "tab\tbed", "träge"}

func TestUnknownRevision(t *testing.T) {
	empty := newScratch(t)

	s := newScratch(t)
	s.write("a", "")
	s.commit()
	s.git("branch", "release")
	s.git("update-ref", "refs/remotes/origin/feature", "HEAD")

	s.write("a", "more")
	s.commit()
	shallow := newScratch(t)
	shallow.git("fetch", "-q", "--depth=1", "file://"+filepath.ToSlash(s.dir), "main")

	const problem = "unknown revision: want a commit, branch or tag of the repository"
	tests := []struct {
		name    string
		in      scratch
		rev     string
		problem string
		hint    string
	}{
		{"misspelt", s, "relaese", "relaese: " + problem, `did you mean "release"?`},
		{"only the remote's", s, "feature", "feature: " + problem, `did you mean "origin/feature"?`},
		{"none like it", s, "0123456", "0123456: " + problem, `list those that are there with "git branch --all" and "git tag", get others with "git fetch"`},
		{"like an option", s, "--all", "--all: " + problem, `list those that are there with "git branch --all" and "git tag", get others with "git fetch"`},
		{"a file", s, "HEAD:a", "HEAD:a: " + problem, `list those that are there with "git branch --all" and "git tag", get others with "git fetch"`},
		{"empty", s, "", `revision: want a commit, branch or tag of the repository, got ""`, `list those that are there with "git branch --all" and "git tag", get others with "git fetch"`},
		{"no commit", empty, "HEAD", "HEAD: " + problem, "the repository has no commit yet"},
		{"shallow", shallow, "FETCH_HEAD~1", "FETCH_HEAD~1: " + problem, `the clone is shallow: get the rest with "git fetch --unshallow"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := tt.in.open()
			_, treeErr := r.Tree(t.Context(), tt.rev)
			_, fromErr := r.Changed(t.Context(), tt.rev, "")
			assert.Equal(t, treeErr, fromErr)
			l, ok := diag.From(treeErr)
			require.True(t, ok, "%v", treeErr)
			assert.Equal(t, tt.problem, l[0].Error())
			assert.Equal(t, []string{tt.hint}, l[0].Advice(nil))
		})
	}
	_, err := s.open().Changed(t.Context(), "HEAD", "nosuch")
	assert.ErrorContains(t, err, "nosuch: unknown revision")
}

func TestChanged(t *testing.T) {
	s := newScratch(t)
	s.write(".gitignore", "ignored\n")
	for _, name := range []string{"same", "edited", "deleted", "moved", "mode", "dir/x"} {
		s.write(name, "contents of "+name)
	}
	s.commit()
	s.write("edited", "now")
	s.remove("deleted")
	s.git("mv", "moved", "renamed")
	require.NoError(t, os.Chmod(filepath.Join(s.dir, "mode"), 0o755))
	for _, name := range odd {
		s.write(name, "")
	}
	s.commit()
	want := append([]string{" lead", "-x", ":(top)", "[a]", "a\nb", "b*", "back\\slash", "deleted", "dir/sp ace", "edited", "mode", "moved"},
		"quo\"te", "renamed", "tab\tbed", "träge")

	r := s.open()
	check := func(from, to string, want ...string) {
		t.Helper()
		names, err := r.Changed(t.Context(), from, to)
		require.NoError(t, err)
		if len(want) == 0 {
			assert.Empty(t, names)
			return
		}
		assert.Equal(t, want, names)
	}
	check("HEAD~1", "HEAD", want...)
	check("HEAD", "HEAD~1", want...)
	check("HEAD~1", "", want...)
	check("HEAD", "HEAD")
	check("HEAD", "")

	// The user's configuration and working directory have no influence.
	s.git("config", "diff.relative", "true")
	s.git("config", "diff.renames", "copies")
	s.git("config", "diff.external", "false")
	s.git("config", "core.quotePath", "true")
	sub, err := git.Open(t.Context(), filepath.Join(s.dir, "dir"), git.Options{Env: s.env})
	require.NoError(t, err)
	names, err := sub.Changed(t.Context(), "HEAD~1", "")
	require.NoError(t, err)
	assert.Equal(t, want, names)

	// Staged, not staged, untracked, ignored, touched.
	s.write("same", "staged")
	s.git("add", "same")
	s.write("edited", "not staged")
	s.write("new dir/untrack\néd", "")
	s.write("ignored", "")
	s.write("renamed", "contents of moved")
	s.remove("dir/x")
	check("HEAD", "", "dir/x", "edited", "new dir/untrack\néd", "same")
}

func TestList(t *testing.T) {
	s := newScratch(t)
	s.write(".gitignore", "ignored\n/vendor/\n")
	s.write("gone", "")
	s.write("tracked but ignored", "")
	for _, name := range odd {
		s.write(name, "")
	}
	s.commit()
	s.remove("gone")
	s.write("dir/new", "")
	s.write("dir/ignored", "")
	s.write("vendor/x", "")
	s.write("nested/file", "")
	nested := s
	nested.dir = filepath.Join(s.dir, "nested")
	nested.git("init", "-q")
	nested.commit()

	r := s.open()
	names, err := r.List(t.Context(), ".")
	require.NoError(t, err)
	assert.Equal(t, []string{" lead", "-x", ".gitignore", ":(top)", "[a]", "a\nb", "b*", "back\\slash", "dir/new", "dir/sp ace", "nested",
		"quo\"te", "tab\tbed", "tracked but ignored", "träge"}, names)

	for dir, want := range map[string][]string{
		"dir":    {"dir/new", "dir/sp ace"},
		"dir/":   {"dir/new", "dir/sp ace"},
		"[a]":    {"[a]"},
		"d*":     nil,
		"none":   nil,
		"vendor": nil,
	} {
		names, err := r.List(t.Context(), dir)
		require.NoError(t, err)
		assert.Equal(t, want, names, dir)
	}
}

func TestMergeBase(t *testing.T) {
	s := newScratch(t)
	s.write("a", "")
	s.commit()
	s.git("branch", "base")
	s.git("switch", "-q", "-c", "feature")
	s.write("b", "")
	s.commit()
	s.git("switch", "-q", "-c", "other", "base")
	s.write("c", "")
	s.commit()
	s.git("switch", "-q", "--orphan", "alone")
	s.write("d", "")
	s.commit()
	r := s.open()

	rev, err := r.MergeBase(t.Context(), "feature", "other")
	require.NoError(t, err)
	names, err := r.Changed(t.Context(), rev, "feature")
	require.NoError(t, err)
	assert.Equal(t, []string{"b"}, names)

	_, err = r.MergeBase(t.Context(), "feature", "alone")
	assert.EqualError(t, err, "revisions feature and alone: have no common ancestor")
	_, err = r.MergeBase(t.Context(), "feature", "nope")
	assert.ErrorContains(t, err, "unknown revision")
}
