package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/mop-platform/mop/internal/budget"
)

// foreign is a source over a file system of others. It may panic, which is an error then,
// and it may be slow: nothing waits for it once the budget of the context has ended.
type foreign struct{ fsys fs.FS }

func (f foreign) name(string) (string, bool)  { return "", false }
func (f foreign) path(string) (string, bool)  { return "", false }
func (f foreign) resolved(name string) string { return name }
func (f foreign) top() string                 { return "." }

func (f foreign) Open(name string) (fs.File, error) {
	return ask(context.Background(), "open", name, func() (fs.File, error) { return f.fsys.Open(name) })
}

func (f foreign) stat(ctx context.Context, name string) (fs.FileInfo, error) {
	return ask(ctx, "stat", name, func() (fs.FileInfo, error) {
		info, err := fs.Stat(f.fsys, name)
		if err != nil {
			return nil, err
		}
		return described(path.Base(name), info), nil
	})
}

func (f foreign) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	if len(name) > maxPath {
		// Its directories may hold themselves.
		return nil, &fs.PathError{Op: "readdir", Path: name[:100] + "...", Err: errors.New("name too long")}
	}
	return ask(ctx, "readdir", name, func() ([]fs.DirEntry, error) {
		entries, err := fs.ReadDir(f.fsys, name)
		if err != nil {
			return nil, err
		}
		out := make([]fs.DirEntry, len(entries))
		for i, e := range entries {
			base := e.Name()
			if base == "." || strings.Contains(base, "/") || !fs.ValidPath(base) {
				return nil, &fs.PathError{Op: "readdir", Path: name, Err: fmt.Errorf("an entry called %q", base)}
			}
			out[i] = entry{description{name: base, mode: e.Type()}, f, path.Join(name, base)}
		}
		slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
		return out, nil
	})
}

// description is what a file system says about a file, which calls no code of others.
type description struct {
	name     string
	size     int64
	mode     fs.FileMode
	modified time.Time
}

func described(name string, info fs.FileInfo) description {
	return description{name, info.Size(), info.Mode(), info.ModTime()}
}

func (d description) Name() string       { return d.name }
func (d description) Size() int64        { return d.size }
func (d description) Mode() fs.FileMode  { return d.mode }
func (d description) ModTime() time.Time { return d.modified }
func (d description) IsDir() bool        { return d.mode.IsDir() }
func (d description) Sys() any           { return nil }

// entry is a file or directory in a directory.
type entry struct {
	description
	in   foreign
	path string
}

func (e entry) Type() fs.FileMode          { return e.mode.Type() }
func (e entry) Info() (fs.FileInfo, error) { return e.in.stat(context.Background(), e.path) }
func (e entry) String() string             { return fs.FormatDirEntry(e) }

func (f foreign) readFile(ctx context.Context, name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, outside("read", name)
	}
	return ask(ctx, "read", name, func() ([]byte, error) { return budget.ReadFS(ctx, f.fsys, name) })
}

// ask returns the answer of a file system to a question about the named file.
func ask[T any](ctx context.Context, op, name string, question func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	var a answer
	if err := budget.Away(ctx, func() {
		if err := budget.Guarded(func() { a.value, a.err = question() }); err != nil {
			a.err = &fs.PathError{Op: op, Path: name, Err: fmt.Errorf("the file system %w", err)}
		}
	}); err != nil {
		var none T
		return none, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return a.value, a.err
}
