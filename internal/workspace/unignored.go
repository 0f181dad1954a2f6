package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/git"
	"github.com/mop-platform/mop/internal/program"
	"github.com/mop-platform/mop/pkg/diag"
)

// unignored returns the files below dir that git does not ignore, none if there is no git
// or no repository.
func (w *Workspace) unignored(ctx context.Context, dir string) ([]string, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	repository, err := git.Open(ctx, dir, git.Options{Env: w.settings.Environ})
	if _, none := diag.From(err); none || errors.Is(err, program.ErrNotFound) {
		return nil, nil
	}
	if err != nil && budget.Of(ctx).Err() != nil {
		return nil, err
	}
	if err != nil {
		w.settings.Note(fmt.Sprintf("what git ignores is searched too: %v", err))
		return nil, nil
	}
	name, ok := repository.Name(dir)
	if !ok {
		return nil, nil
	}
	names, err := repository.List(ctx, name)
	if err != nil {
		return nil, err
	}
	paths := make([]string, len(names))
	for i, n := range names {
		// The directory may have been reached through a link.
		rel, err := filepath.Rel(name, n)
		if err != nil {
			return nil, err
		}
		paths[i] = filepath.Join(dir, rel)
	}
	return paths, nil
}
