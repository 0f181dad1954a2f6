package project

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// At returns the project as it is in fsys, for example in a revision. root is the name of
// its root there. Files outside of fsys, such as import directories, are as in p. fsys
// should hold no more than [Project.Top].
//
// ignored reports whether version control ignores a file or directory of the project. An
// ignored file that fsys lacks is as in p too, but the search for environments passes over
// it. nil ignores nothing.
//
// The project is not on disk, so [Project.Path] returns no paths. If fsys has a method
// Resolved(name string) string, the project uses it. The error of fsys for a symbolic link
// that leads out of it should have a method Outside() bool that returns true: the file is
// as in p then, if the link leads out of fsys there too.
func (p *Project) At(fsys fs.FS, root string, ignored func(name string) bool) *Project {
	if ignored == nil {
		ignored = func(string) bool { return false }
	}
	return &Project{source: overlay{foreign{fsys}, p.source, root, ignored}, imports: p.imports}
}

// overlay is a source for a file system. For some names it uses another source below it.
type overlay struct {
	foreign
	below source
	// root is the name of the project's root in the file system.
	root    string
	ignored func(name string) bool
}

// find returns the name of the named file in the file system, or isBelow if the source
// below has it.
func (o overlay) find(name string) (there string, isBelow bool) {
	there, ok := o.inside(name)
	if !ok {
		return "", true
	}
	if !o.ignored(name) {
		return there, false
	}
	if _, err := o.foreign.stat(context.Background(), there); !errors.Is(err, fs.ErrNotExist) {
		return there, false
	}
	// An ignored link may lead to a file that is not ignored.
	if target := o.throughLinks(name); target != name && !o.ignored(target) {
		there, ok = o.inside(target)
		return there, !ok
	}
	return "", true
}

// inside returns the name in the file system of a file that lies in it.
func (o overlay) inside(name string) (string, bool) {
	if path.IsAbs(name) {
		known, ok := o.below.name(filepath.FromSlash(name))
		if !ok {
			return "", false
		}
		name = known
	}
	there := path.Join(o.root, name)
	return there, fs.ValidPath(there)
}

// outward returns the name in the project of a file in the file system.
func (o overlay) outward(there string) string {
	// Both are relative to one directory, so that a path exists.
	rel, _ := filepath.Rel(filepath.FromSlash(o.root), filepath.FromSlash(there))
	return filepath.ToSlash(rel)
}

// throughLinks follows the links below in the path of the named file, which need not exist,
// and returns the resulting name.
func (o overlay) throughLinks(name string) string {
	for dir, rest := name, ""; ; dir, rest = path.Dir(dir), path.Join(path.Base(dir), rest) {
		if target := o.below.resolved(dir); target != dir {
			return path.Join(target, rest)
		}
		if dir == path.Dir(dir) || path.Base(dir) == ".." {
			return name
		}
	}
}

// read returns what f gives for the named file.
func read[T any](o overlay, name string, f func(in source, there string) (T, error)) (T, error) {
	there, isBelow := o.find(name)
	if isBelow {
		return f(o.below, name)
	}
	out, err := f(o.foreign, there)
	if isOutside(err) {
		if _, ok := o.inside(o.throughLinks(name)); !ok {
			return f(o.below, name)
		}
	}
	return out, err
}

// isBelow reports whether the source below has the named file.
func (o overlay) isBelow(name string) bool {
	_, isBelow := o.find(name)
	return isBelow
}

func (o overlay) Open(name string) (fs.File, error) { return read(o, name, source.Open) }

func (o overlay) readFile(ctx context.Context, name string) ([]byte, error) {
	return read(o, name, func(in source, there string) ([]byte, error) { return in.readFile(ctx, there) })
}

func (o overlay) stat(ctx context.Context, name string) (fs.FileInfo, error) {
	return read(o, name, func(in source, there string) (fs.FileInfo, error) { return in.stat(ctx, there) })
}

// readDir returns the entries of a directory in both sources.
func (o overlay) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	entries, err := read(o, name, func(in source, there string) ([]fs.DirEntry, error) { return in.readDir(ctx, there) })
	if err != nil || o.isBelow(name) {
		return entries, err
	}
	more, err := o.below.readDir(ctx, name)
	if err != nil {
		// The directory is only in the file system.
		return entries, nil
	}
	for _, e := range more {
		if o.isBelow(path.Join(name, e.Name())) {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

func (o overlay) resolved(name string) string {
	there, isBelow := o.find(name)
	if isBelow {
		return o.below.resolved(name)
	}
	if r, ok := o.fsys.(interface{ Resolved(name string) string }); ok {
		return o.outward(r.Resolved(there))
	}
	return o.outward(there)
}

func (o overlay) top() string { return o.below.top() }
