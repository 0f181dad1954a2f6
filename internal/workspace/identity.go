package workspace

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/mop-platform/mop/internal/git"
	"github.com/mop-platform/mop/internal/program"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// Identity identifies the project in exports into the directory dir, for
// [export.Environment.Project]. It has no absolute paths, so that two checkouts agree:
//
//   - If the directory is in the project's work tree, both move together. The identity is
//     the path from the directory to the root.
//   - Elsewhere it is the repository from which the work tree was cloned, and the root's
//     name in it.
//   - Without such a repository, it is the path from the directory to the root.
func (s *State) Identity(ctx context.Context, dir string) string {
	root, out := RealPath(s.Root()), RealPath(s.workspace.Abs(dir))
	around, _ := project.WorkTree(out)
	if tree, ok := project.WorkTree(root); ok && tree != around {
		location, err := s.location(ctx, root)
		if err != nil {
			s.workspace.settings.Note(fmt.Sprintf("%s is known by its path in %s: %v", s.Root(), dir, err))
		}
		if location != "" {
			return location
		}
	}
	rel, err := filepath.Rel(out, root)
	if err != nil {
		// The root is on another volume.
		rel = filepath.Base(root)
	}
	rel = filepath.ToSlash(rel)
	if rel != "." && rel != ".." && !strings.HasPrefix(rel, "../") {
		rel = "./" + rel
	}
	return rel
}

// location returns the remote of the repository of a project's root, and the root's name in
// it, "" if it has no remote.
func (s *State) location(ctx context.Context, root string) (string, error) {
	repository, err := git.Open(ctx, root, git.Options{Env: s.workspace.settings.Environ})
	if _, none := diag.From(err); none || errors.Is(err, program.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	remote, err := repository.Remote(ctx)
	location := git.Location(remote)
	name, ok := repository.Name(root)
	if err != nil || location == "" || !ok {
		return "", err
	}
	if name != "." {
		location += "//" + name
	}
	return location, nil
}

// RealPath returns the absolute path p without symbolic links, as far as it
// exists.
func RealPath(p string) string {
	if real, err := filepath.EvalSymlinks(p); err == nil {
		return real
	}
	if p == filepath.Dir(p) {
		return p
	}
	return filepath.Join(RealPath(filepath.Dir(p)), filepath.Base(p))
}
