package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/swap"
)

// journal is the remaining work on a target whose files are replaced one by one, besides
// moving in the staged files. It can be completed after any interruption.
type journal struct {
	// Remove are files. Emptied are the folders that are then empty, children first. Both
	// are slash-separated paths below the target.
	Remove  []string `json:"remove"`
	Emptied []string `json:"emptied"`
}

const journalFile = "journal"

// replace moves the staged files fresh into the target one by one. Once the journal is
// written, the work can only be completed.
func (t *transaction) replace(ctx context.Context, p plan, fresh []string) error {
	if err := t.approach(ctx, fresh); err != nil {
		return err
	}
	data, err := json.Marshal(journal{Remove: p.removed, Emptied: p.emptied})
	if err != nil {
		return err
	}
	draft := filepath.Join(t.work, journalFile+".draft")
	if err := os.WriteFile(draft, data, 0o600); err != nil {
		return err
	}
	if err := swap.Flush(t.work); err != nil {
		return err
	}
	if err := budget.Of(ctx).Err(); err != nil {
		return err
	}
	if err := os.Rename(draft, filepath.Join(t.work, journalFile)); err != nil {
		return err
	}
	// Work that has begun is completed even if ctx has ended.
	if err := t.resume(context.WithoutCancel(ctx)); err != nil {
		t.pending = true
		return fmt.Errorf("partly done, the next export completes it: %w", err)
	}
	t.done = true
	return nil
}

// approach makes sure that the staged files can be moved into the target. If they cannot be
// moved from beside it, it stages the files fresh in it.
func (t *transaction) approach(ctx context.Context, fresh []string) error {
	inside := filepath.Join(t.target, insideWork)
	if t.work == inside {
		return nil
	}
	probe := filepath.Join(t.work, "probe")
	err := os.Mkdir(probe, 0o777)
	if err == nil {
		err = os.Rename(probe, inside)
	}
	if err == nil {
		return os.Remove(inside)
	}
	if !unmovable(err) {
		return err
	}
	outer := *t
	if err := t.enter(); err != nil {
		t.work, t.lock = outer.work, outer.lock
		return err
	}
	t.outer = &outer
	for _, name := range fresh {
		if err := budget.Of(ctx).Err(); err != nil {
			return err
		}
		from, to := t.in(outer.staging(), name), t.in(t.staging(), name)
		info, err := os.Lstat(from)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(to), 0o777)
		}
		if err == nil {
			err = copyFile(from, to, info)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// resume does the work of the journal, if there is one. It reaches nothing outside of the
// directory that holds the work directory, whoever has written the journal.
func (t *transaction) resume(ctx context.Context) error {
	root, err := os.OpenRoot(filepath.Dir(t.work))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	work := filepath.Base(t.work)
	file, err := root.Open(filepath.Join(work, journalFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	data, err := budget.Read(ctx, file)
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	var j journal
	if err := json.Unmarshal(data, &j); err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(t.work, journalFile), err)
	}
	target, err := filepath.Rel(root.Name(), t.target)
	if err != nil {
		return err
	}
	r := replacement{root, filepath.ToSlash(target), work + "/new"}
	if err := r.do(j); err != nil {
		return err
	}
	if err := swap.Flush(t.target); err != nil {
		return err
	}
	return root.Remove(filepath.Join(work, journalFile))
}

// replacement moves the files below one directory of a root into another.
type replacement struct {
	root           *os.Root
	target, staged string
}

func (r replacement) do(j journal) error {
	for _, names := range [][]string{j.Remove, j.Emptied} {
		for _, name := range names {
			if !fs.ValidPath(name) || name == "." {
				return fmt.Errorf("journal: want a path below the directory, got %s", message.Quote(name))
			}
		}
	}
	for _, name := range j.Remove {
		err := r.root.Remove(filepath.FromSlash(path.Join(r.target, name)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, name := range j.Emptied {
		// The folder is not empty if others have used it meanwhile.
		_ = r.root.Remove(filepath.FromSlash(path.Join(r.target, name)))
	}
	err := fs.WalkDir(r.root.FS(), r.staged, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.FromSlash(r.target + name[len(r.staged):])
		if d.IsDir() {
			return r.root.MkdirAll(to, 0o777)
		}
		return r.root.Rename(filepath.FromSlash(name), to)
	})
	if errors.Is(err, fs.ErrNotExist) {
		if _, none := r.root.Lstat(filepath.FromSlash(r.staged)); none != nil {
			return nil
		}
	}
	return err
}
