package budget

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
)

// Read returns all of r, within the memory that is left. If r is an open file that is
// larger than this memory, Read reads nothing of it.
func Read(ctx context.Context, r io.Reader) ([]byte, error) {
	b := Of(ctx)
	size := int64(8 << 10)
	if f, ok := r.(interface{ Stat() (fs.FileInfo, error) }); ok {
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			// A read finds the end only if it asks for one more byte.
			size = min(max(info.Size(), 0), math.MaxInt64-1) + 1
		}
	}
	if err := b.Reserve(uint64(size)); err != nil {
		return nil, err
	}
	// The size is what others say, and need not be true.
	data := make([]byte, 0, min(size, mostAtOnce))
	for empty := 0; ; {
		if len(data) == cap(data) {
			if err := b.Reserve(2 * uint64(cap(data))); err != nil {
				return nil, err
			}
			data = slices.Grow(data, cap(data))
		}
		if err := b.Err(); err != nil {
			return nil, err
		}
		// Small steps check the budget often enough for a fast source.
		room := data[len(data):min(cap(data), len(data)+16<<20)]
		n, err := r.Read(room)
		if n < 0 || n > len(room) {
			return nil, fmt.Errorf("a read of %d bytes into a room for %d", n, len(room))
		}
		data = data[:len(data)+n]
		if empty++; n > 0 {
			empty = 0
		}
		switch {
		case err == io.EOF:
			return data, nil
		case err != nil:
			return nil, err
		case empty > mostEmpty:
			return nil, io.ErrNoProgress
		}
	}
}

// mostAtOnce is the most memory that is made for the alleged size of a file, mostEmpty the
// number of reads in a row that may give nothing.
const (
	mostAtOnce = 64 << 20
	mostEmpty  = 1000
)

// errIrregular is the reason why a pipe or a device is not read.
var errIrregular = errors.New("not a regular file")

// Open opens a file of the operating system for reading. It refuses pipes and devices,
// which may have no end, and does not wait for a process that writes to a pipe. The chain
// of the error holds an [*fs.PathError].
func Open(name string) (*os.File, error) { return regular(name, os.OpenFile) }

// OpenIn is [Open] for a file in root.
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
	// The system itself refuses to read a directory.
	if !info.Mode().IsRegular() && !info.IsDir() {
		return &fs.PathError{Op: "read", Path: name, Err: errIrregular}
	}
	return nil
}

// ReadFile returns the contents of a file of the operating system, as [os.ReadFile] does.
// It refuses the files that [Open] refuses. If the file is larger than the memory that the
// budget of ctx has left, it reads nothing of it. The chain of the error holds an
// [*fs.PathError] with the name.
func ReadFile(ctx context.Context, name string) ([]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAs(ctx, f, name)
}

// ReadIn is [ReadFile] for a file in root.
func ReadIn(ctx context.Context, root *os.Root, name string) ([]byte, error) {
	f, err := OpenIn(root, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return readAs(ctx, f, name)
}

// ReadFS is [ReadFile] for a file of fsys. It waits for fsys, which may be slow.
func ReadFS(ctx context.Context, fsys fs.FS, name string) ([]byte, error) {
	if err := Of(ctx).Err(); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadOpen(ctx, f, name)
}

// ReadOpen is [ReadFile] for an open file, which has this name in errors.
func ReadOpen(ctx context.Context, f fs.File, name string) ([]byte, error) {
	if err := checkRegular(f, name); err != nil {
		return nil, err
	}
	return readAs(ctx, f, name)
}

// readAs is [Read] for a file. It adds the file's name to the error.
func readAs(ctx context.Context, f fs.File, name string) ([]byte, error) {
	data, err := Read(ctx, f)
	var known *fs.PathError
	if err == nil || errors.As(err, &known) {
		return data, err
	}
	return nil, &fs.PathError{Op: "read", Path: name, Err: err}
}

// ReadAtMost is [ReadFile] without a budget, for a file that is short by its nature. It
// fails for a file with more than most bytes.
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
