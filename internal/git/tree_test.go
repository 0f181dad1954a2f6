package git_test

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/git"
)

var (
	_ fs.ReadFileFS = (*git.Tree)(nil)
	_ fs.ReadDirFS  = (*git.Tree)(nil)
	_ fs.StatFS     = (*git.Tree)(nil)
	_ fs.ReadLinkFS = (*git.Tree)(nil)
)

// linked returns a repository with files, odd names and symbolic links of
// all kinds.
func linked(t *testing.T) scratch {
	s := newScratch(t)
	s.write("a/file", "contents")
	s.write("a.b", "sorted before a/ by git")
	s.write("empty", "")
	s.write("binary", "\x00\xff\n\n")
	s.write("bin/run", "#!/bin/sh\n")
	require.NoError(t, os.Chmod(filepath.Join(s.dir, "bin/run"), 0o755))
	for _, name := range odd {
		s.write(name, name)
	}
	s.link("links/file", "../a/file")
	s.link("links/dir", "../a")
	s.link("links/up", "dir/../a.b")
	s.link("links/chain", "file")
	s.link("links/slash", "../a/")
	s.link("links/dangling", "none")
	s.link("links/below-file", "../empty/x")
	s.link("links/absolute", filepath.Join(s.dir, "a", "file"))
	s.link("links/outside", "../../a/file")
	s.link("links/back", "../../"+filepath.Base(s.dir)+"/a/file")
	s.link("links/loop", "loop")
	s.commit()
	return s
}

// The file system behaves as io/fs demands, if links allow it.
func TestFS(t *testing.T) {
	s := linked(t)
	for _, name := range []string{"dangling", "below-file", "absolute", "outside", "back", "loop"} {
		s.remove("links/" + name)
	}
	// TestFS takes a backslash for a mistake.
	s.remove("back\\slash")
	s.commit()
	tree := s.tree("HEAD")
	names := slices.DeleteFunc(slices.Clone(odd), func(name string) bool { return name == "back\\slash" })
	require.NoError(t, fstest.TestFS(tree, append(names, "a/file", "a.b", "empty", "binary", "bin/run", "links/file", "links/chain", "links/dir")...))

	// Later changes do not show, and nothing changes on disk.
	s.write("a/file", "later")
	data, err := tree.ReadFile("a/file")
	require.NoError(t, err)
	assert.Equal(t, "contents", string(data))
	assert.Equal(t, "M a/file", s.git("status", "--porcelain"))
}

func TestTreeFiles(t *testing.T) {
	tree := linked(t).tree("main")
	for name, want := range map[string]string{
		"a/file":           "contents",
		"a.b":              "sorted before a/ by git",
		"empty":            "",
		"binary":           "\x00\xff\n\n",
		"back\\slash":      "back\\slash",
		"a\nb":             "a\nb",
		"links/file":       "contents",
		"links/dir/file":   "contents",
		"links/slash/file": "contents",
		"links/chain":      "contents",
		"links/up":         "sorted before a/ by git",
	} {
		data, err := tree.ReadFile(name)
		require.NoError(t, err, name)
		assert.Equal(t, want, string(data), name)
		info, err := tree.Stat(name)
		require.NoError(t, err, name)
		assert.True(t, info.Mode().IsRegular(), name)
		assert.Equal(t, int64(len(want)), info.Size(), name)
	}
	info, err := tree.Stat("bin/run")
	require.NoError(t, err)
	assert.Equal(t, "-r-xr-xr-x", info.Mode().String())

	for name, want := range map[string]error{
		"none":             fs.ErrNotExist,
		"a/file/x":         fs.ErrNotExist,
		"links/dangling":   fs.ErrNotExist,
		"links/below-file": fs.ErrNotExist,
		"links/absolute":   git.ErrOutside,
		"links/outside":    git.ErrOutside,
		"links/back":       git.ErrOutside,
		"links/loop":       syscall.ELOOP,
		"../x":             fs.ErrInvalid,
		"/a/file":          fs.ErrInvalid,
		"a":                syscall.EISDIR,
	} {
		_, err := tree.ReadFile(name)
		assert.ErrorIs(t, err, want, name)
		var pe *fs.PathError
		if assert.ErrorAs(t, err, &pe) {
			assert.Equal(t, name, pe.Path)
		}
	}
	_, err = tree.ReadDir("a/file")
	assert.ErrorIs(t, err, syscall.ENOTDIR)

	target, err := tree.ReadLink("links/outside")
	require.NoError(t, err)
	assert.Equal(t, "../../a/file", target)
	info, err = tree.Lstat("links/loop")
	require.NoError(t, err)
	assert.Equal(t, fs.ModeSymlink, info.Mode().Type())
}

// Links lead no further than the directory of a Sub.
func TestTreeSub(t *testing.T) {
	s := newScratch(t)
	s.write("p/file", "contents")
	s.write("p/q/file", "deep")
	s.write("above", "above")
	s.link("p/inside", "q/../file")
	s.link("p/up", "../above")
	s.link("p/up-to-nothing", "../nothing")
	s.link("p/out-and-back", "../p/file")
	s.link("p/q/up", "../file")
	s.link("to-p", "p")
	s.commit()
	tree := s.tree("HEAD")
	for _, dir := range []string{"p", "to-p"} {
		sub := tree.Sub(dir)
		for name, want := range map[string]string{"file": "contents", "q/file": "deep", "inside": "contents", "q/up": "contents"} {
			data, err := sub.ReadFile(name)
			require.NoError(t, err, name)
			assert.Equal(t, want, string(data), name)
		}
		for _, name := range []string{"up", "up-to-nothing", "out-and-back"} {
			_, err := sub.ReadFile(name)
			assert.ErrorIs(t, err, git.ErrOutside, name)
			assert.Equal(t, name, sub.Resolved(name))
		}
		assert.Equal(t, "q/file", sub.Resolved("q/file"))
		assert.Equal(t, "file", sub.Resolved("q/up"))
		_, err := sub.ReadFile("above")
		assert.ErrorIs(t, err, fs.ErrNotExist)
	}
	for _, dir := range []string{"none", "above", "p/file"} {
		entries, err := tree.Sub(dir).ReadDir(".")
		require.NoError(t, err)
		assert.Empty(t, entries, dir)
	}
	data, err := tree.Sub(".").ReadFile("p/up")
	require.NoError(t, err)
	assert.Equal(t, "above", string(data))
}

func TestEmptyTree(t *testing.T) {
	s := newScratch(t)
	s.git("commit", "-q", "--allow-empty", "-m", "x")
	entries, err := s.tree("HEAD").ReadDir(".")
	require.NoError(t, err)
	assert.Empty(t, entries)
}

func TestSubmoduleIsAnEmptyDirectory(t *testing.T) {
	s := newScratch(t)
	s.write("file", "")
	s.commit()
	s.git("update-index", "--add", "--cacheinfo", "160000,"+s.git("rev-parse", "HEAD")+",vendor/sub")
	s.git("commit", "-q", "-m", "x")
	tree := s.tree("HEAD")
	entries, err := tree.ReadDir("vendor/sub")
	require.NoError(t, err)
	assert.Empty(t, entries)
	require.NoError(t, fstest.TestFS(tree, "file", "vendor/sub"))
}

// The conversions of archives and checkouts do not apply to a tree.
func TestContentsAreAsStored(t *testing.T) {
	s := newScratch(t)
	s.write(".gitattributes", "hidden export-ignore\nid export-subst\n*.txt text eol=crlf\n")
	s.write("hidden", "x")
	s.write("id", "$Format:%H$")
	s.write("a.txt", "a\n")
	s.commit()
	tree := s.tree("HEAD")
	for name, want := range map[string]string{"hidden": "x", "id": "$Format:%H$", "a.txt": "a\n"} {
		data, err := tree.ReadFile(name)
		require.NoError(t, err)
		assert.Equal(t, want, string(data), name)
	}
}

func TestNamesThatAreNotUTF8AreLeftOut(t *testing.T) {
	s := newScratch(t)
	s.write("good", "")
	s.write("b\xe4d", "")
	s.commit()
	require.NoError(t, fstest.TestFS(s.tree("HEAD"), "good"))
}

func TestClose(t *testing.T) {
	tree := linked(t).tree("HEAD")
	_, err := tree.ReadFile("a/file")
	require.NoError(t, err)
	require.NoError(t, tree.Close())
	require.NoError(t, tree.Close())
	_, err = tree.ReadFile("a/file")
	assert.ErrorIs(t, err, fs.ErrClosed)
	_, err = tree.ReadDir("a")
	assert.NoError(t, err, "names are known without the process")
}

func TestCancelledTree(t *testing.T) {
	s := linked(t)
	ctx, cancel := context.WithCancel(t.Context())
	tree, err := s.open().Tree(ctx, "HEAD")
	require.NoError(t, err)
	cancel()
	for range 2 {
		_, err = tree.ReadFile("a/file")
		assert.ErrorIs(t, err, context.Canceled)
	}
	assert.NoError(t, tree.Close())
}

// An object that the repository lost is an error that names it, and the answers for others
// are not mixed up.
func TestMissingObject(t *testing.T) {
	s := newScratch(t)
	s.write("a", "a")
	s.write("b", "b")
	s.commit()
	id := s.git("rev-parse", "HEAD:a")
	s.remove(filepath.Join(".git", "objects", id[:2], id[2:]))
	tree := s.tree("HEAD")
	for range 2 {
		_, err := tree.ReadFile("a")
		assert.EqualError(t, err, "read a: object "+id+": missing from the repository")
		data, err := tree.ReadFile("b")
		require.NoError(t, err)
		assert.Equal(t, "b", string(data))
	}
}

// After an object that ends early, no answer is used.
func TestTruncatedObject(t *testing.T) {
	s := newScratch(t)
	noise := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{}).Read(noise)
	s.write("a", string(noise))
	s.write("b", "b")
	s.commit()
	id := s.git("rev-parse", "HEAD:a")
	object := filepath.Join(s.dir, ".git", "objects", id[:2], id[2:])
	require.NoError(t, os.Chmod(object, 0o644))
	require.NoError(t, os.Truncate(object, 1<<19))
	tree := s.tree("HEAD")
	for _, name := range []string{"a", "b"} {
		_, err := tree.ReadFile(name)
		assert.ErrorContains(t, err, "read "+name+": git cat-file: object "+id+": ")
	}
}

func TestConcurrentReads(t *testing.T) {
	s := newScratch(t)
	for i := range 50 {
		s.write("f"+strconv.Itoa(i), strconv.Itoa(i))
	}
	s.commit()
	tree := s.tree("HEAD")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 50 {
				data, err := tree.ReadFile("f" + strconv.Itoa(i))
				assert.NoError(t, err)
				assert.Equal(t, strconv.Itoa(i), string(data))
			}
		})
	}
	wg.Wait()
}

func TestResolved(t *testing.T) {
	tree := linked(t).tree("main")
	for name, want := range map[string]string{
		".":              ".",
		"a/file":         "a/file",
		"a":              "a",
		"links/file":     "a/file",
		"links/dir/file": "a/file",
		"links/up":       "a.b",
		"links/chain":    "a/file",
		"links/dangling": "links/dangling",
		"links/outside":  "links/outside",
		"links/loop":     "links/loop",
		"none":           "none",
	} {
		assert.Equal(t, want, tree.Resolved(name), name)
	}
}
