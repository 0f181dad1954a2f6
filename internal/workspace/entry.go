package workspace

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// Entry is an entrypoint of a project. Its Warnings name files as the project does.
type Entry struct {
	State *State
	project.Environment
	// Name is the environment that the argument names after a colon, "" for none.
	Name string
}

// Shown returns the name of the entrypoint for a user in the working directory.
func (e Entry) Shown() string { return e.State.Shown(e.Entrypoint) }

// One returns the entrypoint that an argument names: PATH, or PATH:NAME for an inline
// environment of it. The error is a [*diag.List] if the argument names none, or several.
func (w *Workspace) One(ctx context.Context, arg string) (Entry, error) {
	arg, name := w.CutName(arg)
	s, err := w.State(arg)
	if err != nil {
		return Entry{}, err
	}
	entry, err := s.Environment(ctx, arg)
	return Entry{s, entry, name}, err
}

// CutName splits PATH:NAME, which names an inline environment of a file. It does not split
// a path that exists.
func (w *Workspace) CutName(arg string) (path, name string) {
	if _, err := os.Stat(w.Abs(arg)); err == nil {
		return arg, ""
	}
	i := strings.LastIndexByte(arg, ':')
	if i < 0 || i == 1 && runtime.GOOS == "windows" {
		return arg, ""
	}
	return arg[:i], arg[i+1:]
}

// Environment returns the entrypoint that an argument names in the project. The error is a
// [*diag.List] if the argument names none, or several.
func (s *State) Environment(ctx context.Context, arg string) (project.Environment, error) {
	from, _ := s.now.Name(s.workspace.settings.Dir)
	// A path relative to the working directory may leave the root and come back.
	if _, err := os.Stat(s.workspace.Abs(arg)); err == nil || filepath.IsAbs(arg) {
		arg, from = s.Name(arg), "."
	}
	match, err := s.Project.Environment(ctx, filepath.ToSlash(arg), from)
	if match.Guessed {
		s.workspace.settings.Note(arg + " means " + match.Dir)
	}
	return match.Environment, s.LocatedErr(err)
}

// Below returns the project of a path that exists, the entrypoints at or below the path,
// and the faults of broken ones, which it leaves out. The error is a [diag.Diagnostic] of
// [Unreadable] or [Workspace.State].
func (w *Workspace) Below(ctx context.Context, path string) (s *State, entries []Entry, broken diag.List, err error) {
	if _, err := os.Stat(w.Abs(path)); err != nil {
		return nil, nil, nil, Unreadable(path, err)
	}
	if s, err = w.State(path); err != nil {
		return nil, nil, nil, err
	}
	entries, broken, err = s.Below(ctx, s.Name(path))
	return s, entries, broken, err
}

// Below returns the entrypoints at or below the named directory of the project, and the
// faults of broken ones, which it leaves out.
func (s *State) Below(ctx context.Context, dir string) (entries []Entry, broken diag.List, err error) {
	found, err := s.Project.Environments(ctx, dir)
	if l, ok := diag.From(err); ok {
		broken, err = s.Located(l), nil
	}
	for _, entry := range found {
		entries = append(entries, Entry{State: s, Environment: entry})
	}
	return entries, broken, err
}
