package render

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/git"
	"github.com/mop-platform/mop/internal/program"
	"github.com/mop-platform/mop/internal/revision"
)

// OpenRevision opens the project that the directory dir belongs to, see [Open], as it is in a
// revision of its git repository, such as HEAD~1 or a branch. The caller must close it.
//
// Files that git ignores, and files outside of the repository, are as they are now. The git
// program reads the revision, and nothing is written to the repository or the work tree; ctx
// limits only the opening. The error has a diagnostic if dir is in no repository, or if there
// is no such revision.
func OpenRevision(ctx context.Context, dir, rev string, c Config) (*Project, error) {
	if rev == "" {
		return nil, errors.New("render: want a revision, got none")
	}
	p, err := Open(dir, c)
	if err != nil {
		return nil, err
	}
	file, err := c.Programs.git()
	if err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	root, _ := p.files.Path(".")
	repository, err := git.Open(ctx, root, git.Options{Program: file, Env: c.Programs.Environ})
	if err != nil {
		return nil, err
	}
	// The process that reads the revision lives until Close, but while it begins, not longer
	// than ctx.
	life, end := context.WithCancelCause(context.WithoutCancel(ctx))
	watch := context.AfterFunc(ctx, func() { end(budget.Ended(ctx)) })
	tree, err := revision.Open(life, p.files, repository, rev, revision.Temporary{
		Make: func(pattern string) (string, error) { return os.MkdirTemp("", pattern) }, Remove: os.RemoveAll,
	})
	if !watch() || err != nil {
		end(context.Canceled)
		if tree != nil {
			_ = tree.Close()
		}
		return nil, cmp.Or(err, budget.Ended(ctx))
	}
	at := open(tree.Project, tree, c)
	at.disk = p.disk
	at.close = func() error {
		defer end(context.Canceled)
		return tree.Close()
	}
	return at, nil
}

// git returns the path of the git program.
func (p Programs) git() (string, error) {
	if p.Environ == nil && p.Git == "" {
		return program.FindHere("git")
	}
	return program.Find(cmp.Or(p.Git, "git"), p.Environ)
}

// Close frees what [OpenRevision] holds; another Project needs no Close. Calls must have
// ended before; Results remain. The error says which files could not be written for Config.Programs, so that
// these may have missed them.
func (p *Project) Close() error {
	if p.isZero() || p.close == nil {
		return nil
	}
	return p.close()
}
