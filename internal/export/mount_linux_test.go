package export

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/mop-platform/mop/internal/namespace"
	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/pkg/manifest"
)

// asItIs is the system of Run. disguised does not see mount points before a rename fails,
// like a system without /proc.
var (
	asItIs    = system{swap.Exchange, swap.Mounts}
	disguised = systems["exchange"]
)

// mountPoints prepare a directory out in a parent that cannot be replaced as a whole.
var mountPoints = map[string]func(t *testing.T, parent string){
	"another file system": func(t *testing.T, parent string) { namespace.Mount(t, filepath.Join(parent, "out"), "") },
	"the same file system": func(t *testing.T, parent string) {
		dir := filepath.Join(parent, "out")
		require.NoError(t, os.Mkdir(dir, 0o755))
		namespace.Bind(t, t.TempDir(), dir)
	},
	"read-only around it": func(t *testing.T, parent string) {
		namespace.Mount(t, filepath.Join(parent, "out"), "")
		namespace.Bind(t, parent, parent)
		require.NoError(t, unix.Mount("", parent, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	},
	"a link to one": func(t *testing.T, parent string) {
		elsewhere := filepath.Join(t.TempDir(), "deep")
		namespace.Mount(t, elsewhere, "")
		require.NoError(t, os.Symlink(elsewhere, filepath.Join(parent, "out")))
	},
	"lower layer": func(t *testing.T, parent string) {
		layers := t.TempDir()
		namespace.Mount(t, layers, "")
		for _, name := range []string{"lower/out/old", "upper", "work"} {
			require.NoError(t, os.MkdirAll(filepath.Join(layers, name), 0o755))
		}
		require.NoError(t, unix.Mount("none", parent, "overlay", 0,
			"lowerdir="+layers+"/lower,upperdir="+layers+"/upper,workdir="+layers+"/work"))
		namespace.Unmount(t, parent)
	},
}

func TestMountPoints(t *testing.T) {
	if !namespace.Enter(t) {
		return
	}
	a, b := trees(t)
	for name, prepare := range mountPoints {
		for how, sys := range map[string]system{"seen": asItIs, "disguised": disguised} {
			t.Run(name+"/"+how, func(t *testing.T) {
				parent := t.TempDir()
				prepare(t, parent)
				dir := filepath.Join(parent, "out")
				before, err := os.Stat(dir)
				require.NoError(t, err)
				for _, letter := range []string{"a", "b", "a"} {
					require.NoError(t, exportTree(t.Context(), t, dir, letter, Options{}, sys))
					assert.Equal(t, map[string]map[string]string{"a": a, "b": b}[letter], files(t, dir))
				}
				after, err := os.Stat(dir)
				require.NoError(t, err)
				assert.True(t, name == "lower layer" || os.SameFile(before, after))
				entries, err := os.ReadDir(parent)
				require.NoError(t, err)
				assert.Len(t, entries, 1, "nothing may be left over")
			})
		}
	}
}

// The next run completes a run that was killed while it replaced the files of a mount
// point, even if it does not see the mount point.
func TestMountPointsKilled(t *testing.T) {
	if !namespace.Enter(t) {
		return
	}
	for name, prepare := range mountPoints {
		for how, sys := range map[string]system{"as it is": asItIs, "exchange": disguised} {
			t.Run(name+"/"+how, func(t *testing.T) {
				parent := t.TempDir()
				prepare(t, parent)
				killExports(t, filepath.Join(parent, "out"), how, sys, 6, false)
			})
		}
	}
}

// A run completes the work that a run began in a mount point, even if the directory is no
// mount point for it: the volume of a container, seen from its host.
func TestMountPointThatIsNoneLater(t *testing.T) {
	a, b := trees(t)
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	sys := systems["in itself"]
	require.NoError(t, exportTree(t.Context(), t, dir, "a", Options{}, sys))
	inner, err := begin(t.Context(), dir, Options{}, sys)
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(inner.staging(), os.DirFS(fileTree(t, b))))
	require.NoError(t, os.WriteFile(filepath.Join(inner.work, journalFile), []byte(`{"remove": ["x/a0.yaml"]}`), 0o600))
	_, err = begin(t.Context(), dir, Options{}, asItIs)
	require.EqualError(t, err, dir+": another export into this directory is running")
	require.NoError(t, inner.lock.Unlock()) // Killed.

	next, err := begin(t.Context(), dir, Options{}, asItIs)
	require.NoError(t, err)
	require.NoError(t, next.end())
	got := files(t, dir)
	assert.NotContains(t, got, "x/a0.yaml")
	for name, text := range b {
		assert.Equal(t, text, got[name], name)
	}
	assert.Len(t, got, len(a)+len(b)-1-4, "of a and b, which share three files and the index")
	entries, err := os.ReadDir(parent)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

// fileTree writes files into a directory.
func fileTree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	return dir
}

// A full file system leaves the old tree, wherever the new one is staged.
func TestFullFileSystem(t *testing.T) {
	if !namespace.Enter(t) {
		return
	}
	a, _ := trees(t)
	for name, at := range map[string]string{"around it": ".", "the directory": "out"} {
		for how, sys := range map[string]system{"seen": asItIs, "disguised": disguised} {
			t.Run(name+"/"+how, func(t *testing.T) {
				parent := t.TempDir()
				namespace.Mount(t, filepath.Join(parent, at), "1m")
				dir := filepath.Join(parent, "out")
				require.NoError(t, exportTree(t.Context(), t, dir, "a", Options{}, sys))
				err := exportTree(t.Context(), t, dir, "b", Options{Write: func(w io.Writer, o manifest.Object) error {
					_, err := io.WriteString(w, strings.Repeat("x", 1<<16))
					return err
				}}, sys)
				require.ErrorIs(t, err, syscall.ENOSPC)
				assert.Equal(t, a, files(t, dir))
				entries, err := os.ReadDir(parent)
				require.NoError(t, err)
				assert.Len(t, entries, 1)
			})
		}
	}
}

// Mount points below the directory stay, with their content. Nothing is written into them.
func TestMountPointsBelow(t *testing.T) {
	if !namespace.Enter(t) {
		return
	}
	a, b := trees(t)
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	require.NoError(t, exportTree(t.Context(), t, dir, "a", Options{}, asItIs))
	t.Run("not touched", func(t *testing.T) {
		namespace.Mount(t, filepath.Join(dir, "own"), "")
		require.NoError(t, os.WriteFile(filepath.Join(dir, "own", "kept"), []byte("kept"), 0o644))
		require.NoError(t, exportTree(t.Context(), t, dir, "b", Options{}, asItIs))
		got := files(t, dir)
		assert.Equal(t, "kept", got["own/kept"])
		delete(got, "own/kept")
		assert.Equal(t, b, got)
	})
	require.NoError(t, os.Remove(filepath.Join(dir, "own")))
	require.NoError(t, exportTree(t.Context(), t, dir, "a", Options{}, asItIs))
	for name, at := range map[string]string{"folder": "y", "file": "y/a3.yaml"} {
		t.Run(name, func(t *testing.T) {
			if name == "folder" {
				namespace.Mount(t, filepath.Join(dir, at), "")
			} else {
				namespace.Bind(t, filepath.Join(dir, "x", "a3.yaml"), filepath.Join(dir, at))
			}
			before := files(t, dir)
			err := exportTree(t.Context(), t, dir, "b", Options{}, asItIs)
			require.EqualError(t, err, dir+": cannot be changed as a whole: "+at+" in it is a mount point")
			assert.Equal(t, before, files(t, dir))
		})
	}
	assert.Equal(t, a, files(t, dir))
	entries, err := os.ReadDir(parent)
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

// A journal that somebody else has written reaches only the content of the directory.
func TestJournalOfOthers(t *testing.T) {
	for name, sys := range map[string]system{"beside it": asItIs, "in it": systems["in itself"]} {
		for what, text := range map[string]string{
			"removes": `{"remove": ["../../victim/x"]}`,
			"empties": `{"emptied": ["../../victim/x"]}`,
			"moves":   `{}`,
			"through": `{"remove": ["link/x"]}`,
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				outside := filepath.Join(t.TempDir(), "victim")
				parent := filepath.Join(filepath.Dir(outside), "repository")
				dir := filepath.Join(parent, "out")
				for path, text := range map[string]string{outside + "/x": "mine", dir + "/y": ""} {
					require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
					require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
				}
				require.NoError(t, os.Symlink(outside, filepath.Join(dir, "link")))
				work := filepath.Join(parent, ".out.mop-export")
				if name == "in it" {
					work = filepath.Join(dir, insideWork)
				}
				require.NoError(t, os.MkdirAll(filepath.Join(work, "new", "link"), 0o755))
				require.NoError(t, os.WriteFile(filepath.Join(work, "new", "link", "x"), []byte("theirs"), 0o644))
				require.NoError(t, os.WriteFile(filepath.Join(work, journalFile), []byte(text), 0o644))
				_, err := begin(t.Context(), dir, Options{}, sys)
				require.Error(t, err)
				assert.Equal(t, map[string]string{"x": "mine"}, files(t, outside))
			})
		}
	}
}
