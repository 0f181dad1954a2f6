package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/mop-platform/mop/internal/git"
	"github.com/mop-platform/mop/internal/native"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
)

// At returns the project in a revision of its repository, with a renderer that has the same
// options. The caller must close it. The error is that of [git.Repository.Tree] or List.
func (s *State) At(ctx context.Context, repository *git.Repository, rev string) (*State, error) {
	root, _ := repository.Name(s.Root())
	top := path.Join(root, s.Project.Top())
	if !fs.ValidPath(top) {
		// Git is configured with a work tree elsewhere.
		top = "."
	}
	listed, err := repository.List(ctx, top)
	if err != nil {
		return nil, err
	}
	tree, err := repository.Tree(ctx, rev)
	if err != nil {
		return nil, err
	}
	if top != "." {
		// The directory top is the root or around it.
		root = path.Join(".", strings.TrimPrefix(strings.TrimPrefix(root, top), "/"))
	}
	p := s.Project.At(tree.Sub(top), root, ignored(s.Names(repository, listed)))
	files := &checkout{ctx: ctx, workspace: s.workspace, Project: p, now: s.now, tree: tree, top: top, root: root, done: map[string]bool{}}
	o := s.Renderer.Options()
	o.Natives = native.Functions(s.workspace.natives(files))
	return &State{Project: p, Renderer: render.New(p, o).Freeze(), Revision: rev, workspace: s.workspace, now: s.now, checkout: files}, nil
}

// Close removes the files of a revision from disk. The error says why some files could not
// be written there; helm or kustomize may have missed them.
func (s *State) Close() error {
	c := s.checkout
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	// Nothing was written to the tree. Remains of a temporary directory do not make the
	// work wrong.
	_ = c.tree.Close()
	if c.dir != "" {
		_ = s.workspace.settings.RemoveTemp(c.dir)
	}
	return c.err
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

// ignored returns a function that reports whether git ignores an existing file or
// directory. listed are the files that git tracks or does not ignore, and submodules. A
// name is ignored if neither it nor a name below it is listed, and no listed submodule is
// around it.
func ignored(listed []string) func(name string) bool {
	files, parents := map[string]bool{}, map[string]bool{".": true}
	for _, name := range listed {
		files[name] = true
		for dir := path.Dir(name); !parents[dir]; dir = path.Dir(dir) {
			parents[dir] = true
		}
	}
	return func(name string) bool {
		if parents[name] {
			return false
		}
		for ; name != "."; name = path.Dir(name) {
			if files[name] || path.Base(name) == ".git" {
				return false
			}
		}
		return true
	}
}

// checkout is the project in a revision. It writes the files that programs read into a
// temporary directory. It is safe for concurrent use.
type checkout struct {
	*project.Project
	now       *project.Project
	workspace *Workspace
	// ctx is the one given to [State.At].
	ctx  context.Context
	tree *git.Tree
	// top is the directory that is read, by its name in the repository. root is the
	// project's root, by its name below top.
	top, root string

	mu   sync.Mutex
	dir  string
	done map[string]bool
	err  error
}

// Path returns the path of a file or directory of the project, with everything below it. A
// file that is no part of the revision has its usual path.
func (c *checkout) Path(name string) (string, bool) {
	there, ok := c.inside(name)
	if !ok {
		return c.now.Path(name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.write(name); err != nil {
		c.err = errors.Join(c.err, fmt.Errorf("files for helm and kustomize: %w", err))
		return "", false
	}
	return filepath.Join(c.dir, filepath.FromSlash(there)), true
}

// inside returns the name below top of a file of the project; false if the file is
// outside of top.
func (c *checkout) inside(name string) (string, bool) {
	if path.IsAbs(name) {
		return "", false
	}
	there := path.Join(c.root, name)
	return there, fs.ValidPath(there)
}

func (c *checkout) write(name string) error {
	if c.done[name] {
		return nil
	}
	if c.dir == "" {
		dir, err := c.workspace.settings.MakeTemp("mop-diff-")
		if err != nil {
			return err
		}
		c.dir = dir
	}
	// The name itself, if it is a file, and everything below it.
	dir, base := path.Split(name)
	pattern := escaped(base)
	pattern = escaped(dir) + "{" + pattern + "," + pattern + "/**}"
	if base == "." || base == ".." {
		pattern = path.Join(name, "**")
	}
	names, err := c.Glob(c.ctx, pattern)
	if err != nil {
		return err
	}
	for _, file := range names {
		if c.done[file] {
			continue
		}
		data, err := c.ReadFile(c.ctx, file)
		if err != nil {
			return err
		}
		there, _ := c.inside(file)
		target := filepath.Join(c.dir, filepath.FromSlash(there))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(target, data, 0o600); err != nil {
			return err
		}
		c.done[file] = true
	}
	c.done[name] = true
	return nil
}

// escaped escapes the characters of name that have a meaning in patterns.
func escaped(name string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "{", `\{`, ",", `\,`, "}", `\}`).Replace(name)
}
