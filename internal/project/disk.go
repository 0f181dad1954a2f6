package project

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/mop-platform/mop/internal/budget"
)

// disk is a source over the operating system's files. It reads, also through
// symbolic links, only what lies in one of its areas.
type disk struct {
	root string
	// real is root without symbolic links, fenceTop the directory of the
	// project's own area.
	real, fenceTop string
	areas          []area
	// refused is why a file in no area is not read.
	refused outsideError
	// dirs has the real paths of directories, by their paths.
	dirs sync.Map
}

// openDisk returns a source for root, an absolute path.
func openDisk(root, home string) (*disk, error) {
	realRoot, err := filepath.EvalSymlinks(root)
	if err != nil {
		return nil, err
	}
	d := &disk{root: root, real: realRoot, refused: outsideRoot}
	own, isTree := fence(realRoot, home)
	if isTree {
		d.refused = outsideTree
	}
	d.fenceTop, d.areas = own.dir, []area{own}
	for _, dir := range localPackages(realRoot) {
		if mayOpen(dir, home) {
			d.areas = append(d.areas, area{dir: dir})
		}
	}
	return d, nil
}

// allow lets the source read a directory or file, which need not exist, and returns its
// name. A path that is not absolute is relative to the working directory. Only Find calls
// it, before the source is shared.
func (d *disk) allow(p string) (name string, err error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		real = reach(abs, maxLinks)
		d.areas = append(d.areas, fileArea(real))
		return "", err
	}
	info, err := os.Stat(real)
	if err != nil {
		return "", err
	}
	if info.IsDir() {
		d.areas = append(d.areas, area{dir: real})
	} else {
		d.areas = append(d.areas, fileArea(real))
	}
	name, _ = d.name(abs)
	return name, nil
}

func fileArea(p string) area { return area{dir: filepath.Dir(p), name: filepath.Base(p)} }

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

func (d *disk) top() string {
	// One holds the other, so that a path exists.
	rel, _ := filepath.Rel(d.real, d.fenceTop)
	return filepath.ToSlash(rel)
}

func (d *disk) resolved(name string) string {
	real, _, err := d.resolve("stat", name)
	if err != nil {
		return name
	}
	// The root may lie behind a link itself.
	if rel, err := filepath.Rel(d.real, real); err == nil {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(real)
}

// resolve returns the real path of the named file, which must lie in an area,
// and the area.
func (d *disk) resolve(op, name string) (string, area, error) {
	p, _ := d.path(name)
	real, err := d.realPath(p)
	// Callers must not learn whether a file outside exists.
	i := slices.IndexFunc(d.areas, func(a area) bool { return a.covers(real) })
	if i < 0 {
		return "", area{}, d.refuse(op, name, real)
	}
	if err != nil {
		return "", area{}, &fs.PathError{Op: op, Path: name, Err: cause(err)}
	}
	return real, d.areas[i], nil
}

func (d *disk) refuse(op, name, real string) error {
	reason := d.refused
	if within(d.fenceTop, real) {
		reason = gitsOwn
	}
	return &fs.PathError{Op: op, Path: name, Err: reason}
}

// cause returns err without the operation and path that the operating system's
// errors carry.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// realPath returns the real path of p; with an error, the one that it would have if all of
// it existed. Imports are searched in many places and found in few, so it resolves each
// existing directory once.
func (d *disk) realPath(p string) (string, error) {
	if len(p) > maxPath {
		return p, syscall.ENAMETOOLONG
	}
	dir, err := d.realDir(filepath.Dir(p))
	real := filepath.Join(dir, filepath.Base(p))
	if err != nil {
		return real, err
	}
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

// realDir is realPath for a directory. It resolves the directory from its parent, because
// directories share most of their paths.
func (d *disk) realDir(dir string) (string, error) {
	if known, ok := d.dirs.Load(dir); ok {
		return known.(string), nil
	}
	real := dir
	if parent := filepath.Dir(dir); parent != dir {
		above, err := d.realDir(parent)
		real = filepath.Join(above, filepath.Base(dir))
		if err != nil {
			return real, err
		}
		info, err := os.Lstat(real)
		if err != nil {
			return real, err
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			if real, err = filepath.EvalSymlinks(dir); err != nil {
				return reach(dir, maxLinks), err
			}
		}
	}
	d.dirs.Store(dir, real)
	return real, nil
}

// maxPath is longer in bytes than any path of a file. A longer path would take too long,
// because links are resolved step by step.
const maxPath = 1 << 15

// maxLinks is the most symbolic links to nowhere that reach follows.
const maxLinks = 40

// reach returns the real path that p would have if all of it existed. Only a beginning of p
// need exist.
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

// open opens the named file or directory. If a file has become a link since the name was
// resolved, open does not follow it out of the area.
func (d *disk) open(op, name string) (*os.File, error) {
	real, a, err := d.resolve(op, name)
	if err != nil {
		return nil, err
	}
	f, err := a.open(real)
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: cause(err)}
	}
	return f, nil
}

func (d *disk) Open(name string) (fs.File, error) { return d.open("open", name) }

func (d *disk) readFile(ctx context.Context, name string) ([]byte, error) {
	f, err := d.open("read", name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := budget.ReadOpen(ctx, f, name)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: cause(err)}
	}
	return text, nil
}

// readDir lists the named directory without git's own files.
func (d *disk) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	f, err := d.open("readdir", name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var entries []fs.DirEntry
	for err == nil {
		if err = budget.Of(ctx).Err(); err == nil {
			var some []fs.DirEntry
			some, err = f.ReadDir(4 << 10)
			entries = append(entries, some...)
		}
	}
	if err != io.EOF {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: cause(err)}
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.EqualFold(e.Name(), gitName) })
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

func (d *disk) stat(ctx context.Context, name string) (fs.FileInfo, error) {
	if err := budget.Of(ctx).Err(); err != nil {
		return nil, err
	}
	real, a, err := d.resolve("stat", name)
	if err != nil {
		return nil, err
	}
	info, err := a.stat(real)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: cause(err)}
	}
	return info, nil
}
