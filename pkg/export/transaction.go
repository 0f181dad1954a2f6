package export

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/gofrs/flock"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/swap"
)

// The names of the lock and the work directory where they stand in the
// directory itself.
const (
	insideLock = ".mop-lock"
	insideWork = ".mop-export"
)

// system is what depends on the operating system and tests replace.
type system struct {
	// exchange makes two directories change places in one step. The error is
	// an [errors.ErrUnsupported] where that cannot be.
	exchange func(a, b string) error
	// fixed reports whether a directory cannot be renamed.
	fixed func(dir string) (bool, error)
}

// transaction is an export under way. It holds the lock.
//
// Its work directory holds, by name: new, the staged files; old, the directory
// renamed away; journal, the replacement of files under way.
type transaction struct {
	dir     string // as the caller calls it
	target  string // dir without symbolic links
	work    string
	lock    *flock.Flock
	inPlace bool
	sys     system
	created []string // the directories made for the target, parents first
	done    bool     // the target has its new content
	pending bool     // the journal must be completed
}

// begin locks dir, mends what a killed run left and creates dir if absent.
func begin(dir string, inPlace bool, sys system) (*transaction, error) {
	target, err := resolve(dir)
	if err != nil {
		return nil, err
	}
	t := &transaction{dir: dir, target: target, inPlace: inPlace, sys: sys}
	parent, base := filepath.Split(target)
	t.created, err = makeDirs(filepath.Clean(parent))
	if err != nil {
		_ = t.end()
		return nil, err
	}
	fixed, err := sys.fixed(target)
	if err != nil {
		_ = t.end()
		return nil, err
	}
	if !fixed {
		t.work = filepath.Join(parent, "."+base+".mop-export")
		err = t.acquire(filepath.Join(parent, "."+base+".mop-lock"))
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
			_, absent := os.Stat(target)
			fixed = absent == nil
		}
	}
	if fixed {
		t.inPlace = true
		t.work = filepath.Join(target, insideWork)
		err = t.acquire(filepath.Join(target, insideLock))
	}
	if err == nil {
		err = t.prepare()
	}
	if err != nil {
		_ = t.end()
		return nil, err
	}
	return t, nil
}

// prepare mends what a killed run left and makes the target if absent.
func (t *transaction) prepare() error {
	if err := t.recover(); err != nil {
		return err
	}
	made, err := makeDirs(t.target)
	t.created = append(t.created, made...)
	return err
}

// resolve returns the absolute path of dir without symbolic links. What does
// not exist of it is taken as it is.
func resolve(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(abs)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if link, err := os.Readlink(abs); err == nil {
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(abs), link)
		}
		return resolve(link)
	}
	parent, err := resolve(filepath.Dir(abs))
	return filepath.Join(parent, filepath.Base(abs)), err
}

// makeDirs makes a directory and its parents and returns those that it made,
// parents first.
func makeDirs(dir string) ([]string, error) {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = &fs.PathError{Op: "mkdir", Path: dir, Err: syscall.ENOTDIR}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	made, err := makeDirs(filepath.Dir(dir))
	if err != nil {
		return made, err
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return made, err
	}
	return append(made, dir), nil
}

// acquire takes the lock. Another holder is a [diag.List].
func (t *transaction) acquire(name string) error {
	lock, ok, err := swap.Lock(name)
	if err != nil {
		return err
	}
	if !ok {
		return diag.List{{
			Subject: t.dir, Problem: "another export into this directory is running",
			Hints: []string{"wait until it is done; " + name + " does not hold up anyone once its process is gone"},
		}}
	}
	t.lock = lock
	return nil
}

// recover mends what a killed run left.
func (t *transaction) recover() error {
	if err := t.resume(); err != nil {
		return err
	}
	if _, err := os.Lstat(t.target); errors.Is(err, fs.ErrNotExist) {
		err := os.Rename(filepath.Join(t.work, "old"), t.target)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return removeAll(t.work)
}

// end removes what only the transaction needed and gives the lock back.
func (t *transaction) end() error {
	var errs []error
	if t.lock != nil {
		if !t.pending {
			errs = append(errs, removeAll(t.work))
		}
		errs = append(errs, swap.Unlock(t.lock))
	}
	if !t.done {
		for i := len(t.created) - 1; i >= 0; i-- {
			// Not empty if others have used it meanwhile.
			_ = os.Remove(t.created[i])
		}
	}
	return errors.Join(errs...)
}

// removeAll removes a directory, also where the modes of folders in it forbid
// to empty them.
func removeAll(dir string) error {
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

// staging returns the directory for the new files.
func (t *transaction) staging() string { return filepath.Join(t.work, "new") }

// requireEmpty returns a [diag.List] if the target holds anything.
func (t *transaction) requireEmpty() error {
	entries, err := t.walk()
	if err != nil || len(entries) == 0 {
		return err
	}
	// What is visible says more than the record beside it.
	first := max(0, slices.IndexFunc(entries, func(e entry) bool { return e.name != recordFile }))
	return diag.List{{
		Subject: t.dir, Problem: "want an empty directory, got one that holds " + entries[first].name,
		Hints: []string{"the merge strategies " + string(FailOnConflicts) + " and " + string(ReplaceEnvs) + " keep what is there"},
	}}
}

// walk returns what the target holds, parents before children, each folder in
// order of names.
func (t *transaction) walk() ([]entry, error) {
	var entries []entry
	err := filepath.WalkDir(t.target, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name == t.target, name == t.lock.Path():
			return nil
		case name == t.work:
			return fs.SkipDir
		}
		rel, err := filepath.Rel(t.target, name)
		if err != nil {
			return err
		}
		info, err := d.Info()
		entries = append(entries, entry{filepath.ToSlash(rel), info})
		return err
	})
	return entries, err
}

// commit gives the target the staged files and takes from it what p says.
func (t *transaction) commit(ctx context.Context, p plan) error {
	if t.inPlace {
		return t.replace(ctx, p)
	}
	if err := t.keep(ctx, p.kept); err != nil {
		return err
	}
	if err := swap.Flush(t.work); err != nil {
		return err
	}
	// From here on there is no turning back.
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	err := t.sys.exchange(t.staging(), t.target)
	if errors.Is(err, errors.ErrUnsupported) {
		err = t.rename()
	}
	switch {
	case errors.Is(err, syscall.EBUSY), errors.Is(err, syscall.EXDEV):
		// A mount point in disguise, or a directory of a lower layer of an
		// overlay file system.
		return t.replace(ctx, p)
	case err != nil:
		return err
	}
	t.done = true
	// Only how soon the swap outlives a power failure depends on this.
	if parent, err := os.Open(filepath.Dir(t.target)); err == nil {
		_ = parent.Sync()
		_ = parent.Close()
	}
	return nil
}

// rename is exchange in two steps.
func (t *transaction) rename() error {
	return swap.Rename(t.staging(), t.target, filepath.Join(t.work, "old"))
}
