// Package revision has a project as it is in a revision of its repository.
package revision

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
	"github.com/mop-platform/mop/internal/project"
)

// Temporary makes and removes temporary directories.
type Temporary struct {
	Make   func(pattern string) (dir string, err error)
	Remove func(dir string) error
}

// Tree is a project in a revision. It writes the files that programs read into a temporary
// directory, see [Tree.Path]. It is safe for concurrent use.
type Tree struct {
	*project.Project
	now       *project.Project
	temporary Temporary
	// ctx is the one given to [Open].
	ctx   context.Context
	files *git.Tree
	// top is the directory that is read, by its name in the repository. root is the
	// project's root, by its name below top.
	top, root string

	mu   sync.Mutex
	dir  string
	done map[string]bool
	err  error
}

// Open returns the project p, which is on disk, as it is in a revision of its repository.
// Files that are no part of the revision are as in p, see [project.Project.At]. The caller
// must close it, and ctx must last until then. The error is that of [git.Repository.Tree] or
// List.
func Open(ctx context.Context, p *project.Project, repository *git.Repository, rev string, temporary Temporary) (*Tree, error) {
	osRoot, _ := p.Path(".")
	root, _ := repository.Name(osRoot)
	top := path.Join(root, p.Top())
	if !fs.ValidPath(top) {
		// Git is configured with a work tree elsewhere.
		top = "."
	}
	listed, err := repository.List(ctx, top)
	if err != nil {
		return nil, err
	}
	files, err := repository.Tree(ctx, rev)
	if err != nil {
		return nil, err
	}
	if top != "." {
		// The directory top is the root or around it.
		root = path.Join(".", strings.TrimPrefix(strings.TrimPrefix(root, top), "/"))
	}
	there := p.At(files.Sub(top), root, ignored(Names(repository, p, listed)))
	return &Tree{Project: there, now: p, temporary: temporary, ctx: ctx, files: files, top: top, root: root, done: map[string]bool{}}, nil
}

// Names turns the repository's names of files into the names of a project on disk. It keeps
// files outside the project's root, because an import directory may be there.
func Names(repository *git.Repository, p *project.Project, names []string) []string {
	root, _ := p.Path(".")
	prefix, ok := repository.Name(root)
	if !ok {
		return nil
	}
	var out []string
	for _, name := range names {
		// Both are relative to the top, so that a path always exists.
		rel, _ := filepath.Rel(filepath.FromSlash(prefix), filepath.FromSlash(name))
		out = append(out, filepath.ToSlash(rel))
	}
	return out
}

// Close removes the temporary files. The error says why some of them could not be written;
// helm or kustomize may have missed them.
func (t *Tree) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	// Nothing was written to the repository. Remains of a temporary directory do not make the
	// work wrong.
	_ = t.files.Close()
	if t.dir != "" {
		_ = t.temporary.Remove(t.dir)
		t.dir, t.done = "", map[string]bool{}
	}
	return t.err
}

// Named returns the name in the repository of a file of the project, for git; false if it is
// no part of a revision.
func (t *Tree) Named(name string) (string, bool) {
	there, ok := t.inside(name)
	return path.Join(t.top, there), ok
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

// Path returns the path of a file or directory of the project, with everything below it. A
// file that is no part of the revision has its usual path.
func (t *Tree) Path(name string) (string, bool) {
	there, ok := t.inside(name)
	if !ok {
		return t.now.Path(name)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.write(name); err != nil {
		t.err = errors.Join(t.err, fmt.Errorf("files for helm and kustomize: %w", err))
		return "", false
	}
	return filepath.Join(t.dir, filepath.FromSlash(there)), true
}

// inside returns the name below top of a file of the project; false if the file is
// outside of top.
func (t *Tree) inside(name string) (string, bool) {
	if path.IsAbs(name) {
		return "", false
	}
	there := path.Join(t.root, name)
	return there, fs.ValidPath(there)
}

func (t *Tree) write(name string) error {
	if t.done[name] {
		return nil
	}
	if t.dir == "" {
		dir, err := t.temporary.Make("mop-diff-")
		if err != nil {
			return err
		}
		t.dir = dir
	}
	// The name itself, if it is a file, and everything below it.
	dir, base := path.Split(name)
	pattern := escaped(base)
	pattern = escaped(dir) + "{" + pattern + "," + pattern + "/**}"
	if base == "." || base == ".." {
		pattern = path.Join(name, "**")
	}
	names, err := t.Glob(t.ctx, pattern)
	if err != nil {
		return err
	}
	for _, file := range names {
		if t.done[file] {
			continue
		}
		data, err := t.ReadFile(t.ctx, file)
		if err != nil {
			return err
		}
		there, _ := t.inside(file)
		target := filepath.Join(t.dir, filepath.FromSlash(there))
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(target, data, 0o600); err != nil {
			return err
		}
		t.done[file] = true
	}
	t.done[name] = true
	return nil
}

// escaped escapes the characters of name that have a meaning in patterns.
func escaped(name string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "{", `\{`, ",", `\,`, "}", `\}`).Replace(name)
}
