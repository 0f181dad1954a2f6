// Package swap is what a tool needs to replace a directory as a whole: a lock
// beside it, contents that are on disk before they count, and the exchange of
// two directories in one step.
package swap

import (
	"errors"
	"os"

	"github.com/gofrs/flock"
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
func Lock(name string) (lock *flock.Flock, ok bool, err error) {
	for {
		lock := flock.New(name, flock.SetPermissions(0o666))
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
		if found, err := os.Stat(name); err == nil && os.SameFile(held, found) {
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
