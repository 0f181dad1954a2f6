package export

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
)

// keep adds entries of the target to the staged files, files as hard links if possible.
// Folders and the staging directory itself get the modes and owners that they have in the
// target.
func (t *transaction) keep(ctx context.Context, entries []entry) error {
	info, err := os.Stat(t.target)
	if err != nil {
		return err
	}
	folders := []entry{{".", info}}
	budget := budget.Of(ctx)
	for _, e := range entries {
		if err := budget.Err(); err != nil {
			return err
		}
		from, to := t.in(t.target, e.name), t.in(t.staging(), e.name)
		switch e.info.Mode().Type() {
		case fs.ModeDir:
			folders = append(folders, e)
			if err := os.MkdirAll(to, 0o777); err != nil {
				return err
			}
		case fs.ModeSymlink:
			link, err := os.Readlink(from)
			if err != nil {
				return err
			}
			if err := os.Symlink(link, to); err != nil {
				return err
			}
			copyOwner(e.info, to)
		default:
			if err := linkOrCopy(from, to, e.info); err != nil {
				return err
			}
		}
	}
	// Children first: a folder's mode may forbid writing into it.
	for _, e := range slices.Backward(folders) {
		to := t.in(t.staging(), e.name)
		copyOwner(e.info, to)
		if err := os.Chmod(to, e.info.Mode()); err != nil {
			return err
		}
	}
	return nil
}

// in returns the path of the slash-separated name below dir.
func (t *transaction) in(dir, name string) string {
	return filepath.Join(dir, filepath.FromSlash(name))
}

// linkOrCopy makes to a hard link to the file from, or else a copy of it.
func linkOrCopy(from, to string, info fs.FileInfo) error {
	err := os.Link(from, to)
	if err == nil || !info.Mode().IsRegular() {
		return err
	}
	return copyFile(from, to, info)
}

// copyFile copies the file from to the path to, which must not exist.
func copyFile(from, to string, info fs.FileInfo) error {
	in, err := budget.Open(from)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return errors.Join(err, in.Close())
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, in.Close(), out.Close()); err != nil {
		return err
	}
	copyOwner(info, to)
	if err := os.Chmod(to, info.Mode()); err != nil {
		return err
	}
	return os.Chtimes(to, info.ModTime(), info.ModTime())
}
