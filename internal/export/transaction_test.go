package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/pkg/manifest"
)

// The systems that the tests simulate.
var (
	notFixed = func(string) ([]string, error) { return nil, nil }
	systems  = map[string]system{
		"exchange": {swap.Exchange, notFixed},
		"rename":   {func(_, _ string) error { return errors.ErrUnsupported }, notFixed},
		"refused":  {func(_, _ string) error { return syscall.EXDEV }, notFixed},
		"in itself": {swap.Exchange, func(dir string) ([]string, error) {
			if _, err := os.Stat(dir); err != nil {
				return nil, nil
			}
			return []string{dir}, nil
		}},
	}
)

// objects makes n ConfigMaps whose names and values begin with the letter.
func objects(t testing.TB, letter string, n int) []manifest.Object {
	var list []manifest.Object
	for i := range n {
		list = append(list, object(t, fmt.Sprintf(`{apiVersion: v1, kind: ConfigMap, metadata: {name: %s%d}, data: {v: %s}}`, letter, i, letter)))
	}
	return list
}

// exportTree exports the tree of a letter: three environments, each with files that all
// letters have and files of its own.
func exportTree(ctx context.Context, t testing.TB, dir, letter string, o Options, sys system) error {
	var jobs []Job
	for _, name := range []string{"x", "y", "z"} {
		env := Environment{Name: name, Namespace: name, Template: map[string]any{"name": name}}
		env.Objects = append(objects(t, letter, 10), object(t, fmt.Sprintf(
			`{apiVersion: v1, kind: Secret, metadata: {name: both, labels: {l: %s}}}`, letter)))
		jobs = append(jobs, Rendered(name, env))
	}
	o.MergeStrategy = ReplaceEnvs
	o.Format = "{{env.name}}/{{.metadata.name}}"
	_, err := run(ctx, dir, jobs, o, sys)
	return err
}

// files returns the content of the files below dir, which may be a link. It returns none if
// dir does not exist.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	dir, err := swap.Resolve(dir)
	require.NoError(t, err)
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && name == dir {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		out[name[len(dir)+1:]] = string(data)
		return err
	})
	require.NoError(t, err)
	return out
}

// trees returns the trees of the letters a and b.
func trees(t testing.TB) (a, b map[string]string) {
	parent := t.TempDir()
	for _, letter := range []string{"a", "b"} {
		require.NoError(t, exportTree(t.Context(), t, filepath.Join(parent, letter), letter, Options{}, systems["rename"]))
	}
	return files(t, filepath.Join(parent, "a")), files(t, filepath.Join(parent, "b"))
}

func TestSystems(t *testing.T) {
	a, b := trees(t)
	require.Len(t, a, 34)
	for name, sys := range systems {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "out")
			require.NoError(t, os.Mkdir(dir, 0o755))
			own := filepath.Join(dir, "own")
			require.NoError(t, os.WriteFile(own, nil, 0o600))
			for letter, want := range map[string]map[string]string{"a": a, "b": b} {
				before, err := os.Stat(dir)
				require.NoError(t, err)
				require.NoError(t, exportTree(t.Context(), t, dir, letter, Options{}, sys))
				got := files(t, dir)
				assert.Contains(t, got, "own")
				delete(got, "own")
				assert.Equal(t, want, got)
				after, err := os.Stat(dir)
				require.NoError(t, err)
				assert.Equal(t, name == "refused" || name == "in itself", os.SameFile(before, after))
			}
			left, err := os.ReadDir(parent)
			require.NoError(t, err)
			assert.Len(t, left, 1)
		})
	}
}

// On Linux, the tests must have tested the exchange itself.
func TestExchange(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the system has none")
	}
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, name, "in-"+name), 0o755))
	}
	require.NoError(t, swap.Exchange(filepath.Join(dir, "a"), filepath.Join(dir, "b")))
	assert.DirExists(t, filepath.Join(dir, "a", "in-b"))
	assert.DirExists(t, filepath.Join(dir, "b", "in-a"))
}

// If anything stops an export, the old tree stays and nothing is left over.
func TestFailureLeavesTheOldTree(t *testing.T) {
	stops := map[string]func(cancel func(), n int) error{
		"cancel": func(cancel func(), n int) error {
			if n == 17 {
				cancel()
			}
			return nil
		},
		"cancel at the end": func(cancel func(), n int) error {
			if n == 33 {
				cancel()
			}
			return nil
		},
		"disk full": func(_ func(), n int) error {
			if n == 17 {
				return syscall.ENOSPC
			}
			return nil
		},
	}
	a, _ := trees(t)
	for name, sys := range systems {
		for stop, f := range stops {
			for _, start := range []string{"a", "nothing"} {
				t.Run(name+"/"+stop+"/"+start, func(t *testing.T) {
					parent := t.TempDir()
					dir := filepath.Join(parent, "deep", "out")
					want, left := map[string]string{}, 0
					if start == "a" {
						require.NoError(t, exportTree(t.Context(), t, dir, "a", Options{}, systems["rename"]))
						want, left = a, 1
					}
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					n := 0
					err := exportTree(ctx, t, dir, "b", Options{Parallel: 1, Write: func(w io.Writer, o manifest.Object) error {
						n++
						return errors.Join(writeYAML(w, o), f(cancel, n))
					}}, sys)
					if stop == "disk full" {
						assert.ErrorIs(t, err, syscall.ENOSPC)
					} else {
						assert.ErrorIs(t, err, context.Canceled)
					}
					assert.ErrorContains(t, err, "export into "+dir)
					assert.Equal(t, want, files(t, dir))
					entries, err := os.ReadDir(parent)
					require.NoError(t, err)
					assert.Len(t, entries, left)
				})
			}
		}
	}
}

// If replacing files one by one fails, the next run completes it.
func TestJournalIsCompleted(t *testing.T) {
	a, b := trees(t)
	dir := filepath.Join(t.TempDir(), "out")
	obstacle := filepath.Join(dir, "y", "b3.yaml", "x")
	sys := systems["refused"]
	require.NoError(t, exportTree(t.Context(), t, dir, "a", Options{}, sys))
	sys.exchange = func(_, _ string) error { return errors.Join(os.MkdirAll(obstacle, 0o755), syscall.EXDEV) }
	err := exportTree(t.Context(), t, dir, "b", Options{}, sys)
	require.ErrorContains(t, err, "export into "+dir+": partly done, the next export completes it: rename")
	assert.NotEqual(t, a, files(t, dir))

	require.NoError(t, os.RemoveAll(filepath.Dir(obstacle)))
	again, err := begin(t.Context(), dir, Options{}, sys)
	require.NoError(t, err)
	require.NoError(t, again.end())
	assert.Equal(t, b, files(t, dir))
}

// If the second step of the rename fails, the first one is undone.
func TestRenameIsTakenBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "old"), 0o755))
	tx, err := begin(t.Context(), dir, Options{}, systems["rename"])
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(tx.work, 0o755)) // Without staged files.
	require.ErrorIs(t, tx.rename(), fs.ErrNotExist)
	require.NoError(t, tx.end())
	assert.DirExists(t, filepath.Join(dir, "old"))
}

// The holder removes the lock's file. A process that has opened it before must notice that
// it is no longer the lock.
func TestLockIsOneFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	for range 3 {
		first, err := begin(t.Context(), dir, Options{}, systems["exchange"])
		require.NoError(t, err)
		_, err = begin(t.Context(), dir, Options{}, systems["exchange"])
		require.ErrorContains(t, err, "another export into this directory is running")
		assert.FileExists(t, first.lock.Path(), "one who does not get the lock must leave it alone")
		require.NoError(t, first.end())
		assert.NoFileExists(t, first.lock.Path())
	}
}
