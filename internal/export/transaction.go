package export

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/gofrs/flock"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/pkg/diag"
)

// The names of the lock and the work directory if they are in the directory itself.
const (
	insideLock = ".mop-lock"
	insideWork = ".mop-export"
)

// system has the functions that depend on the operating system. Tests replace it.
type system struct {
	// exchange makes two directories change places in one step. The error is an
	// [errors.ErrUnsupported] if the system cannot do that.
	exchange func(a, b string) error
	// mounts returns the mount points at and below a directory.
	mounts func(dir string) ([]string, error)
}

// transaction is an export in progress. It holds the lock.
//
// Its work directory has these entries: new, the staged files; old, the directory renamed
// away; journal, the unfinished replacement of files. It stands beside the directory or in
// it.
type transaction struct {
	dir     string // as the caller calls it
	target  string // dir without symbolic links
	work    string
	lock    *flock.Flock
	inPlace bool
	sys     system
	// mounts are the mount points below target.
	mounts  []string
	created []string // the directories made for the target, parents first
	// outer is the transaction that this one has replaced, because files beside the
	// directory could not be moved into it.
	outer   *transaction
	done    bool // the target has its new content
	pending bool // the journal must be completed
}

// begin locks dir, repairs what a killed run left and creates dir if absent.
func begin(ctx context.Context, dir string, o Options, sys system) (*transaction, error) {
	name := dir
	if !filepath.IsAbs(name) {
		name = filepath.Join(o.WorkingDir, name)
	}
	target, err := swap.Resolve(name)
	if err != nil {
		return nil, err
	}
	t := &transaction{dir: dir, target: target, inPlace: o.InPlace, sys: sys}
	if err := t.begin(ctx); err != nil {
		_ = t.end()
		return nil, err
	}
	return t, nil
}

func (t *transaction) begin(ctx context.Context) error {
	var err error
	if t.created, err = swap.MakeDirs(filepath.Dir(t.target)); err != nil {
		return err
	}
	if t.mounts, err = t.sys.mounts(t.target); err != nil {
		return err
	}
	fixed := slices.Contains(t.mounts, t.target)
	t.mounts = slices.DeleteFunc(t.mounts, func(m string) bool { return m == t.target })
	// An exchange would take the mount points along with the old directory.
	t.inPlace = t.inPlace || fixed || len(t.mounts) > 0
	if !fixed {
		parent, base := filepath.Split(t.target)
		t.work = filepath.Join(parent, "."+base+".mop-export")
		err = t.acquire(filepath.Join(parent, "."+base+".mop-lock"))
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
			_, absent := os.Stat(t.target)
			fixed = absent == nil
		}
	}
	if fixed {
		t.inPlace = true
		err = t.enter()
	}
	if err != nil {
		return err
	}
	if err := t.recover(ctx); err != nil {
		return err
	}
	if err := t.recoverInside(ctx); err != nil {
		return err
	}
	made, err := swap.MakeDirs(t.target)
	t.created = append(t.created, made...)
	return err
}

// enter takes the lock in the target and puts the work directory there.
func (t *transaction) enter() error {
	t.work = filepath.Join(t.target, insideWork)
	return t.acquire(filepath.Join(t.target, insideLock))
}

// recoverInside repairs the remains of a run whose work directory was in the target, if
// that of this run is beside it. At the time of the earlier run, the target was a mount
// point, or files beside it could not be moved into it.
func (t *transaction) recoverInside(ctx context.Context) error {
	inner := &transaction{dir: t.dir, target: t.target, sys: t.sys}
	_, noWork := os.Lstat(filepath.Join(t.target, insideWork))
	_, noLock := os.Lstat(filepath.Join(t.target, insideLock))
	if filepath.Dir(t.work) == t.target || noWork != nil && noLock != nil {
		return nil
	}
	if err := inner.enter(); err != nil {
		return err
	}
	return errors.Join(inner.recover(ctx), swap.Unlock(inner.lock))
}

// acquire takes the lock. If another process holds it, the error is a [*diag.List].
func (t *transaction) acquire(name string) error {
	lock, ok, err := swap.Lock(name)
	if err != nil {
		return err
	}
	if !ok {
		return diag.List{{
			Code: failure.Busy, Values: map[string]any{"lock": name},
			Subject: t.dir, Problem: "another export into this directory is running",
		}}.Err()
	}
	t.lock = lock
	return nil
}

// recover repairs what a killed run left.
func (t *transaction) recover(ctx context.Context) error {
	if err := t.resume(ctx); err != nil {
		return err
	}
	if _, err := os.Lstat(t.target); errors.Is(err, fs.ErrNotExist) {
		err := os.Rename(filepath.Join(t.work, "old"), t.target)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return swap.Remove(t.work)
}

// end removes the transaction's own files and releases the lock.
func (t *transaction) end() error {
	var errs []error
	if t.lock != nil {
		if !t.pending {
			errs = append(errs, swap.Remove(t.work))
		}
		errs = append(errs, swap.Unlock(t.lock))
	}
	if t.outer != nil {
		errs = append(errs, swap.Remove(t.outer.work), swap.Unlock(t.outer.lock))
	}
	if !t.done {
		swap.RemoveDirs(t.created)
	}
	return errors.Join(errs...)
}

// staging returns the directory for the new files.
func (t *transaction) staging() string { return filepath.Join(t.work, "new") }

// requireEmpty returns a [*diag.List] if the target is not empty.
func (t *transaction) requireEmpty() error {
	entries, err := t.walk()
	if err != nil || len(entries) == 0 {
		return err
	}
	// A visible entry says more than the record beside it.
	first := max(0, slices.IndexFunc(entries, func(e entry) bool { return e.name != recordFile }))
	return diag.List{{
		Code:    failure.FullDirectory,
		Subject: t.dir, Problem: "want an empty directory, got one that holds " + entries[first].name,
	}}.Err()
}

// walk returns the entries of the target, without the lock and the work directory. Parents
// come before children, and each folder is in order of names.
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

// commit puts the staged files into the target and removes the files that p removes.
func (t *transaction) commit(ctx context.Context, p plan) error {
	fresh, err := t.staged()
	if err != nil {
		return err
	}
	if err := t.refuseMounts(fresh, p.removed); err != nil {
		return err
	}
	if t.inPlace {
		return t.replace(ctx, p, fresh)
	}
	if err := t.keep(ctx, p.kept); err != nil {
		return err
	}
	if err := swap.Flush(t.work); err != nil {
		return err
	}
	// From here on nothing can be undone.
	if err := budget.Of(ctx).Err(); err != nil {
		return err
	}
	err = t.sys.exchange(t.staging(), t.target)
	if errors.Is(err, errors.ErrUnsupported) {
		err = t.rename()
	}
	switch {
	case unmovable(err):
		// A mount point in disguise, a directory of a lower layer of an overlay file
		// system, or one of another owner.
		return t.replace(ctx, p, fresh)
	case err != nil:
		return err
	}
	t.done = true
	// This only decides how soon the swap survives a power failure.
	if parent, err := os.Open(filepath.Dir(t.target)); err == nil {
		_ = parent.Sync()
		_ = parent.Close()
	}
	return nil
}

// unmovable reports whether err, of a rename, says that something cannot be moved.
func unmovable(err error) bool {
	return errors.Is(err, syscall.EBUSY) || errors.Is(err, syscall.EXDEV) || errors.Is(err, fs.ErrPermission)
}

// staged returns the names of the staged files.
func (t *transaction) staged() ([]string, error) {
	var names []string
	err := fs.WalkDir(os.DirFS(t.staging()), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	return names, err
}

// refuseMounts returns a [*diag.List] if files are to be written into mount points below the
// directory, or are mount points. Two file systems do not change in one step, and it shows
// too late that one of them is full.
func (t *transaction) refuseMounts(fresh, removed []string) error {
	var found diag.List
	for _, mount := range t.mounts {
		rel, err := filepath.Rel(t.target, mount)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		into := slices.ContainsFunc(fresh, func(file string) bool { return file == name || strings.HasPrefix(file, name+"/") })
		if into || slices.Contains(removed, name) {
			found = append(found, diag.Diagnostic{
				Code: failure.InnerMount, Values: map[string]any{"mount": filepath.ToSlash(filepath.Join(t.dir, rel))},
				Subject: t.dir, Problem: "cannot be changed as a whole: " + name + " in it is a mount point",
			})
		}
	}
	return found.Sorted().Err()
}

// rename is exchange in two steps.
func (t *transaction) rename() error {
	return swap.Rename(t.staging(), t.target, filepath.Join(t.work, "old"))
}
