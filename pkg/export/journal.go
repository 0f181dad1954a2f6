package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/mop-platform/mop/pkg/swap"
)

// journal is what is left to do with a target whose files are replaced one by
// one, besides moving in what is staged. It can be completed from wherever it
// was interrupted.
type journal struct {
	// Remove are files, Emptied the folders that are empty then, children
	// first: slash-separated paths below the target.
	Remove  []string `json:"remove"`
	Emptied []string `json:"emptied"`
}

func (t *transaction) journalFile() string { return filepath.Join(t.work, "journal") }

// replace gives the target the staged files one by one. Once the journal is
// written, it can only be completed.
func (t *transaction) replace(ctx context.Context, p plan) error {
	data, err := json.Marshal(journal{Remove: p.removed, Emptied: p.emptied})
	if err != nil {
		return err
	}
	draft := t.journalFile() + ".draft"
	if err := os.WriteFile(draft, data, 0o600); err != nil {
		return err
	}
	if err := swap.Flush(t.work); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if err := os.Rename(draft, t.journalFile()); err != nil {
		return err
	}
	if err := t.resume(); err != nil {
		t.pending = true
		return fmt.Errorf("partly done, the next export completes it: %w", err)
	}
	t.done = true
	return nil
}

// resume does what the journal says, if there is one.
func (t *transaction) resume() error {
	data, err := os.ReadFile(t.journalFile())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var j journal
	if err := json.Unmarshal(data, &j); err != nil {
		return fmt.Errorf("%s: %w", t.journalFile(), err)
	}
	if err := swap.Flush(t.work); err != nil {
		return err
	}
	for _, name := range j.Remove {
		if err := os.Remove(t.in(t.target, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, name := range j.Emptied {
		// Not empty if others have used it meanwhile.
		_ = os.Remove(t.in(t.target, name))
	}
	if err := t.moveIn(); err != nil {
		return err
	}
	if err := swap.Flush(t.target); err != nil {
		return err
	}
	return os.Remove(t.journalFile())
}

// moveIn moves the staged files into the target.
func (t *transaction) moveIn() error {
	return filepath.WalkDir(t.staging(), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(t.staging(), name)
		if err != nil {
			return err
		}
		to := filepath.Join(t.target, rel)
		if d.IsDir() {
			return os.MkdirAll(to, 0o777)
		}
		return os.Rename(name, to)
	})
}
