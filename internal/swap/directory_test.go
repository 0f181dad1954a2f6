package swap

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kinds are the ways in which directories change places.
var kinds = map[string]func(a, b string) error{
	"exchange": Exchange,
	"rename":   func(_, _ string) error { return errors.ErrUnsupported },
}

// oldTree and newTree have a directory d, files that belong to it, and one that does not.
var (
	oldTree = map[string]string{"d/a": "old", "d/gone": "old", "changed": "old", "gives": "other"}
	newTree = map[string]string{"d/a": "new", "d/b": "new", "changed": "new", "made": "new", "gives": "other"}
)

func fill(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
}

// tree returns the texts of all files below dir, drafts and locks too.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		got[path[len(dir)+1:]] = string(text)
		return err
	}))
	return got
}

// staged returns a directory with oldTree, its new contents staged, and the argument for
// Commit.
func staged(t *testing.T, kind string) (root string, d *Directory, files map[string][]byte) {
	t.Helper()
	root = t.TempDir()
	fill(t, root, oldTree)
	d = openIn(t, root, kind)
	fill(t, d.Staged(), map[string]string{"a": "new", "b": "new"})
	return root, d, map[string][]byte{filepath.Join(root, "changed"): []byte("new"), filepath.Join(root, "made"): []byte("new")}
}

func openIn(t *testing.T, root, kind string) *Directory {
	t.Helper()
	d, ok, err := OpenDirectory(t.Context(), filepath.Join(root, "d"), "test", filepath.Join(root, "changed"), filepath.Join(root, "made"))
	require.NoError(t, err)
	require.True(t, ok)
	d.exchange = kinds[kind]
	return d
}

func TestDirectory(t *testing.T) {
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			root, d, files := staged(t, kind)
			require.NoError(t, d.Commit(t.Context(), files))
			require.NoError(t, d.Close())
			assert.Equal(t, newTree, tree(t, root))

			_, d, _ = staged(t, kind)
			require.NoError(t, os.RemoveAll(d.path))
			require.NoError(t, d.Commit(t.Context(), nil))
			assert.Equal(t, map[string]string{"a": "new", "b": "new"}, tree(t, d.path))
			require.NoError(t, d.Close())
		})
	}
}

// If the process is killed at any point, the next one finds all files old or makes all new.
func TestDirectoryKilled(t *testing.T) {
	type step struct {
		name string
		do   func(t *testing.T, d *Directory, j journal)
	}
	file := func(d *Directory, i int) string { return d.files[i] }
	write := func(i int) func(*testing.T, *Directory, journal) {
		return func(t *testing.T, d *Directory, j journal) {
			require.NoError(t, os.WriteFile(file(d, i), []byte(j.Files[i].After), 0o666))
		}
	}
	steps := []step{
		{"draft", func(t *testing.T, d *Directory, _ journal) {
			require.NoError(t, os.WriteFile(beside(file(d, 0), "draft"), []byte("ne"), 0o666))
			require.NoError(t, os.WriteFile(beside(file(d, 0), "lock"), nil, 0o666))
		}},
		{"journal", func(t *testing.T, d *Directory, j journal) { require.NoError(t, d.write(j)) }},
		{"swap", func(t *testing.T, d *Directory, j journal) { require.NoError(t, d.swap(j)) }},
		{"first file", write(0)},
		{"second file", write(1)},
		{"no journal", func(t *testing.T, d *Directory, _ journal) { require.NoError(t, os.Remove(d.journalFile())) }},
	}
	for kind := range kinds {
		for last := range steps {
			t.Run(kind+"/"+steps[last].name, func(t *testing.T) {
				root, d, _ := staged(t, kind)
				before := "old"
				j := journal{Exchange: true, Staged: identity(d.Staged()), Files: []*texts{{&before, "new"}, {nil, "new"}}}
				if kind == "rename" {
					j.Staged = ""
				}
				for _, s := range steps[:last+1] {
					s.do(t, d, j)
				}
				// Locks end with their process.
				require.NoError(t, d.lock.Unlock())
				require.NoError(t, openIn(t, root, kind).Close())
				want := newTree
				if last == 0 {
					want = oldTree
				}
				assert.Equal(t, want, tree(t, root))
			})
		}
	}
}

// Between the two renames there is no directory.
func TestDirectoryKilledInRename(t *testing.T) {
	root, d, _ := staged(t, "rename")
	require.NoError(t, os.Rename(d.path, d.old()))
	require.NoError(t, d.lock.Unlock())
	require.NoError(t, openIn(t, root, "rename").Close())
	assert.Equal(t, oldTree, tree(t, root))

	root, d, _ = staged(t, "rename")
	require.NoError(t, d.write(journal{Exchange: true, Files: make([]*texts, 2)}))
	require.NoError(t, os.Rename(d.path, d.old()))
	require.NoError(t, d.lock.Unlock())
	require.NoError(t, openIn(t, root, "rename").Close())
	assert.Equal(t, map[string]string{"a": "new", "b": "new"}, tree(t, filepath.Join(root, "d")))
}

// A failure leaves everything as it was.
func TestDirectoryFails(t *testing.T) {
	failure := errors.New("failure")
	for kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			// A file that cannot be written.
			root, d, files := staged(t, kind)
			require.NoError(t, os.Mkdir(filepath.Join(root, "made"), 0o777))
			require.ErrorContains(t, d.Commit(t.Context(), files), "not a regular file")
			require.NoError(t, errors.Join(d.Close(), os.Remove(filepath.Join(root, "made"))))
			assert.Equal(t, oldTree, tree(t, root))

			// Directories that cannot be exchanged.
			root, d, files = staged(t, kind)
			d.exchange = func(_, _ string) error { return failure }
			require.ErrorIs(t, d.Commit(t.Context(), files), failure)
			require.NoError(t, d.Close())
			assert.Equal(t, oldTree, tree(t, root))

			// A file that cannot be written after the exchange.
			root, d, files = staged(t, kind)
			undone := 0
			d.exchange = func(a, b string) error {
				if undone++; undone == 1 {
					require.NoError(t, os.Mkdir(filepath.Join(root, "made"), 0o777))
				}
				return kinds[kind](a, b)
			}
			require.Error(t, d.Commit(t.Context(), files))
			require.NoError(t, errors.Join(d.Close(), os.Remove(filepath.Join(root, "made"))))
			assert.Equal(t, oldTree, tree(t, root))
		})
	}
}

// A journal that somebody has put there reaches no other files, and later changes of the
// user stay.
func TestDirectoryJournalOfOthers(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	fill(t, root, oldTree)
	fill(t, outside, map[string]string{"victim": "old"})
	before := "old"
	j := journal{Files: []*texts{{&before, "evil"}, nil}}
	d := openIn(t, root, "exchange")
	require.NoError(t, d.write(j))
	require.NoError(t, d.lock.Unlock())
	changed := filepath.Join(root, "changed")
	require.NoError(t, errors.Join(os.Remove(changed), os.Symlink(filepath.Join(outside, "victim"), changed)))
	_, _, err := OpenDirectory(t.Context(), d.path, "test", d.files...)
	require.ErrorContains(t, err, "not a regular file")
	assert.Equal(t, map[string]string{"victim": "old"}, tree(t, outside))

	require.NoError(t, errors.Join(os.Remove(changed), os.WriteFile(changed, []byte("theirs"), 0o666)))
	require.NoError(t, openIn(t, root, "exchange").Close())
	text, err := os.ReadFile(changed)
	require.NoError(t, err)
	assert.Equal(t, "theirs", string(text))
}
