package outside_test

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

// root is the repository's root, relative to this directory.
const root = "../../.."

// library is the path of the library's module. Those of the other modules begin with it, and
// go on with their directories.
const library = "github.com/mop-platform/mop"

// version is the version that the modules require of each other.
func version(t *testing.T) string {
	t.Helper()
	out := goCommand(t, root, nil, "mod", "edit", "-json", "cmd/mop/go.mod")
	var file struct {
		Require []struct{ Path, Version string }
	}
	require.NoError(t, json.Unmarshal(out, &file))
	for _, r := range file.Require {
		if r.Path == library {
			return r.Version
		}
	}
	require.Fail(t, "the command does not require the library")
	return ""
}

// proxy makes a module proxy, a tree of files, of the modules in the work tree: of what is
// committed, and of what is not but could be. It returns the tree's directory.
func proxy(t *testing.T, version string) string {
	t.Helper()
	tree := t.TempDir()
	for _, dir := range []string{"", "pkg/validate", "cmd/mop"} {
		m := module.Version{Path: path.Join(library, dir), Version: version}
		at := filepath.Join(tree, filepath.FromSlash(m.Path), "@v")
		require.NoError(t, os.MkdirAll(at, 0o777))
		write := func(name string, data []byte) {
			require.NoError(t, os.WriteFile(filepath.Join(at, name), data, 0o666))
		}
		info, err := json.Marshal(map[string]any{"Version": version, "Time": time.Now().UTC().Truncate(time.Second)})
		require.NoError(t, err)
		mod, err := os.ReadFile(filepath.Join(root, dir, "go.mod"))
		require.NoError(t, err)
		write("list", []byte(version+"\n"))
		write(version+".info", info)
		write(version+".mod", mod)
		archive, err := os.Create(filepath.Join(at, version+".zip"))
		require.NoError(t, err)
		require.NoError(t, zip.Create(archive, m, files(t, dir)), m.Path)
		require.NoError(t, archive.Close())
	}
	return tree
}

// files returns the files of a directory of the work tree that git does not ignore. As the go
// command does for a module below the root, it adds the root's licence.
func files(t *testing.T, dir string) []zip.File {
	t.Helper()
	list := exec.Command("git", "ls-files", "-co", "--exclude-standard", "-z")
	list.Dir = filepath.Join(root, dir)
	out, err := list.Output()
	require.NoError(t, err)
	all := []zip.File{}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		f := file{name, filepath.Join(root, dir, name)}
		if _, err := f.Lstat(); errors.Is(err, fs.ErrNotExist) {
			continue // removed, and not committed yet
		}
		all = append(all, f)
	}
	if dir != "" {
		all = append(all, file{"LICENSE", filepath.Join(root, "LICENSE")})
	}
	return all
}

// file is a file of a module: its path there, and on disk.
type file struct{ name, disk string }

func (f file) Path() string                 { return f.name }
func (f file) Lstat() (fs.FileInfo, error)  { return os.Lstat(f.disk) }
func (f file) Open() (io.ReadCloser, error) { return os.Open(f.disk) }

// goCommand runs the go command in a directory and returns what it prints.
func goCommand(t *testing.T, dir string, env []string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "go %s\n%s", strings.Join(args, " "), stderr.String())
	return out
}
