package render

import (
	"bytes"
	"context"
	"path"
)

// Files returns the names of the files at or below a directory whose last element matches a
// pattern, see [path.Match], sorted. It passes over directories called vendor or
// vendor-jsonnet, and those whose name begins with a dot. Each call lists the directories.
// The error is about a directory that cannot be listed, or a wrong pattern, or the cause of
// the end of ctx.
func (p *Project) Files(ctx context.Context, dir, pattern string) ([]string, error) {
	if p.isZero() {
		return nil, errZero
	}
	return p.files.Files(ctx, path.Clean(dir), pattern)
}

// ReadFile returns the contents of a file by its name in the project; if the project is
// frozen, as its one look has them. The error's chain has [io/fs.ErrNotExist] or [ErrOutside] if
// that is the reason, or the cause of the end of ctx.
func (p *Project) ReadFile(ctx context.Context, name string) ([]byte, error) {
	if p.isZero() {
		return nil, errZero
	}
	data, err := p.renderer.ReadFile(ctx, name)
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
