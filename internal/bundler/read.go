package bundler

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"

	v1 "github.com/jsonnet-bundler/jsonnet-bundler/spec/v1"

	"github.com/mop-platform/mop/internal/budget"
)

// readFile returns the contents of a regular file, within the budget of ctx. name is its
// name in messages.
func readFile(ctx context.Context, path, name string) (data []byte, err error) {
	data, err = budget.ReadFile(ctx, path)
	return data, budget.Named(name, err)
}

// parseSize is the number of bytes that Parse needs for each byte of a file, measured with
// lock files of 1 to 20 MB.
const parseSize = 12

// parse is [Parse] within the budget of ctx.
func parse(ctx context.Context, name string, data []byte) (v1.JsonnetFile, error) {
	err := budget.Of(ctx).Reserve(parseSize * uint64(len(data)))
	var f v1.JsonnetFile
	var parsed error
	if err == nil {
		err = budget.Away(ctx, func() { f, parsed = Parse(name, data) })
	}
	if err != nil {
		return v1.New(), fmt.Errorf("%s:1: %w", name, err)
	}
	return f, parsed
}

// asking is a reader that fails when the budget ends.
type asking struct {
	io.Reader
	budget *budget.Budget
}

func (a asking) Read(p []byte) (int, error) {
	if err := a.budget.Err(); err != nil {
		return 0, err
	}
	return a.Reader.Read(p)
}

// askingFS is a file system whose files fail when the budget ends.
type askingFS struct {
	fs.ReadLinkFS
	budget *budget.Budget
}

func (a askingFS) Open(name string) (fs.File, error) {
	f, err := a.ReadLinkFS.Open(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return f, err
	}
	return askingFile{f, asking{f, a.budget}}, nil
}

type askingFile struct {
	fs.File
	asking asking
}

func (f askingFile) Read(p []byte) (int, error) { return f.asking.Read(p) }

// dirFS is the file system of a directory. Its files fail when the budget of ctx ends.
func dirFS(ctx context.Context, dir string) fs.FS {
	return askingFS{os.DirFS(dir).(fs.ReadLinkFS), budget.Of(ctx)}
}
