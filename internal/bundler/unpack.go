package bundler

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/git"
	"github.com/mop-platform/mop/internal/message"
)

// Limits are the limits of a package. A field of 0 or less means the default.
type Limits struct {
	// Files is the limit of files of a package, and also of directories, 100000 by default.
	// Bytes is the limit of the bytes in the files, 512 MiB by default.
	Files int
	Bytes int64
	// Archive is the limit of bytes that a downloaded archive may have once it is
	// decompressed, 8 GiB by default: a package can be a small directory of a large
	// repository.
	Archive int64
}

func (l Limits) withDefaults() Limits {
	if l.Files <= 0 {
		l.Files = 100_000
	}
	if l.Bytes <= 0 {
		l.Bytes = 512 << 20
	}
	if l.Archive <= 0 {
		l.Archive = 8 << 30
	}
	return l
}

// contentError is a reason to refuse a package: a file outside of it, a file twice, too
// many files. To fetch it in another way would not help.
type contentError struct{ problem string }

func (e *contentError) Error() string { return e.problem }

func refused(format string, args ...any) error { return &contentError{fmt.Sprintf(format, args...)} }

// unpacker writes the files of a package. It writes nothing through a symbolic link or
// outside of its root.
type unpacker struct {
	budget *budget.Budget
	root   *os.Root
	// subdir is the package's directory in its repository, "." for all.
	subdir string
	// alone is true if the archive holds the package alone, not the repository.
	alone  bool
	limits Limits
	// records are those of a global header.
	records map[string]string
	files   int
	bytes   int64
	// dirs is the number of directories that have an entry of their own.
	dirs int
	// links are made at the end, so that no file can be written through them.
	links []link
}

type link struct{ name, target string }

// newUnpacker returns an unpacker into the directory dir, which it makes. It
// must be closed.
func newUnpacker(ctx context.Context, dir, subdir string, limits Limits) (*unpacker, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	return &unpacker{budget: budget.Of(ctx), root: root, subdir: subdir, limits: limits.withDefaults()}, err
}

// unpackArchive unpacks a compressed archive, of a repository or of the package alone, into
// the directory dir. It returns the records of its global header.
func unpackArchive(ctx context.Context, r io.Reader, dir, subdir string, alone bool, limits Limits) (records map[string]string, err error) {
	uncompressed, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	u, err := newUnpacker(ctx, dir, subdir, limits)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, u.close()) }()
	u.alone = alone
	if err := u.tar(uncompressed); err != nil {
		return nil, err
	}
	// The checksum is at the end.
	_, err = io.Copy(io.Discard, &limitedReader{asking{uncompressed, u.budget}, u.limits.Archive})
	return u.records, err
}

// inside returns the name in the package of a file of the repository. It is false if the
// file is not in the package.
func (u *unpacker) inside(name string) (string, bool) {
	if u.alone || u.subdir == "." {
		return name, true
	}
	if !below(name, u.subdir) {
		return "", false
	}
	return path.Join(".", strings.TrimPrefix(name, u.subdir)), true
}

// claim counts a file and makes the directory in which it lies.
func (u *unpacker) claim(name string, size int64) error {
	if !isPlace(name) {
		return refused("holds %s, which is no name of a file in a package", message.Quote(name))
	}
	u.files++
	u.bytes += size
	if u.files > u.limits.Files {
		return refused("holds more than %d files", u.limits.Files)
	}
	if size < 0 || u.bytes > u.limits.Bytes {
		return refused("holds more than %d bytes", u.limits.Bytes)
	}
	return u.mkdir(path.Dir(name))
}

// dir makes a directory that has an entry of its own.
func (u *unpacker) dir(name string) error {
	if u.dirs++; u.dirs > u.limits.Files {
		return refused("holds more than %d directories", u.limits.Files)
	}
	return u.mkdir(name)
}

func (u *unpacker) mkdir(name string) error {
	if !isMember(name) {
		return refused("holds %s, which is no name of a file in a package", message.Quote(name))
	}
	err := u.root.MkdirAll(filepath.FromSlash(name), 0o777)
	if info, statErr := u.root.Lstat(filepath.FromSlash(name)); err != nil && statErr == nil && !info.IsDir() {
		return refused("holds %s both as a file and as a directory", message.Quote(name))
	}
	return err
}

func (u *unpacker) file(name string, executable bool, size int64, r io.Reader) error {
	if err := u.claim(name, size); err != nil {
		return err
	}
	mode := fs.FileMode(0o666)
	if executable {
		mode = 0o777
	}
	f, err := u.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, fs.ErrExist) {
		return refused("holds %s twice", message.Quote(name))
	}
	if err != nil {
		return err
	}
	_, err = io.Copy(f, asking{r, u.budget})
	return errors.Join(err, f.Close())
}

// link records a symbolic link for finish. As in jsonnet-bundler, it may lead to another
// directory of the repository, but not out of it.
func (u *unpacker) link(name, target string) error {
	if err := u.claim(name, int64(len(target))); err != nil {
		return err
	}
	if path.IsAbs(target) || filepath.IsAbs(target) || strings.Contains(target, `\`) ||
		!filepath.IsLocal(filepath.FromSlash(path.Join(u.subdir, path.Dir(name), target))) {
		return refused("holds the symbolic link %s to %s, which is outside of its repository", message.Quote(name), message.Quote(target))
	}
	u.links = append(u.links, link{name, target})
	return nil
}

// finish makes the symbolic links. The error is a contentError if the package is empty.
func (u *unpacker) finish() error {
	for _, l := range u.links {
		err := u.root.Symlink(filepath.FromSlash(l.target), filepath.FromSlash(l.name))
		if errors.Is(err, fs.ErrExist) {
			return refused("holds %s twice", message.Quote(l.name))
		}
		if err != nil {
			return err
		}
	}
	if u.files == 0 {
		if u.subdir == "." {
			return refused("holds no files")
		}
		return refused("has no directory %s", message.Quote(u.subdir))
	}
	return nil
}

// tar unpacks the entries of an archive. Unless it holds the package alone, their names
// begin with a directory that is not part of the repository.
func (u *unpacker) tar(r io.Reader) error {
	archive := tar.NewReader(&limitedReader{asking{r, u.budget}, u.limits.Archive})
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return u.finish()
		}
		if err != nil {
			return err
		}
		switch header.Typeflag {
		case tar.TypeReg, tar.TypeSymlink, tar.TypeDir:
		case tar.TypeXGlobalHeader:
			u.records = header.PAXRecords
			continue
		default:
			return refused("holds %s, which is neither a file nor a directory nor a symbolic link", message.Quote(header.Name))
		}
		name := strings.TrimSuffix(header.Name, "/")
		if !isMember(name) {
			return refused("holds %s, which is no name of a file in a package", message.Quote(header.Name))
		}
		if !u.alone {
			var ok bool
			if _, name, ok = strings.Cut(name, "/"); !ok {
				continue
			}
		}
		name, ok := u.inside(name)
		if !ok {
			continue
		}
		switch header.Typeflag {
		case tar.TypeDir:
			err = u.dir(name)
		case tar.TypeSymlink:
			err = u.link(name, header.Linkname)
		default:
			err = u.file(name, header.Mode&0o100 != 0, header.Size, archive)
		}
		if err != nil {
			return err
		}
	}
}

// limitedReader is a reader that refuses to read more than n bytes.
type limitedReader struct {
	r io.Reader
	n int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.n <= 0 {
		return 0, refused("has more bytes than an archive may have")
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.n)])
	l.n -= int64(n)
	return n, err
}

// tree unpacks the files of a revision below the package's directory.
func (u *unpacker) tree(t *git.Tree) error {
	info, err := t.Lstat(u.subdir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return u.finish()
	}
	if err != nil {
		return err
	}
	err = fs.WalkDir(t, u.subdir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		full := name
		name, _ = u.inside(full)
		switch {
		case d.IsDir():
			return u.dir(name)
		case d.Type() == fs.ModeSymlink:
			target, err := t.ReadLink(full)
			if err != nil {
				return err
			}
			return u.link(name, target)
		}
		f, err := t.Open(full)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		return u.file(name, info.Mode()&0o100 != 0, info.Size(), f)
	})
	if err != nil {
		return err
	}
	return u.finish()
}

func (u *unpacker) close() error { return u.root.Close() }
