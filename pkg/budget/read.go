package budget

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
)

// Read returns all of r, within the memory that is left. Where r is an open file
// that is larger, nothing of it is read.
func Read(ctx context.Context, r io.Reader) ([]byte, error) {
	b := Of(ctx)
	size := int64(8 << 10)
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			// The end shows where one more byte is asked for.
			size = info.Size() + 1
		}
	}
	if err := b.Reserve(uint64(size)); err != nil {
		return nil, err
	}
	data := make([]byte, 0, size)
	for {
		if len(data) == cap(data) {
			if err := b.Reserve(2 * uint64(cap(data))); err != nil {
				return nil, err
			}
			data = slices.Grow(data, cap(data))
		}
		if err := b.Err(); err != nil {
			return nil, err
		}
		// In steps, so that a source that is fast does not outrun the budget.
		n, err := r.Read(data[len(data):min(cap(data), len(data)+16<<20)])
		data = data[:len(data)+n]
		switch {
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, err
		}
	}
}

// errIrregular is why a file is not read that may have no end, or a device's.
var errIrregular = errors.New("not a regular file")

// Open opens a file of the operating system for reading, unless it is a pipe or a
// device, which may have no end; it does not wait for who writes to a pipe. The error
// is an [*fs.PathError].
func Open(name string) (*os.File, error) { return regular(name, os.OpenFile) }

// OpenIn is [Open] of a file in root.
func OpenIn(root *os.Root, name string) (*os.File, error) { return regular(name, root.OpenFile) }

func regular(name string, open func(string, int, fs.FileMode) (*os.File, error)) (*os.File, error) {
	f, err := open(name, os.O_RDONLY|withoutWaiting, 0)
	if err != nil {
		return nil, err
	}
	if err := checkRegular(f, name); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func checkRegular(f fs.File, name string) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	// Of a directory the system says itself that it cannot be read.
	if !info.Mode().IsRegular() && !info.IsDir() {
		return &fs.PathError{Op: "read", Path: name, Err: errIrregular}
	}
	return nil
}

// ReadFile returns what is in a file of the operating system that [Open] opens, as
// [os.ReadFile] does, within the budget of ctx: where it is larger than the memory that
// is left, nothing of it is read. The error is an [*fs.PathError] with the name.
func ReadFile(ctx context.Context, name string) ([]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAs(ctx, f, name)
}

// ReadIn is [ReadFile] of a file in root.
func ReadIn(ctx context.Context, root *os.Root, name string) ([]byte, error) {
	f, err := OpenIn(root, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAs(ctx, f, name)
}

// ReadFS is [ReadFile] of a file of fsys. It does not wait for fsys to open the file
// once ctx has ended.
func ReadFS(ctx context.Context, fsys fs.FS, name string) ([]byte, error) {
	var f fs.File
	var failed error
	if err := Away(ctx, func() { f, failed = fsys.Open(name) }); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	if failed != nil {
		return nil, failed
	}
	defer f.Close()
	return ReadOpen(ctx, f, name)
}

// ReadOpen is [ReadFile] of an open file, which errors call name.
func ReadOpen(ctx context.Context, f fs.File, name string) ([]byte, error) {
	if err := checkRegular(f, name); err != nil {
		return nil, err
	}
	return readAs(ctx, f, name)
}

// readAs is [Read] of a file, whose name is in the error.
func readAs(ctx context.Context, f fs.File, name string) ([]byte, error) {
	data, err := Read(ctx, f)
	var known *fs.PathError
	if err == nil || errors.As(err, &known) {
		return data, err
	}
	return nil, &fs.PathError{Op: "read", Path: name, Err: err}
}

// ReadAtMost is [ReadFile], without a budget, of a file that is short by its nature. Of
// one with more bytes than most the error says so.
func ReadAtMost(name string, most int64) ([]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("more than " + Bytes(uint64(most)))}
	}
	return data, err
}
