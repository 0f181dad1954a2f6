package swap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/mop-platform/mop/internal/budget"
)

// MountError says that a directory cannot be replaced as a whole because it is a mount
// point or holds one.
type MountError struct{ Path string }

func (e *MountError) Error() string { return e.Path + " is a mount point" }

// Directory is a directory that is replaced as a whole, with files that belong to it: all
// of them are old or all new. If the process is killed, this holds after the next
// [OpenDirectory]. The holder of a Directory has its lock.
//
// The work directory .NAME.mop-PURPOSE is beside the directory. In it, new is the new
// directory, old the renamed old one, and journal a commit under way.
type Directory struct {
	path, work string
	files      []string
	lock       *flock.Flock
	exchange   func(a, b string) error
}

// OpenDirectory locks the directory dir, and completes or removes the remains of a killed
// process. The parent of dir must exist, but dir need not. purpose is part of the name of
// the work directory. files are the paths of all files that may belong to dir, in the same
// order each time. ok is false if another process holds the lock, whose file [LockName]
// returns.
func OpenDirectory(ctx context.Context, dir, purpose string, files ...string) (d *Directory, ok bool, err error) {
	dir, err = Resolve(dir)
	if err != nil {
		return nil, false, err
	}
	lock, ok, err := Lock(LockName(dir))
	if err != nil || !ok {
		return nil, false, err
	}
	d = &Directory{dir, beside(dir, purpose), files, lock, Exchange}
	if err := d.recover(ctx); err != nil {
		return nil, false, errors.Join(err, Unlock(lock))
	}
	return d, true, nil
}

// LockName returns the path of the lock of the directory dir, a path without symbolic
// links.
func LockName(dir string) string { return beside(dir, "lock") }

// Work returns the path of a directory for use until [Directory.Close]. It need not exist,
// and is on the file system of the directory's parent.
func (d *Directory) Work() string { return d.work }

// Staged returns the path in Work where the caller builds the new directory.
func (d *Directory) Staged() string { return filepath.Join(d.work, "new") }

func (d *Directory) old() string         { return filepath.Join(d.work, "old") }
func (d *Directory) journalFile() string { return filepath.Join(d.work, "journal") }

// Close removes the work directory and releases the lock.
func (d *Directory) Close() error { return errors.Join(Remove(d.work), Unlock(d.lock)) }

// journal is a commit that must be completed.
type journal struct {
	// Exchange says whether the directory is replaced. Staged identifies the new one, "" if
	// that is not needed.
	Exchange bool   `json:"exchange"`
	Staged   string `json:"staged,omitempty"`
	// Files are the changes of the files, null for files that stay.
	Files []*texts `json:"files"`
}

// texts are the contents of a file. Before is null if the file is new.
type texts struct {
	Before *string `json:"before"`
	After  string  `json:"after"`
}

// Commit replaces the directory with the staged one, if there is one, and writes the new
// contents of files, by their paths. It ignores files that [OpenDirectory] did not get.
// With an error everything is as before. The error is a [*MountError] if the directory is a
// mount point or holds one.
func (d *Directory) Commit(ctx context.Context, files map[string][]byte) error {
	j := journal{Files: make([]*texts, len(d.files))}
	if _, err := os.Lstat(d.Staged()); err == nil {
		j.Exchange, j.Staged = true, identity(d.Staged())
		mounts, err := Mounts(d.path)
		if err != nil {
			return err
		}
		if len(mounts) > 0 {
			return &MountError{mounts[0]}
		}
	}
	var changes []change
	defer func() {
		for _, c := range changes {
			// The draft was committed, or is given up because of another error.
			_ = c.draft.Close()
		}
	}()
	for i, name := range d.files {
		data, ok := files[name]
		if !ok {
			continue
		}
		// A file that cannot be written fails here, before anything has changed.
		c, err := newChange(ctx, name, data)
		if err != nil {
			return err
		}
		changes = append(changes, c)
		j.Files[i] = &texts{c.before, string(data)}
	}
	if j.Exchange {
		if err := Flush(d.work); err != nil {
			return err
		}
	}
	// From here on there is no turning back.
	if err := budget.Of(ctx).Err(); err != nil {
		return err
	}
	if len(changes) == 0 {
		return d.swap(j)
	}
	if err := d.write(j); err != nil {
		return err
	}
	err := d.swap(j)
	for i := 0; err == nil && i < len(changes); i++ {
		if err = changes[i].draft.Commit(); err != nil {
			err = errors.Join(err, d.undo(j, changes[:i]))
		}
	}
	return errors.Join(err, os.Remove(d.journalFile()))
}

// write writes the journal.
func (d *Directory) write(j journal) error {
	data, err := json.Marshal(j)
	if err == nil {
		err = os.MkdirAll(d.work, 0o777)
	}
	if err != nil {
		return err
	}
	draft := d.journalFile() + ".draft"
	if err := os.WriteFile(draft, data, 0o600); err != nil {
		return err
	}
	if err := Flush(d.work); err != nil {
		return err
	}
	return os.Rename(draft, d.journalFile())
}

// swap replaces the directory with the staged one, unless it has done so already.
func (d *Directory) swap(j journal) error {
	if !j.Exchange {
		return nil
	}
	if _, err := os.Lstat(d.Staged()); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Lstat(d.path); errors.Is(err, fs.ErrNotExist) {
		return os.Rename(d.Staged(), d.path)
	} else if err != nil {
		return err
	}
	if j.Staged != "" && identity(d.path) == j.Staged {
		return nil
	}
	err := d.exchange(d.Staged(), d.path)
	if errors.Is(err, errors.ErrUnsupported) {
		err = Rename(d.Staged(), d.path, d.old())
	}
	return err
}

// undo reverts the exchange and the changes.
func (d *Directory) undo(j journal, changes []change) error {
	var errs []error
	for _, c := range changes {
		errs = append(errs, c.undo())
	}
	if !j.Exchange {
		return errors.Join(errs...)
	}
	_, noStaged := os.Lstat(d.Staged())
	_, noOld := os.Lstat(d.old())
	switch {
	case noStaged == nil:
		errs = append(errs, d.exchange(d.Staged(), d.path))
	case noOld == nil:
		errs = append(errs, Rename(d.old(), d.path, d.Staged()))
	default:
		errs = append(errs, os.Rename(d.path, d.Staged()))
	}
	return errors.Join(errs...)
}

// recover completes the commit of a killed process, or removes what that has not committed.
func (d *Directory) recover(ctx context.Context) error {
	data, err := budget.ReadFile(ctx, d.journalFile())
	switch {
	case err == nil:
		if err := d.complete(ctx, data); err != nil {
			return fmt.Errorf("%s: completing what another process has begun: %w", d.work, err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	default:
		if _, err := os.Lstat(d.path); errors.Is(err, fs.ErrNotExist) {
			if err := os.Rename(d.old(), d.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	for _, name := range d.files {
		if err := Clean(name); err != nil {
			return err
		}
	}
	return Remove(d.work)
}

func (d *Directory) complete(ctx context.Context, data []byte) error {
	var j journal
	if err := json.Unmarshal(data, &j); err != nil {
		return err
	}
	if len(j.Files) != len(d.files) {
		return fmt.Errorf("want %d files in the journal, got %d", len(d.files), len(j.Files))
	}
	for i, name := range d.files {
		if j.Files[i] == nil {
			continue
		}
		// A user who can put a journal here must not reach files elsewhere.
		if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
			return &fs.PathError{Op: "write", Path: name, Err: errors.New("not a regular file")}
		}
	}
	if err := d.swap(j); err != nil {
		return err
	}
	for i, name := range d.files {
		if j.Files[i] == nil {
			continue
		}
		now, err := contents(ctx, name)
		if err != nil {
			return err
		}
		if before := j.Files[i].Before; (now == nil) != (before == nil) || now != nil && *now != *before {
			continue // Written already, or changed since.
		}
		if err := Write(ctx, name, []byte(j.Files[i].After)); err != nil {
			return err
		}
	}
	return os.Remove(d.journalFile())
}

// contents returns the contents of a file, nil if there is none.
func contents(ctx context.Context, name string) (*string, error) {
	data, err := budget.ReadFile(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	text := string(data)
	return &text, err
}

// change is a file that changes.
type change struct {
	draft *Draft
	// before is nil if the file is new.
	before *string
}

func newChange(ctx context.Context, name string, data []byte) (c change, err error) {
	c.draft, err = NewDraft(ctx, name)
	if err != nil {
		return change{}, err
	}
	c.before, err = contents(ctx, c.draft.Path())
	if err == nil {
		_, err = c.draft.Write(data)
	}
	if err != nil {
		return change{}, errors.Join(err, c.draft.Close())
	}
	return c, nil
}

// undo restores the old contents of the file.
func (c change) undo() error {
	if c.before == nil {
		return os.Remove(c.draft.Path())
	}
	again := &Draft{path: c.draft.path, lock: c.draft.lock}
	err := again.begin()
	if err == nil {
		_, err = again.Write([]byte(*c.before))
	}
	if err == nil {
		err = again.Commit()
	}
	return err
}
