// Package swap replaces files and directories as a whole: whoever looks sees the
// old or the new, also where the process is killed. What will be the new stands
// beside the old, under names that begin with a dot and hold ".mop-"; the next who
// writes there removes what a killed process left.
//
// [Write] and [Draft] replace a file, [Directory] a directory with files that
// belong to it, [Addition] adds files to a directory. [Lock], [Flush], [Exchange]
// and [Rename] are what they are made of, for who needs it otherwise.
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

	"github.com/mop-platform/mop/pkg/budget"
)

// Rename is [Exchange] in two steps, where that cannot be: target becomes old, and
// staged target. A process that is killed between them leaves no target; where the
// second fails, the first is undone.
func Rename(staged, target, old string) error {
	if err := os.Rename(target, old); err != nil {
		return err
	}
	if err := os.Rename(staged, target); err != nil {
		return errors.Join(err, os.Rename(old, target))
	}
	return nil
}

// Lock takes the advisory lock of the file name, which it makes if absent. ok is
// false if another holds it. It vanishes with its process; [Unlock] gives it
// back.
//
// Where another holds it, Lock looks again for a moment: a process that was killed
// while it started another leaves the lock to that until it has begun its work.
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
		// Nothing is made where a symbolic link in its place leads to.
		lock := flock.New(name, flock.SetPermissions(0o666), flock.SetFlag(os.O_CREATE|os.O_RDONLY|noFollow))
		ok, err := lock.TryLock()
		if err != nil || !ok {
			return nil, false, err
		}
		// The last holder removes the file: what is locked may be no longer
		// what others find under its name.
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

// Unlock gives a lock back and removes its file.
func Unlock(lock *flock.Flock) error {
	// Unlocked, a file left behind holds up no one.
	_ = os.Remove(lock.Path())
	return lock.Unlock()
}

// waitLock is [Lock] that waits until another gives the lock back.
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

// Resolve returns the absolute path of what name means, without symbolic links.
// What does not exist of it is taken as it is.
func Resolve(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	return resolve(abs, 0)
}

// mostLinks is how many links to what does not exist are followed, as Linux
// follows links at all.
const mostLinks = 40

func resolve(abs string, links int) (string, error) {
	real, err := filepath.EvalSymlinks(abs)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if abs == filepath.Dir(abs) {
		return abs, nil
	}
	// A link is relative to where it really is.
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

// MakeDirs makes a directory and its parents and returns those that it made,
// parents first, also with an error.
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

// RemoveDirs removes directories that [MakeDirs] made, as far as they are empty.
func RemoveDirs(made []string) {
	for i := len(made) - 1; i >= 0; i-- {
		// Not empty if others have used it meanwhile.
		_ = os.Remove(made[i])
	}
}

// Remove removes what is at and below a path, also where the modes of folders
// in it forbid to empty them.
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
