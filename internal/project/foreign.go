package project

import (
	"context"
	"fmt"
	"io/fs"

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
	return ask(ctx, "stat", name, func() (fs.FileInfo, error) { return fs.Stat(f.fsys, name) })
}

func (f foreign) readDir(ctx context.Context, name string) ([]fs.DirEntry, error) {
	return ask(ctx, "readdir", name, func() ([]fs.DirEntry, error) { return fs.ReadDir(f.fsys, name) })
}

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
