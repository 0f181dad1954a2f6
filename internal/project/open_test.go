package project

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// openers are the ways in which a file of an area is opened.
var openers = map[string]struct {
	open func(area, string) (*os.File, error)
	stat func(area, string) (fs.FileInfo, error)
}{
	"the system's": {area.open, area.stat},
	"the portable": {area.openBeneath, area.statBeneath},
}

// A directory that became a link after its path was resolved leads nowhere outside.
func TestOpenAfterSwap(t *testing.T) {
	for name, opener := range openers {
		for _, swapped := range []string{"dir/sub/file", "dir/sub", "dir"} {
			t.Run(name+" "+swapped, func(t *testing.T) {
				base, err := filepath.EvalSymlinks(t.TempDir())
				require.NoError(t, err)
				outside := filepath.Join(base, "outside")
				for _, dir := range []string{"in/dir/sub", "outside/dir/sub"} {
					require.NoError(t, os.MkdirAll(filepath.Join(base, dir), 0o777))
				}
				require.NoError(t, os.WriteFile(filepath.Join(base, "in/dir/sub/file"), []byte("inside"), 0o666))
				require.NoError(t, os.WriteFile(filepath.Join(outside, "dir/sub/file"), []byte("secret"), 0o666))
				d, err := openDisk(filepath.Join(base, "in"), "")
				require.NoError(t, err)
				real, a, err := d.resolve("read", "dir/sub/file")
				require.NoError(t, err)
				f, err := opener.open(a, real)
				require.NoError(t, err)
				text, err := io.ReadAll(f)
				require.NoError(t, err)
				require.NoError(t, f.Close())
				assert.Equal(t, "inside", string(text))

				require.NoError(t, os.RemoveAll(filepath.Join(base, "in", swapped)))
				require.NoError(t, os.Symlink(filepath.Join(outside, swapped), filepath.Join(base, "in", swapped)))
				_, err = opener.open(a, real)
				assert.Error(t, err)
				_, err = opener.stat(a, real)
				assert.Error(t, err)
				// The directory's real path is remembered.
				_, err = d.readFile(t.Context(), "dir/sub/file")
				assert.Error(t, err)
			})
		}
	}
}

// While a name changes between a file and a link to a secret, each read gives the file or
// an error.
func TestReadFileRace(t *testing.T) {
	base, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	in := filepath.Join(base, "in")
	require.NoError(t, os.MkdirAll(filepath.Join(in, "dir"), 0o777))
	require.NoError(t, os.MkdirAll(filepath.Join(base, "outside"), 0o777))
	require.NoError(t, os.WriteFile(filepath.Join(base, "outside", "file"), []byte("secret"), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(in, "dir", "file"), []byte("inside"), 0o666))
	d, err := openDisk(in, "")
	require.NoError(t, err)
	var done atomic.Bool
	swapping := make(chan error, 1)
	go func() {
		swap := func(i int) error {
			draft := filepath.Join(in, fmt.Sprintf("draft%d", i))
			if i%2 == 0 {
				if err := os.Symlink(filepath.Join(base, "outside", "file"), draft); err != nil {
					return err
				}
			} else if err := os.WriteFile(draft, []byte("inside"), 0o666); err != nil {
				return err
			}
			return os.Rename(draft, filepath.Join(in, "dir", "file"))
		}
		for i := 0; !done.Load(); i++ {
			if err := swap(i); err != nil {
				swapping <- err
				return
			}
		}
		swapping <- nil
	}()
	for range 3000 {
		if text, err := d.readFile(t.Context(), "dir/file"); err == nil {
			assert.Equal(t, "inside", string(text))
		}
		if info, err := d.stat(t.Context(), "dir/file"); err == nil {
			assert.True(t, info.Mode().IsRegular())
		}
	}
	done.Store(true)
	require.NoError(t, <-swapping)
}

// Neither the home directory nor a directory around it is opened.
func TestMayOpen(t *testing.T) {
	for _, tt := range []struct {
		dir, home string
		want      bool
	}{
		{"/w", "", true},
		{"/w", "/home/u", true},
		{"/w", "/w", false},
		{"/w", "/w/team/u", false},
		{"/w", "/w2", true},
		{"/", "", false},
		{"/", "/home/u", false},
		{"/w/team", "/w", true},
	} {
		assert.Equal(t, tt.want, mayOpen(tt.dir, tt.home), "%s, home %s", tt.dir, tt.home)
	}
}
