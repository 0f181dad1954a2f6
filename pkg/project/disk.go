package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// disk is a source over a directory of the operating system. It follows
// symbolic links only to what it allows.
type disk struct {
	root string
	// allowed are real paths, free of symbolic links; what they are or hold
	// may be read. The first is that of root.
	allowed []string
	// dirs has the real paths of directories, by their paths.
	dirs sync.Map
}

// openDisk returns a source for root, an absolute path.
func openDisk(root string) (*disk, error) {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, err
	}
	return &disk{root: root, allowed: []string{real}}, nil
}

// allow adds a directory or file, relative to the working directory if not
// absolute, to what may be read, also where it does not exist, and returns its
// name. Only Find calls it, before the source is shared.
func (d *disk) allow(p string) (name string, err error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		d.allowed = append(d.allowed, reach(abs, maxLinks))
		return "", err
	}
	d.allowed = append(d.allowed, real)
	name, _ = d.name(abs)
	return name, nil
}

func (d *disk) name(abs string) (string, bool) {
	rel, err := filepath.Rel(d.root, abs)
	if err != nil {
		// On another volume, where there is no relative path.
		return filepath.ToSlash(abs), true
	}
	return filepath.ToSlash(rel), true
}

func (d *disk) path(name string) (string, bool) {
	p := filepath.FromSlash(name)
	if !filepath.IsAbs(p) {
		p = filepath.Join(d.root, p)
	}
	return p, true
}

func (d *disk) resolved(name string) string {
	real, err := d.resolve("stat", name)
	if err != nil {
		return name
	}
	// The root may lie behind a link itself.
	if rel, err := filepath.Rel(d.allowed[0], real); err == nil {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(real)
}

// resolve returns the real path of the named file, which must be allowed.
func (d *disk) resolve(op, name string) (string, error) {
	p, _ := d.path(name)
	real, err := d.real(p)
	// A file that does not exist outside must not be told apart from one that
	// does.
	if !d.allows(real) {
		return "", outside(op, name)
	}
	return real, err
}

// real returns the real path of p; with an error, the one that it would have if
// all of it existed. Imports are looked for in many places and found in few, so
// each directory that exists is resolved once.
func (d *disk) real(p string) (string, error) {
	dir := filepath.Dir(p)
	known, ok := d.dirs.Load(dir)
	if !ok {
		real, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return reach(p, maxLinks), err
		}
		known, _ = d.dirs.LoadOrStore(dir, real)
	}
	real := filepath.Join(known.(string), filepath.Base(p))
	info, err := os.Lstat(real)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return real, err
	}
	target, err := filepath.EvalSymlinks(p)
	if err != nil {
		return reach(p, maxLinks), err
	}
	return target, nil
}

// maxLinks is how many symbolic links that lead nowhere reach follows.
const maxLinks = 40

// reach returns the real path that p, of which only a beginning need exist,
// would have if all of it did.
func reach(p string, links int) string {
	if real, err := filepath.EvalSymlinks(p); err == nil {
		return real
	}
	if target, err := os.Readlink(p); err == nil && links > 0 {
		if !filepath.IsAbs(target) {
			target = filepath.Join(reach(filepath.Dir(p), links), target)
		}
		return reach(target, links-1)
	}
	if dir := filepath.Dir(p); dir != p {
		return filepath.Join(reach(dir, links), filepath.Base(p))
	}
	return p
}

func (d *disk) allows(real string) bool {
	for _, dir := range d.allowed {
		if within(dir, real) {
			return true
		}
	}
	return false
}

// within reports whether p is dir or below it; both are absolute and clean.
func within(dir, p string) bool {
	if p == dir {
		return true
	}
	return strings.HasPrefix(p, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

func (d *disk) Open(name string) (fs.File, error) {
	real, err := d.resolve("open", name)
	if err != nil {
		return nil, err
	}
	return os.Open(real)
}

func (d *disk) ReadFile(name string) ([]byte, error) {
	real, err := d.resolve("read", name)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(real); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		// A pipe or device may never end.
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("not a regular file")}
	}
	return os.ReadFile(real)
}

func (d *disk) ReadDir(name string) ([]fs.DirEntry, error) {
	real, err := d.resolve("readdir", name)
	if err != nil {
		return nil, err
	}
	return os.ReadDir(real)
}

func (d *disk) Stat(name string) (fs.FileInfo, error) {
	real, err := d.resolve("stat", name)
	if err != nil {
		return nil, err
	}
	return os.Stat(real)
}
