package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/git"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/render"
)

// revision is the project as it is in one revision of git, or in the work tree.
type revision struct {
	// name is the revision's, "" for the work tree.
	name string
	// top is the name in the repository of the directory that is read of it.
	top      string
	project  *project.Project
	renderer *render.Renderer
	tree     *git.Tree
	files    *checkout
}

// revision opens the command's project as it is in the revision rev, with a
// renderer that has the options of r. It must be closed.
func (a *app) revision(ctx context.Context, repository *git.Repository, rev string, r *render.Renderer) (*revision, error) {
	osRoot, _ := a.project.Path(".")
	root, _ := repository.Name(osRoot)
	top := path.Join(root, a.project.Top())
	if !fs.ValidPath(top) {
		// Git is configured to have its work tree elsewhere.
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
		// It holds the root.
		root = path.Join(".", strings.TrimPrefix(strings.TrimPrefix(root, top), "/"))
	}
	p := a.project.At(tree.Sub(top), root, ignored(a.projectNames(repository, listed)))
	files := &checkout{ctx: ctx, ending: &a.ending, Project: p, now: a.project, root: root, done: map[string]bool{}}
	o := r.Options()
	o.Natives = a.natives(files, o.LikeTanka)
	return &revision{rev, top, p, render.New(p, o), tree, files}, nil
}

// ignored returns whether git ignores a file or directory that exists: neither
// it nor anything below it is one of those listed, which git tracks or does not
// ignore, nor is it in a listed submodule.
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

// close releases what the revision needs on disk.
func (r *revision) close() {
	// Nothing was written to the tree, and what is left of a temporary
	// directory is no fault of the comparison.
	_ = r.tree.Close()
	_ = r.files.remove()
}

// failure returns what kept files of the revision from being written for helm
// or kustomize.
func (r *revision) failure() error {
	if r.files == nil {
		return nil
	}
	r.files.mu.Lock()
	defer r.files.mu.Unlock()
	return r.files.err
}

// entry returns the entrypoint of that name, nil if there is none.
func (r *revision) entry(ctx context.Context, entrypoint string) (*project.Environment, error) {
	if _, err := r.project.ReadFile(ctx, entrypoint); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	match, err := r.project.Environment(ctx, entrypoint, ".")
	if err != nil {
		return nil, r.placed(err)
	}
	return &match.Environment, nil
}

// load evaluates an entrypoint as far as to know its environments, of which choose
// picks those that are good for their objects; there are none of nil.
func (r *revision) load(ctx context.Context, a *app, entry *project.Environment, choose func([]render.Environment) []render.Environment) (render.File, error) {
	if entry == nil {
		return render.File{}, nil
	}
	file, err := a.load(ctx, r.renderer, *entry, choose)
	return file, r.placed(err)
}

// objects returns the objects of the environment of that name in a file and what
// the user calls it, or nothing if there is none, and lets go of its evaluation.
func (r *revision) objects(a *app, file render.File, name string) (objects []manifest.Object, title string, err error) {
	i := slices.IndexFunc(file.Chosen, func(e render.Environment) bool { return e.Name() == name })
	if i < 0 {
		return nil, "", nil
	}
	env := file.Chosen[i]
	defer env.Release()
	objects, err = r.renderer.Objects(env)
	return objects, a.title(env), r.placed(err)
}

// placed returns err with the names of files as "git show" takes them, because
// they are not those of the work tree.
func (r *revision) placed(err error) error {
	l, ok := diag.From(err)
	if !ok || r.name == "" {
		return err
	}
	place := func(p diag.Position) diag.Position {
		if name, ok := r.files.inside(p.File); ok && p.File != "" && !strings.HasPrefix(p.File, "<") {
			p.File = fmt.Sprintf("<%s:%s>", r.name, path.Join(r.top, name))
		}
		return p
	}
	l = slices.Clone(l)
	for i, d := range l {
		l[i].At = place(d.At)
		l[i].Origins = slices.Clone(d.Origins)
		for j, origin := range d.Origins {
			l[i].Origins[j] = place(origin)
		}
	}
	return l
}

// checkout is the project in a revision. It writes those files of it to disk that
// programs are to read, into a temporary directory. It is safe for concurrent use.
type checkout struct {
	*project.Project
	now *project.Project
	// ctx is that of the comparison.
	ctx    context.Context
	ending *ending
	// root is the name of the project's root below the directory.
	root string

	mu   sync.Mutex
	dir  string
	done map[string]bool
	err  error
}

// Path returns the path of a file or directory of the project, where it is
// together with all below it. What is no part of the revision is where it always
// is.
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

// inside returns the name below the directory of a file of the revision.
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
		dir, err := c.ending.mkdirTemp("mop-diff-")
		if err != nil {
			return err
		}
		c.dir = dir
	}
	// The name itself, if it is that of a file, and all below it.
	dir, base := path.Split(name)
	pattern := globEscaper.Replace(base)
	pattern = globEscaper.Replace(dir) + "{" + pattern + "," + pattern + "/**}"
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

// globEscaper takes their meaning from the characters of patterns.
var globEscaper = strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`, "{", `\{`, ",", `\,`, "}", `\}`)

func (c *checkout) remove() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dir == "" {
		return nil
	}
	return c.ending.remove(c.dir)
}
