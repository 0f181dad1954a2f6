// Package vendoring tells which Jsonnet packages a project has vendored. The command mop
// vendor installs them, as jsonnet-bundler (jb) does, and pins them in a lock file:
//
//	packages, err := vendoring.ReadLock(os.DirFS("."))
//	for _, p := range packages {
//		fmt.Println(p.Name, p.Version)
//	}
package vendoring

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/bundler"
)

// Package is a vendored package. It is from a git repository, or it is a directory of the
// same machine, to which the vendor directory has a link.
type Package struct {
	// Name is its path in the vendor directory, by which programs import its files, such as
	// github.com/grafana/jsonnet-libs/ksonnet-util.
	Name string
	// Alias is a second name of one element for imports, such as ksonnet-util, which jb
	// gives by default; "" if there is none.
	Alias string
	// Remote is the address of the git repository, "" for a directory.
	Remote string
	// Subdir is the directory in the repository that is the package, "" for all.
	Subdir string
	// Version is the commit.
	Version string
	// Directory is the directory, relative to the project's root unless it is absolute. It
	// is "" for a package from a repository.
	Directory string
	// Sum is the sum of the files: SHA-256 in base64, as jb computes it. It is "" if there is
	// none, as for a directory.
	Sum string
}

// String returns the name, with the version if there is one: name@version.
func (p Package) String() string {
	if p.Version == "" {
		return p.Name
	}
	return p.Name + "@" + p.Version
}

// mostBytes is the limit for a lock file. 10,000 packages, which are its limit too, need less.
const mostBytes = 16 << 20

// ReadLock returns the packages in the file jsonnetfile.lock.json in the root of fsys, sorted
// by name. The packages that these need in turn are among them.
//
// If there is no such file or it cannot be read, the error has that of fsys in its chain,
// such as [fs.ErrNotExist]. A panic of fsys is an error, and so is a nil fsys. A malformed
// file is a [*diag.List] with the places in the file: no JSON, wrong types, a version that is
// not known, a package without a source, more than 10,000 packages, and names and sources that
// jb would take but that lie outside of the vendor directory. ReadLock waits for fsys, which
// should end its reads itself. It may be called concurrently.
func ReadLock(fsys fs.FS) ([]Package, error) {
	if fsys == nil {
		return nil, errors.New("vendoring: want a file system, got nil")
	}
	data, err := read(fsys)
	if err != nil {
		return nil, err
	}
	locked, err := bundler.ParseLock(bundler.LockFile, data)
	if err != nil {
		return nil, err
	}
	packages := make([]Package, len(locked))
	for i, l := range locked {
		packages[i] = Package{
			Name: l.Name, Alias: l.Legacy, Remote: l.Remote, Subdir: l.Subdir, Version: l.Version, Directory: l.Directory, Sum: l.Sum,
		}
	}
	return packages, nil
}

// read returns the contents of the lock file. The error names it.
func read(fsys fs.FS) (data []byte, err error) {
	if panicked := budget.Guarded(func() {
		var f fs.File
		if f, err = fsys.Open(bundler.LockFile); err != nil {
			return
		}
		defer f.Close()
		data, err = budget.Read(context.Background(), io.LimitReader(f, mostBytes+1))
	}); panicked != nil {
		err = fmt.Errorf("the file system %w", panicked)
	} else if err == nil && len(data) > mostBytes {
		err = errors.New("more than " + budget.Bytes(mostBytes))
	}
	var named *fs.PathError
	if err != nil && !errors.As(err, &named) {
		err = &fs.PathError{Op: "read", Path: bundler.LockFile, Err: err}
	}
	return data, err
}
