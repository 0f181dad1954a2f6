package project

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// At returns the project as it is in fsys, whose root is the project's: for
// example that of a revision in version control. What lies outside the root,
// such as import directories, is as in p.
//
// ignored tells for the name of a file or directory below the root whether
// version control ignores it: what fsys does not have and is ignored is as in
// p, too, but the search for environments passes over it. nil ignores nothing.
//
// The project is not on disk, so [Project.Path] knows no paths. If fsys has a
// method Resolved(name string) string, it is that of the project.
func (p *Project) At(fsys fs.FS, ignored func(name string) bool) *Project {
	if ignored == nil {
		ignored = func(string) bool { return false }
	}
	return &Project{source: overlay{memory{fsys}, p.source, ignored}, imports: p.imports}
}

// overlay is a source over a file system, for some names over another source.
type overlay struct {
	memory
	below   source
	ignored func(name string) bool
}

// isBelow reports whether the named file is that of the source below.
func (o overlay) isBelow(name string) bool {
	if !fs.ValidPath(name) {
		return true
	}
	if !o.ignored(name) {
		return false
	}
	_, err := fs.Stat(o.fsys, name)
	return errors.Is(err, fs.ErrNotExist)
}

func (o overlay) Open(name string) (fs.File, error) {
	if o.isBelow(name) {
		return o.below.Open(name)
	}
	return o.memory.Open(name)
}

func (o overlay) ReadFile(name string) ([]byte, error) {
	if o.isBelow(name) {
		return o.below.ReadFile(name)
	}
	return o.memory.ReadFile(name)
}

func (o overlay) Stat(name string) (fs.FileInfo, error) {
	if o.isBelow(name) {
		return o.below.Stat(name)
	}
	return o.memory.Stat(name)
}

// ReadDir returns what either has in a directory.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	if o.isBelow(name) {
		return o.below.ReadDir(name)
	}
	entries, err := o.memory.ReadDir(name)
	if err != nil {
		return nil, err
	}
	more, err := o.below.ReadDir(name)
	if err != nil {
		// The directory is only in fsys.
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
	if o.isBelow(name) {
		return o.below.resolved(name)
	}
	if r, ok := o.fsys.(interface{ Resolved(name string) string }); ok {
		return r.Resolved(name)
	}
	return name
}
