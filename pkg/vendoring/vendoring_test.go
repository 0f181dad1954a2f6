package vendoring_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/vendoring"
)

func Example() {
	packages, err := vendoring.ReadLock(os.DirFS("testdata"))
	if err != nil {
		fmt.Println(err)
	}
	for _, p := range packages {
		fmt.Println(p.Name, p.Version)
	}
	// Output:
	// github.com/grafana/jsonnet-libs/ksonnet-util 38e888ec993543791c4c565cd700c9d47c0d84dd
	// shared
}

func TestReadLock(t *testing.T) {
	packages, err := vendoring.ReadLock(os.DirFS("testdata"))
	require.NoError(t, err)
	assert.Equal(t, []vendoring.Package{
		{
			Name: "github.com/grafana/jsonnet-libs/ksonnet-util", Alias: "ksonnet-util",
			Remote: "https://github.com/grafana/jsonnet-libs.git", Subdir: "ksonnet-util",
			Version: "38e888ec993543791c4c565cd700c9d47c0d84dd", Sum: "0y3AFX9LQSpfWTxWKSwoLgbt0Wc9nnCwhMH2szKzHv0=",
		},
		{Name: "shared", Directory: "../shared"},
	}, packages)
	assert.Equal(t, "github.com/grafana/jsonnet-libs/ksonnet-util@38e888ec993543791c4c565cd700c9d47c0d84dd shared", fmt.Sprint(packages[0], " ", packages[1]))

	whole, err := vendoring.ReadLock(lock(`{"version": 1, "dependencies": [{"source": {"git": {"remote": "git@example.com:a/b.git", "subdir": ""}}, "version": "c", "name": "x"}]}`))
	require.NoError(t, err)
	assert.Equal(t, []vendoring.Package{{Name: "example.com/a/b", Alias: "x", Remote: "ssh://git@example.com/a/b.git", Version: "c"}}, whole)

	none, err := vendoring.ReadLock(lock(""))
	require.NoError(t, err)
	assert.Empty(t, none)
}

func lock(text string) fs.FS {
	return fstest.MapFS{"jsonnetfile.lock.json": {Data: []byte(text)}}
}

func TestMalformed(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"syntax":  {"{\n  \"version\": 1,\n}", "jsonnetfile.lock.json:3:1: invalid character '}' looking for beginning of object key string"},
		"version": {`{"version": 9}`, "jsonnetfile.lock.json: version: want 1, got 9"},
		"outside": {`{"version": 1, "dependencies": [{"source": {"local": {"directory": "/"}}}]}`, `jsonnetfile.lock.json:1:33: dependencies[0]: want a name below the vendor directory, got "/"`},
	} {
		t.Run(name, func(t *testing.T) {
			packages, err := vendoring.ReadLock(lock(test.text))
			assert.Empty(t, packages)
			var list *diag.List
			require.ErrorAs(t, err, &list)
			assert.Equal(t, test.want, err.Error())
		})
	}
}

// faulty is a file system whose only file is read by a function.
type faulty struct {
	fs.FS
	read func([]byte) (int, error)
}

func (f faulty) Open(name string) (fs.File, error) {
	file, err := f.FS.Open(name)
	return faultyFile{file, f.read}, err
}

type faultyFile struct {
	fs.File
	read func([]byte) (int, error)
}

func (f faultyFile) Read(p []byte) (int, error) { return f.read(p) }

var errBurning = errors.New("disk on fire")

func TestUnreadable(t *testing.T) {
	_, err := vendoring.ReadLock(nil)
	require.EqualError(t, err, "vendoring: want a file system, got nil")
	_, err = vendoring.ReadLock(fstest.MapFS{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = vendoring.ReadLock(os.DirFS(t.TempDir() + "/none"))
	require.ErrorIs(t, err, fs.ErrNotExist)

	for name, test := range map[string]struct {
		read func([]byte) (int, error)
		is   error
		want string
	}{
		"fails":    {func([]byte) (int, error) { return 0, errBurning }, errBurning, "read jsonnetfile.lock.json: disk on fire"},
		"panics":   {func([]byte) (int, error) { panic(errBurning) }, errBurning, "read jsonnetfile.lock.json: the file system panicked: disk on fire"},
		"no end":   {func(p []byte) (int, error) { return copy(p, bytes.Repeat([]byte(" "), len(p))), nil }, nil, "read jsonnetfile.lock.json: more than 16 MiB"},
		"too long": {func(p []byte) (int, error) { return len(p) + 1, nil }, nil, "read jsonnetfile.lock.json: a read of 8193 bytes into a room for 8192"},
	} {
		t.Run(name, func(t *testing.T) {
			packages, err := vendoring.ReadLock(faulty{lock("{}"), test.read})
			assert.Empty(t, packages)
			require.ErrorContains(t, err, test.want)
			if test.is != nil {
				require.ErrorIs(t, err, test.is)
			}
		})
	}
}

func TestMostPackages(t *testing.T) {
	item := `{"source": {"local": {"directory": "a"}}},`
	_, err := vendoring.ReadLock(lock(`{"version": 1, "dependencies": [` + strings.Repeat(item, 10_000) + strings.TrimSuffix(item, ",") + "]}"))
	require.ErrorContains(t, err, "want at most 10000 packages, got 10001")
}
