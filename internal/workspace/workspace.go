// Package workspace opens the project and the environments that an argument names, in the
// work tree or in a revision of git.
//
// It depends on the process only through the [Settings]. It reads the file system and
// starts git. It names files of all projects as a user in the working directory does.
package workspace

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/native"
	"github.com/mop-platform/mop/internal/program"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
)

// Settings are the values that do not depend on the project. They must not change after
// [New].
type Settings struct {
	// Dir is the working directory, an absolute path. Home is the user's home
	// directory, "" for none.
	Dir, Home string
	// Environ is the environment of started programs.
	Environ []string
	// ImportDirs and Files are as in [project.Options], relative to Dir.
	ImportDirs, Files []string
	// Helm and Kustomize are the programs of these names, "" for those on the PATH.
	Helm, Kustomize string
	// Guard starts them. Forbidden names the flag or variable that forbids them, "" for
	// none.
	Guard     *program.Guard
	Forbidden string
	// Render are the options of each project's renderer, except Dir and Natives. Warn
	// receives files as [State.Located] names them.
	Render render.Options
	// Note receives a sentence about each guess, and about each thing that was left out.
	// Loaded receives the results of [State.Load], and the time that each took. Both must
	// be safe for concurrent use; nil discards.
	Note   func(text string)
	Loaded func(entry project.Environment, file render.File, took time.Duration)
	// MakeTemp makes a temporary directory, and RemoveTemp removes it. Only [State.At]
	// needs them.
	MakeTemp   func(pattern string) (dir string, err error)
	RemoveTemp func(dir string) error
}

// Workspace opens projects, each once. It is safe for concurrent use.
type Workspace struct {
	settings Settings
	mu       sync.Mutex
	// states are the projects in the work tree, in the order in which they were opened.
	states []*State
}

// New returns a Workspace, which has opened nothing yet.
func New(s Settings) *Workspace {
	if s.Note == nil {
		s.Note = func(string) {}
	}
	if s.Loaded == nil {
		s.Loaded = func(project.Environment, render.File, time.Duration) {}
	}
	return &Workspace{settings: s}
}

// Targets returns the targets of the renderers of all projects.
func (w *Workspace) Targets() render.Targets { return w.settings.Render.Targets }

// Abs returns the absolute form of a path, which may be relative to the working directory.
func (w *Workspace) Abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(w.settings.Dir, path)
}

// Relative returns the name of the file at an absolute path for a user in the directory
// dir. Other names stay as they are.
func Relative(dir, file string) string {
	path := filepath.FromSlash(file)
	if !filepath.IsAbs(path) {
		return file
	}
	rel, err := filepath.Rel(dir, path)
	if err != nil {
		return path
	}
	return rel
}

// Shown returns the name of a file for a user in the working directory. file is its
// absolute path, or its name in an open project. The first project with such a file counts.
func (w *Workspace) Shown(file string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if filepath.IsAbs(filepath.FromSlash(file)) || len(w.states) == 0 {
		return Relative(w.settings.Dir, file)
	}
	i := slices.IndexFunc(w.states, func(s *State) bool {
		_, err := s.Project.Stat(context.Background(), file)
		return err == nil
	})
	return w.states[max(i, 0)].Shown(file)
}

// State returns the project of an argument in the work tree. If the argument exists as a
// path, that is the project around it; else it is the project around the working directory,
// and the argument is a name in it. All calls for a project return the same State.
//
// The error is a [diag.Diagnostic] if there is no project.
func (w *Workspace) State(arg string) (*State, error) {
	start := w.Abs(arg)
	switch info, err := os.Stat(start); {
	case err != nil:
		start = w.settings.Dir
	case !info.IsDir():
		start = filepath.Dir(start)
	}
	o := project.Options{Home: w.settings.Home, Unignored: w.unignored}
	for _, dir := range w.settings.ImportDirs {
		o.ImportDirs = append(o.ImportDirs, w.Abs(dir))
	}
	for _, file := range w.settings.Files {
		o.Files = append(o.Files, w.Abs(file))
	}
	p, err := project.Find(start, o)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if i := slices.IndexFunc(w.states, func(s *State) bool { return s.Root() == RootOf(p) }); i >= 0 {
		return w.states[i], nil
	}
	s := w.state(p)
	w.states = append(w.states, s)
	return s, nil
}

// Around returns the project around the path of an environment, and the environment's name
// in it. The environment need not exist. The project has no import directories and includes
// files that git ignores. The error is that of [Workspace.State].
func (w *Workspace) Around(arg string) (s *State, dir string, err error) {
	abs := w.Abs(arg)
	existing := abs
	for !isDir(existing) && existing != filepath.Dir(existing) {
		existing = filepath.Dir(existing)
	}
	p, err := project.Find(existing, project.Options{Home: w.settings.Home})
	if err != nil {
		return nil, "", err
	}
	dir, _ = p.Name(abs)
	return w.state(p), strings.TrimSuffix(dir, "/"), nil
}

// state returns the State of a project in the work tree.
func (w *Workspace) state(p *project.Project) *State {
	s := &State{Project: p, workspace: w, now: p}
	o := w.settings.Render
	o.Dir, _ = p.Name(w.settings.Dir)
	// A command ends soon, and has a limit of memory.
	o.Cache = math.MaxInt64
	o.Natives = native.Functions(w.natives(p))
	if warn := o.Warn; warn != nil {
		o.Warn = func(d diag.Diagnostic) { warn(s.Located(diag.List{d})[0]) }
	}
	s.Renderer = render.New(p, o).Freeze()
	return s
}

// natives returns the options of the native functions; they read files.
func (w *Workspace) natives(files native.Files) native.Options {
	return native.Options{
		Helm: w.settings.Helm, Kustomize: w.settings.Kustomize,
		Files: files, Environ: w.settings.Environ, Dir: w.settings.Dir,
		Guard: w.settings.Guard, Forbidden: w.settings.Forbidden,
		LikeTanka: w.settings.Render.LikeTanka,
	}
}

// Paths are arguments in one project.
type Paths struct {
	State *State
	// Args are the arguments as given. Names are their names in the project.
	Args, Names []string
}

// Paths returns the projects of arguments, which must exist, and the arguments of each. An
// inner project comes before the outer one, because a file below arguments of both belongs
// to the inner one. The error is a [diag.Diagnostic] of [Unreadable] or [Workspace.State].
func (w *Workspace) Paths(args []string) ([]Paths, error) {
	var groups []Paths
	for _, arg := range args {
		if _, err := os.Stat(w.Abs(arg)); err != nil {
			return nil, Unreadable(arg, err)
		}
		s, err := w.State(arg)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(groups, func(g Paths) bool { return g.State == s })
		if i < 0 {
			i = len(groups)
			groups = append(groups, Paths{State: s})
		}
		g := &groups[i]
		g.Args, g.Names = append(g.Args, arg), append(g.Names, s.Name(arg))
	}
	slices.SortStableFunc(groups, func(a, b Paths) int { return len(b.State.Root()) - len(a.State.Root()) })
	return groups, nil
}

// Unreadable describes err, an error of reading the file or directory at name.
func Unreadable(name string, err error) diag.Diagnostic {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	if errors.As(err, new(*budget.Exceeded)) {
		return diag.Diagnostic{At: diag.Position{File: filepath.ToSlash(name), Line: 1}, Problem: err.Error()}
	}
	return diag.Diagnostic{Subject: filepath.ToSlash(name), Problem: err.Error()}
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
