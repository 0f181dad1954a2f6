// Package swap replaces files and directories as a whole: an observer sees the old or the
// new, even if the process is killed. The new one is built beside the old, under names that
// begin with a dot and hold ".mop-". The next process that writes there removes what a
// killed one left.
//
// [Write] and [Draft] replace a file, [Directory] a directory with files that belong to it,
// and [Add] adds files to a directory. They are made of [Lock], [Flush], [Exchange] and
// [Rename], which can be used alone.
package swap

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/mop-platform/mop/internal/budget"
)

// Rename does the work of [Exchange] in two steps, where that is not supported: target
// becomes old, then staged becomes target. A process that is killed between them leaves no
// target. If the second step fails, the first is undone.
func Rename(staged, target, old string) error {
	if err := os.Rename(target, old); err != nil {
		return err
	}
	if err := os.Rename(staged, target); err != nil {
		return errors.Join(err, os.Rename(old, target))
	}
	return nil
}

// Lock takes the advisory lock of the file name, which it makes if absent. ok is false if
// another process holds it. The lock ends with its process; [Unlock] releases it.
//
// If another process holds it, Lock tries again for 200 ms. A process that was killed while
// it started a child leaves the lock to the child, until that begins its work.
func Lock(name string) (lock *flock.Flock, ok bool, err error) {
	const pause, moment = 10 * time.Millisecond, 200 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		lock, ok, err := tryLock(name)
		if err != nil || ok || waited >= moment {
			return lock, ok, err
		}
		time.Sleep(pause)
	}
}

func tryLock(name string) (lock *flock.Flock, ok bool, err error) {
	for {
		// A symbolic link in its place is not followed.
		lock := flock.New(name, flock.SetPermissions(0o666), flock.SetFlag(os.O_CREATE|os.O_RDONLY|noFollow))
		ok, err := lock.TryLock()
		if err != nil || !ok {
			return nil, false, err
		}
		// The last holder removes the file, so the locked file may no longer have the name.
		held, err := lock.Stat()
		if err != nil {
			return nil, false, errors.Join(err, lock.Unlock())
		}
		if found, err := os.Lstat(name); err == nil && os.SameFile(held, found) {
			return lock, true, nil
		}
		if err := lock.Unlock(); err != nil {
			return nil, false, err
		}
	}
}

// Unlock releases a lock and removes its file.
func Unlock(lock *flock.Flock) error {
	// If the file stays, it blocks nobody once it is unlocked.
	_ = os.Remove(lock.Path())
	return lock.Unlock()
}

// waitLock is [Lock], but waits until another process releases the lock, or ctx ends.
func waitLock(ctx context.Context, name string) (*flock.Flock, error) {
	const pause = 5 * time.Millisecond
	for {
		lock, ok, err := tryLock(name)
		if err != nil || ok {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, budget.Of(ctx).Err()
		case <-time.After(pause):
		}
	}
}

// Resolve returns the absolute path of name without symbolic links. The part that does not
// exist stays as it is.
func Resolve(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	return resolve(abs, 0)
}

// mostLinks is the limit of links to missing files, as in Linux for all links.
const mostLinks = 40

func resolve(abs string, links int) (string, error) {
	real, err := filepath.EvalSymlinks(abs)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if abs == filepath.Dir(abs) {
		return abs, nil
	}
	// A link is relative to its real place.
	parent, err := resolve(filepath.Dir(abs), links)
	if err != nil {
		return "", err
	}
	abs = filepath.Join(parent, filepath.Base(abs))
	link, err := os.Readlink(abs)
	if err != nil {
		return abs, nil
	}
	if links == mostLinks {
		return "", &fs.PathError{Op: "resolve", Path: abs, Err: syscall.ELOOP}
	}
	if !filepath.IsAbs(link) {
		link = filepath.Join(parent, link)
	}
	return resolve(link, links+1)
}

// MakeDirs makes a directory and its parents. It returns those that it made, parents first,
// also with an error.
func MakeDirs(dir string) ([]string, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	made, err := MakeDirs(filepath.Dir(dir))
	if err != nil {
		return made, err
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		if info, now := os.Stat(dir); now == nil && info.IsDir() {
			// Somebody else has made it meanwhile.
			return made, nil
		}
		return made, err
	}
	return append(made, dir), nil
}

// RemoveDirs removes directories that [MakeDirs] made, if they are empty.
func RemoveDirs(made []string) {
	for i := len(made) - 1; i >= 0; i-- {
		// A directory that others have used meanwhile is not empty and stays.
		_ = os.Remove(made[i])
	}
}

// Remove removes a path and everything below it, even if the modes of its directories
// forbid that.
func Remove(dir string) error {
	if err := os.RemoveAll(dir); err == nil {
		return nil
	}
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			err = os.Chmod(name, 0o700)
		}
		return err
	})
	return os.RemoveAll(dir)
}
