package render

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/mop-platform/mop/internal/project"
)

// Files returns the names of the files at or below a directory whose last element matches a
// pattern, see [path.Match], sorted. It passes over directories called vendor or
// vendor-jsonnet, and those whose name begins with a dot. Each call lists the directories.
// The error is one of the file system, about a directory that cannot be listed,
// [path.ErrBadPattern], also for a pattern with a slash, which no last element can match, or
// the reason why ctx has ended.
func (p *Project) Files(ctx context.Context, dir, pattern string) ([]string, error) {
	if p.isZero() {
		return nil, errZero
	}
	if strings.Contains(pattern, "/") {
		return nil, fmt.Errorf("render: pattern %q: want one for the last element of a name, got a slash: %w", pattern, path.ErrBadPattern)
	}
	dir = path.Clean(named(p.disk, dir))
	if path.IsAbs(dir) {
		// It would lose its slash below the root.
		return nil, &fs.PathError{Op: "readdir", Path: dir, Err: fs.ErrInvalid}
	}
	return p.files.Files(ctx, dir, pattern)
}

// ReadFile returns the contents of a file by its name in the project; if the project is
// frozen, as its one look has them. The error's chain has [io/fs.ErrNotExist] or [ErrOutside] if
// that is the reason, or the cause of the end of ctx.
func (p *Project) ReadFile(ctx context.Context, name string) ([]byte, error) {
	if p.isZero() {
		return nil, errZero
	}
	data, err := p.renderer.ReadFile(ctx, named(p.disk, name))
	return bytes.Clone(data), err
}

// Path returns the path in the operating system of a file or directory by its name in the
// project; ok is false if the project is not on disk.
func (p *Project) Path(name string) (osPath string, ok bool) {
	if p.isZero() {
		return "", false
	}
	return p.files.Path(name)
}

// named returns the name, relative to the root, of a file that may have an absolute path of the
// operating system. A file outside of the root has a name too, which begins with "../". disk
// is the project on disk; nil has no absolute paths.
func named(disk *project.Project, name string) string {
	osPath := filepath.FromSlash(name)
	if disk == nil || !filepath.IsAbs(osPath) {
		return name
	}
	known, _ := disk.Name(osPath)
	if filepath.IsLocal(known) {
		return known
	}
	// The root may be behind a link that the path does not go through.
	root, _ := disk.Path(".")
	if real, err := filepath.EvalSymlinks(root); err == nil {
		if below, err := filepath.Rel(real, osPath); err == nil && filepath.IsLocal(below) {
			return filepath.ToSlash(below)
		}
	}
	// Or the path goes through a link to the root.
	if resolved := disk.Resolved(known); filepath.IsLocal(resolved) {
		return resolved
	}
	return known
}
