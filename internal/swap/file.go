package swap

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gofrs/flock"
)

// Draft is the new contents of a file. At every moment the file holds all of the old or all
// of the new contents. A Draft is for one goroutine.
//
// The new contents are in .NAME.mop-draft beside the file, with a lock .NAME.mop-lock.
type Draft struct {
	path string
	file *os.File
	lock *flock.Flock
}

// NewDraft begins new contents for the file at path, which need not exist. For a symbolic
// link, it replaces the file that the link leads to. It waits while another process has a
// draft of the file, until ctx ends. The draft must be closed.
func NewDraft(ctx context.Context, path string) (*Draft, error) {
	path, err := Resolve(path)
	if err != nil {
		return nil, err
	}
	lock, err := waitLock(ctx, beside(path, "lock"))
	if err != nil {
		return nil, err
	}
	return newDraft(path, lock)
}

func newDraft(path string, lock *flock.Flock) (*Draft, error) {
	d := &Draft{path: path, lock: lock}
	if err := d.begin(); err != nil {
		return nil, errors.Join(err, Unlock(lock))
	}
	return d, nil
}

// Check fails if a [Draft] of the file at path could not be made. It waits for nobody, and
// succeeds if another process has a draft.
func Check(path string) error {
	path, err := Resolve(path)
	if err != nil {
		return err
	}
	lock, ok, err := Lock(beside(path, "lock"))
	if err != nil || !ok {
		return err
	}
	d, err := newDraft(path, lock)
	if err != nil {
		return err
	}
	return d.Close()
}

// beside returns the path of a file for a purpose, beside a file or directory.
func beside(path, purpose string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".mop-"+purpose)
}

func (d *Draft) name() string { return beside(d.path, "draft") }

func (d *Draft) begin() error {
	mode := fs.FileMode(0o666)
	info, err := os.Stat(d.path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return &fs.PathError{Op: "replace", Path: d.path, Err: errors.New("not a regular file")}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	// The file is from a killed process, or is a link that somebody has put there.
	if err := os.Remove(d.name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	d.file, err = os.OpenFile(d.name(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil || info == nil {
		return err
	}
	if err := d.file.Chmod(info.Mode().Perm()); err != nil {
		return errors.Join(err, d.file.Close(), os.Remove(d.name()))
	}
	return nil
}

// Path returns the path of the file, without symbolic links.
func (d *Draft) Path() string { return d.path }

// Write appends to the contents.
func (d *Draft) Write(p []byte) (int, error) { return d.file.Write(p) }

// Commit makes the draft the contents of the file. An existing file keeps its permissions.
// [Draft.Close] is still needed.
func (d *Draft) Commit() error {
	if err := d.file.Close(); err != nil {
		return err
	}
	err := os.Rename(d.name(), d.path)
	if errors.Is(err, syscall.EBUSY) {
		return fmt.Errorf("%w: a mount point, which cannot be replaced in one step", err)
	}
	return err
}

// Close gives up a draft that was not committed, and releases the lock.
func (d *Draft) Close() error {
	_ = d.file.Close() // a committed file is closed
	err := os.Remove(d.name())
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, Unlock(d.lock))
}

// Write makes data the contents of the file at path, as a [Draft] does.
func Write(ctx context.Context, path string, data []byte) error {
	d, err := NewDraft(ctx, path)
	if err != nil {
		return err
	}
	if _, err = d.Write(data); err == nil {
		err = d.Commit()
	}
	return errors.Join(err, d.Close())
}

// Clean removes the draft of a file that a killed process left. A draft that another
// process is writing stays.
func Clean(path string) error {
	path, err := Resolve(path)
	if err != nil {
		return err
	}
	_, noDraft := os.Lstat(beside(path, "draft"))
	_, noLock := os.Lstat(beside(path, "lock"))
	if noDraft != nil && noLock != nil {
		return nil
	}
	lock, ok, err := Lock(beside(path, "lock"))
	if err != nil || !ok {
		return err
	}
	err = os.Remove(beside(path, "draft"))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return errors.Join(err, Unlock(lock))
}

// CleanAll is [Clean] for all files in a directory, which need not exist.
func CleanAll(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".mop-draft")
		if !ok {
			name, ok = strings.CutSuffix(e.Name(), ".mop-lock")
		}
		if !ok || !strings.HasPrefix(name, ".") {
			continue
		}
		if err := Clean(filepath.Join(dir, name[1:])); err != nil {
			return err
		}
	}
	return nil
}
