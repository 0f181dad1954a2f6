package swap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"

	"github.com/mop-platform/mop/internal/budget"
)

// The names of the lock and the work directory of [Add] in its directory. The work
// directory holds, by name: new, the files being written; ready, files that only need to be
// moved; old, a directory that is removed.
const (
	additionLock  = ".mop-lock"
	additionWork  = ".mop-work"
	additionNew   = additionWork + "/new"
	additionReady = additionWork + "/ready"
	additionOld   = additionWork + "/old"
)

// Add adds files to the directory dir, which must exist: those that stage writes into the
// root that it gets. It replaces no file, and no symbolic link leads outside of dir. It
// adds all files or none. If the process is killed while files move in, or a move fails,
// the next Add, Complete or RemoveBelow adds the rest. A new directory appears as a whole.
//
// Add waits while another process is at work, until ctx ends. It returns an error of stage
// as it is. The error is a [*PlaceError] if something else is in the place of a directory.
func Add(ctx context.Context, dir string, stage func(staged *os.Root) error) error {
	return exclusively(ctx, dir, func(root *os.Root) error {
		if err := root.MkdirAll(additionNew, 0o777); err != nil {
			return err
		}
		staged, err := root.OpenRoot(additionNew)
		if err != nil {
			return err
		}
		if err := errors.Join(stage(staged), staged.Close()); err != nil {
			return err
		}
		if err := fits(root, "."); err != nil {
			return err
		}
		if err := Flush(filepath.Join(root.Name(), additionWork)); err != nil {
			return err
		}
		// This is the last check of the budget. After the rename, the addition is
		// completed.
		if err := budget.Of(ctx).Err(); err != nil {
			return err
		}
		if err := root.Rename(additionNew, additionReady); err != nil {
			return err
		}
		if err := moveIn(root, "."); err != nil {
			return fmt.Errorf("partly done, the next to write here completes it: %w", err)
		}
		return nil
	})
}

// PlaceError says why nothing can be added at a slash-separated name.
type PlaceError struct {
	Name string
	Err  error
}

func (e *PlaceError) Error() string { return e.Name + ": " + e.Err.Error() }
func (e *PlaceError) Unwrap() error { return e.Err }

// fits checks the staged directories in the directory name: if something exists in the
// place of one, it must be a directory. The error is a [*PlaceError].
func fits(root *os.Root, name string) error {
	staged, err := root.Open(filepath.Join(additionNew, name))
	if err != nil {
		return err
	}
	entries, err := staged.ReadDir(-1)
	if err := errors.Join(err, staged.Close()); err != nil {
		return err
	}
	for _, e := range entries {
		at := filepath.Join(name, e.Name())
		if _, err := root.Lstat(at); err != nil || !e.IsDir() {
			continue
		}
		info, err := root.Stat(at)
		if err == nil && !info.IsDir() {
			err = syscall.ENOTDIR
		}
		if err != nil {
			return &PlaceError{filepath.ToSlash(at), err}
		}
		if err := fits(root, at); err != nil {
			return err
		}
	}
	return nil
}

// Complete completes an [Add] into dir whose process was killed, and removes what it left.
// It reports whether there were files to add.
func Complete(ctx context.Context, dir string) (bool, error) {
	left := false
	// A process that is killed at its end leaves only the lock.
	for _, name := range []string{additionWork, additionLock} {
		_, err := os.Lstat(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return false, err
		}
		left = left || err == nil
	}
	if !left {
		return false, nil
	}
	_, err := os.Lstat(filepath.Join(dir, additionReady))
	return err == nil, exclusively(ctx, dir, func(*os.Root) error { return nil })
}

// RemoveBelow removes the directory with a name relative to dir. If the process is killed,
// the whole directory remains or nothing of it. Symbolic links are removed, not followed.
// The error is a [*MountError] if the directory is a mount point or holds one.
func RemoveBelow(ctx context.Context, dir, name string) error {
	return exclusively(ctx, dir, func(root *os.Root) error {
		if err := root.MkdirAll(additionWork, 0o777); err != nil {
			return err
		}
		mounts, err := Mounts(filepath.Join(root.Name(), name))
		if err != nil {
			return err
		}
		if len(mounts) > 0 {
			return &MountError{mounts[0]}
		}
		return root.Rename(name, additionOld)
	})
}

// exclusively calls f with the lock of dir, after it has completed or removed what a killed
// process left. It removes what f leaves in the work directory.
func exclusively(ctx context.Context, dir string, f func(*os.Root) error) (err error) {
	dir, err = Resolve(dir)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	lock, err := waitLock(ctx, filepath.Join(dir, additionLock))
	if err != nil {
		return err
	}
	defer func(lock *flock.Flock) { err = errors.Join(err, Unlock(lock)) }(lock)
	if _, err := root.Lstat(additionReady); err == nil {
		if err := moveIn(root, "."); err != nil {
			return err
		}
	}
	if err := root.RemoveAll(additionWork); err != nil {
		return err
	}
	err = f(root)
	if _, pending := root.Lstat(additionReady); err != nil && pending == nil {
		return err
	}
	return errors.Join(err, root.RemoveAll(additionWork))
}

// moveIn moves the ready files of the directory name to their places, except to places that
// exist.
func moveIn(root *os.Root, name string) error {
	ready, err := root.Open(filepath.Join(additionReady, name))
	if err != nil {
		return err
	}
	entries, err := ready.ReadDir(-1)
	if err := errors.Join(err, ready.Close()); err != nil {
		return err
	}
	for _, e := range entries {
		if err := moveOne(root, filepath.Join(name, e.Name()), e.IsDir()); err != nil {
			return err
		}
	}
	return nil
}

func moveOne(root *os.Root, name string, isDir bool) error {
	from := filepath.Join(additionReady, name)
	if _, err := root.Lstat(name); err == nil {
		if info, err := root.Stat(name); err != nil || !info.IsDir() || !isDir {
			return err
		}
		return moveIn(root, name)
	}
	if !isDir {
		return addFile(root, from, name)
	}
	err := root.Rename(from, name)
	if errors.Is(err, syscall.EXDEV) {
		// The parent of name is a mount point.
		if err := root.Mkdir(name, 0o777); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		return moveIn(root, name)
	}
	return err
}

// addFile moves a file to a name that is free.
func addFile(root *os.Root, from, to string) error {
	err := root.Link(from, to)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, syscall.EXDEV):
		return copyFile(root, from, to)
	case err != nil:
		// A file system without hard links.
		return root.Rename(from, to)
	}
	return root.Remove(from)
}

// copyFile is addFile across file systems.
func copyFile(root *os.Root, from, to string) error {
	in, err := budget.OpenIn(root, from)
	if err != nil {
		return err
	}
	defer in.Close()
	draft := beside(to, "draft")
	if err := root.RemoveAll(draft); err != nil {
		return err
	}
	out, err := root.OpenFile(draft, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, root.Remove(draft))
	}
	return root.Rename(draft, to)
}
