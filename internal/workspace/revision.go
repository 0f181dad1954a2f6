package workspace

import (
	"context"
	"errors"
	"io/fs"

	"github.com/mop-platform/mop/internal/git"
	"github.com/mop-platform/mop/internal/native"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/revision"
)

// At returns the project in a revision of its repository, with a renderer that has the same
// options. The caller must close it, and ctx must last until then. The error is that of
// [revision.Open].
func (s *State) At(ctx context.Context, repository *git.Repository, rev string) (*State, error) {
	settings := s.workspace.settings
	tree, err := revision.Open(ctx, s.now, repository, rev, revision.Temporary{Make: settings.MakeTemp, Remove: settings.RemoveTemp})
	if err != nil {
		return nil, err
	}
	o := s.Renderer.Options()
	o.Natives = native.Functions(s.workspace.natives(tree))
	return &State{Project: tree.Project, Renderer: render.New(tree.Project, o).Freeze(), Revision: rev, workspace: s.workspace, now: s.now, tree: tree}, nil
}

// Close removes the files of a revision from disk. The error is that of
// [revision.Tree.Close].
func (s *State) Close() error {
	if s.tree == nil {
		return nil
	}
	return s.tree.Close()
}

// Entrypoint returns the entrypoint with a name, nil if there is none.
func (s *State) Entrypoint(ctx context.Context, name string) (*project.Environment, error) {
	if _, err := s.Project.ReadFile(ctx, name); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	match, err := s.Project.Environment(ctx, name, ".")
	if err != nil {
		return nil, s.LocatedErr(err)
	}
	return &match.Environment, nil
}
