package workspace

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"time"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/git"
	"github.com/mop-platform/mop/internal/position"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/revision"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// State is a project in one state: that of the work tree, or that of a revision. It is safe
// for concurrent use.
//
// Project and Renderer name files as the project does. The methods of State name them as
// [State.Located] does.
type State struct {
	Project  *project.Project
	Renderer *render.Renderer
	// Revision is the revision of git, "" for the work tree.
	Revision string

	workspace *Workspace
	// now is the project in the work tree.
	now *project.Project
	// tree is the project in the revision, nil for the work tree.
	tree *revision.Tree
}

// RootOf returns the absolute path of a project's root, "" for no project.
func RootOf(p *project.Project) string {
	if p == nil {
		return ""
	}
	root, _ := p.Path(".")
	return root
}

// Root returns the absolute path of the project's root.
func (s *State) Root() string { return RootOf(s.now) }

// Name returns the name in the project of a file at a path that is relative to the
// working directory.
func (s *State) Name(path string) string {
	name, _ := s.now.Name(s.workspace.Abs(path))
	return name
}

// Path returns the absolute path of a file of the project, with slashes.
func (s *State) Path(name string) string {
	if path, ok := s.now.Path(name); ok {
		return filepath.ToSlash(path)
	}
	return name
}

// Shown returns the name of a file of the project for a user in the working directory.
func (s *State) Shown(name string) string {
	at := diag.Position{File: name}
	if !at.IsFile() {
		return name
	}
	return Relative(s.workspace.settings.Dir, s.Path(name))
}

// Located returns diagnostics with the names of files from Shown or, in a revision, with
// the names that "git show" accepts.
func (s *State) Located(l diag.List) diag.List { return position.Renamed(l, s.located) }

// LocatedErr returns err with its diagnostics as Located returns them.
func (s *State) LocatedErr(err error) error {
	if l, ok := diag.From(err); ok {
		return s.Located(l).Err()
	}
	return err
}

func (s *State) located(name string) string {
	if s.Revision != "" {
		if there, ok := s.tree.Named(name); ok {
			// The file in the work tree may be different.
			return fmt.Sprintf("<%s:%s>", s.Revision, there)
		}
	}
	return s.Shown(name)
}

// Load is [render.Renderer.LoadChosen].
func (s *State) Load(ctx context.Context, entry project.Environment, choose func([]render.Environment) []render.Environment) (render.File, error) {
	start := time.Now()
	file, err := s.Renderer.LoadChosen(ctx, entry, choose)
	s.workspace.settings.Loaded(entry, file, time.Since(start))
	file.Warnings = s.Located(file.Warnings)
	return file, s.LocatedErr(err)
}

// List is [render.Renderer.List].
func (s *State) List(ctx context.Context, entry project.Environment) (render.File, error) {
	file, err := s.Renderer.List(ctx, entry)
	file.Warnings = s.Located(file.Warnings)
	return file, s.LocatedErr(err)
}

// Eval is [render.Renderer.Eval].
func (s *State) Eval(ctx context.Context, entry project.Environment, expr string) (eval.Result, error) {
	res, err := s.Renderer.Eval(ctx, entry, expr)
	return res, s.LocatedErr(err)
}

// Objects is [render.Renderer.Objects].
func (s *State) Objects(ctx context.Context, env render.Environment) ([]manifest.Object, error) {
	objects, err := s.Renderer.Objects(ctx, env)
	return objects, s.LocatedErr(err)
}

// Repository opens the git repository of the project. The error is that of [git.Open].
func (s *State) Repository(ctx context.Context) (*git.Repository, error) {
	return git.Open(ctx, s.Root(), git.Options{Env: s.workspace.settings.Environ})
}

// Names is [revision.Names] for the project.
func (s *State) Names(repository *git.Repository, names []string) []string {
	return revision.Names(repository, s.now, names)
}

// Title returns the name of an environment for a user in the working directory. It is also
// an argument for [Workspace.One].
func (s *State) Title(e render.Environment) string {
	name := s.Shown(e.Entry.Dir)
	if path.Base(e.Entry.Entrypoint) != project.Entrypoint {
		name = s.Shown(e.Entry.Entrypoint)
	}
	if e.Inline {
		name += ":" + e.Name()
	}
	return name
}
