// Package project finds a Jsonnet project on disk and the environments in it.
//
// A project is a directory tree whose root holds a tkrc.yaml or a
// jsonnetfile.json. An environment is a directory with a main.jsonnet, beside
// it usually a spec.json that says where the environment is deployed. The
// layout is Grafana Tanka's, so its repositories are projects as they are.
//
// [Find] opens the project around a directory, [New] makes one of an [fs.FS].
// [Project.Environments] lists the environments; [Project.Environment] finds
// the one that a user's argument means.
//
// A Project reads files only within a fence, whatever leads there: the innermost git work tree
// around its root if there is one, else the root; the import directories and files that it was
// given; and the local packages that its jsonnetfile.json declares, if they hold a jsonnetfile.json
// themselves. A work tree that is the home directory or holds it does not count. Git's own files,
// .git in any directory, are outside.
package project

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/pkg/diag"
)

// ErrOutside is in the chain of an error for a file that lies outside of what
// the project may read.
var ErrOutside error = outsideRoot

// Project is an open project. It is immutable and safe for concurrent use.
//
// Files are named by slash-separated paths relative to the root. The name of a
// file above it begins with ../; a name may be absolute, too.
type Project struct {
	source    source
	imports   []string
	unignored func(ctx context.Context, dir string) ([]string, error)
}

// source reads files by name and lists directories below the root.
type source interface {
	fs.FS
	stat(ctx context.Context, name string) (fs.FileInfo, error)
	readFile(ctx context.Context, name string) ([]byte, error)
	readDir(ctx context.Context, name string) ([]fs.DirEntry, error)
	// name returns the name under which the project knows the OS path p,
	// which is absolute. ok is false where the project is not on disk.
	name(p string) (name string, ok bool)
	// path returns the OS path for a name, the inverse of name.
	path(name string) (p string, ok bool)
	// resolved returns the name of the file that name leads to through
	// symbolic links, or name itself.
	resolved(name string) string
	// top returns the name of the directory within the fence: the root or one that holds
	// it.
	top() string
}

// Options add to the files that a project may read.
type Options struct {
	// ImportDirs are directories outside the usual ones in which imports are
	// searched, before the project's own; a later one comes first, as in the
	// jsonnet command. Relative paths are relative to the working directory.
	ImportDirs []string
	// Files are single files outside the fence that may be read.
	Files []string
	// Home is the user's home directory, "" if unknown. A project does not read it as a git
	// work tree, nor a directory that holds it.
	Home string
	// Unignored returns the absolute paths of the files at or below a directory that
	// version control does not ignore, and of the directories that it does not look into.
	// The search for environments passes over all others. If Unignored is nil or returns
	// nothing, the search passes over nothing.
	Unignored func(ctx context.Context, dir string) ([]string, error)
}

// Find opens the project that dir belongs to: its root is the nearest parent
// of dir, or dir itself, with a tkrc.yaml, else the nearest with a
// jsonnetfile.json.
//
// The error is a [diag.Diagnostic] if there is no such parent or if an import
// directory does not exist.
func Find(dir string, o Options) (*Project, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, ok := findRoot(abs)
	if !ok {
		return nil, diag.Diagnostic{
			Code:    failure.NoProject,
			Subject: filepath.ToSlash(dir),
			Problem: "no project here: neither tkrc.yaml nor jsonnetfile.json in this directory or a parent",
			Err:     ErrNoProject,
		}
	}
	if o.Home != "" {
		o.Home = real(o.Home)
	}
	d, err := openDisk(root, o.Home)
	if err != nil {
		return nil, err
	}
	p := &Project{source: d, unignored: o.Unignored}
	for _, dir := range slices.Backward(o.ImportDirs) {
		name, err := d.allow(dir)
		if err != nil {
			return nil, diag.Diagnostic{Subject: filepath.ToSlash(dir), Problem: "import directory: " + reason(err), Err: err}
		}
		p.imports = append(p.imports, name)
	}
	for _, file := range o.Files {
		_, err := d.allow(file)
		if errors.Is(err, fs.ErrNotExist) {
			// It may be on the import path. If not, reading it reports the error.
			continue
		}
		if err != nil {
			return nil, diag.Diagnostic{Subject: filepath.ToSlash(file), Problem: reason(err)}
		}
	}
	return p, nil
}

// findRoot returns the root of the project around the absolute path dir.
func findRoot(dir string) (string, bool) {
	for _, marker := range []string{"tkrc.yaml", "jsonnetfile.json"} {
		for d := dir; ; d = filepath.Dir(d) {
			if info, err := os.Stat(filepath.Join(d, marker)); err == nil && info.Mode().IsRegular() {
				return d, true
			}
			if d == filepath.Dir(d) {
				break
			}
		}
	}
	return "", false
}

// New returns the project whose root is the root of fsys, which needs no marker file. fsys
// decides about files outside. It may be slow: no method waits for it longer than its
// context lasts. If fsys panics, the method returns an error with the name of the file.
// imports are the names of directories in it in which imports are searched, in this order,
// before the project's own.
func New(fsys fs.FS, imports ...string) *Project {
	return &Project{source: foreign{fsys}, imports: slices.Clone(imports)}
}

// ReadFile returns the contents of the named file, within the budget of ctx. The error's
// chain holds [fs.ErrNotExist], [ErrOutside] or [budget.Exceeded] if that is the reason.
func (p *Project) ReadFile(ctx context.Context, name string) ([]byte, error) {
	return p.source.readFile(ctx, name)
}

// Stat describes the named file or directory, or the one that it links to. The
// error is as that of [Project.ReadFile].
func (p *Project) Stat(ctx context.Context, name string) (fs.FileInfo, error) {
	return p.source.stat(ctx, name)
}

// ReadDir returns the entries of the named directory, sorted, without git's own. The error
// is as that of [Project.ReadFile].
func (p *Project) ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	return p.source.readDir(ctx, name)
}

// Name returns the name under which the project knows the file or directory at
// an absolute path of the operating system. ok is false where the project is
// not on disk.
func (p *Project) Name(osPath string) (name string, ok bool) { return p.source.name(osPath) }

// Path returns the path of the operating system for a name in the project. ok
// is false where the project is not on disk.
func (p *Project) Path(name string) (osPath string, ok bool) { return p.source.path(name) }

// Resolved returns the name of the file that the named one leads to through
// symbolic links; name itself where there are none, or no such file.
func (p *Project) Resolved(name string) string { return p.source.resolved(name) }

// Top returns the name of the directory that the project's fence is around, but
// for import directories: the top of its git work tree, ../.. for example, or "."
// where there is none.
func (p *Project) Top() string { return p.source.top() }

// SearchPath returns the directories in which an import that is not found
// beside its file is searched for an environment in dir, in order: the import
// directories of [Options], dir, lib, then vendor and vendor-jsonnet of dir and
// of the root.
func (p *Project) SearchPath(dir string) []string {
	search := slices.Clone(p.imports)
	for _, name := range []string{
		dir, "lib",
		path.Join(dir, "vendor"), path.Join(dir, "vendor-jsonnet"),
		"vendor", "vendor-jsonnet",
	} {
		if !slices.Contains(search, name) {
			search = append(search, name)
		}
	}
	return search
}

// Vendored reports whether the named file is one of the libraries of others: it is
// in a directory vendor or vendor-jsonnet, or below one.
func Vendored(name string) bool {
	dirs := strings.Split(path.Dir(name), "/")
	return slices.Contains(dirs, "vendor") || slices.Contains(dirs, "vendor-jsonnet")
}

// VendorDir returns the name of the directory for the libraries of others:
// vendor-jsonnet, or vendor where that alone is there and is not Go's.
func (p *Project) VendorDir() string {
	return VendorDir(func(name string) bool { _, err := p.source.stat(context.Background(), name); return err == nil })
}

// VendorDir is [Project.VendorDir] of a project in which the names exist of which
// exists says so.
func VendorDir(exists func(name string) bool) string {
	if exists("vendor") && !exists("vendor/modules.txt") && !exists("vendor-jsonnet") {
		return "vendor"
	}
	return "vendor-jsonnet"
}

// reason returns err's cause in words.
func reason(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return "no such file or directory"
	}
	return cause(err).Error()
}
