package export

import (
	"context"
	"path"
	"path/filepath"
	"strings"
)

// Source is what an exported file comes from.
type Source struct {
	// Project identifies the project, as [Environment.Project] does. It is ""
	// where that is not known: of a file of which manifest.json alone tells.
	Project string
	// Entrypoint is the entrypoint's name in the project.
	Entrypoint string
	// Environment is the name of an inline environment. It is "" of another, and
	// where that is not known.
	Environment string
}

// known reports whether more is known of the source than manifest.json tells.
func (s Source) known() bool { return s.Project != "" || s.Environment != "" }

// MayBe reports whether a file that comes from s may come from other, of which
// everything is known: nothing that is known of s says otherwise.
func (s Source) MayBe(other Source) bool {
	return s.Entrypoint == other.Entrypoint &&
		(s.Project == "" || s.Project == other.Project) &&
		(s.Environment == "" || s.Environment == other.Environment)
}

// in returns what a message calls s, which is in a directory that the caller
// calls dir. other is what the message speaks of besides; the project is named
// where it is another one.
func (s Source) in(dir string, other Source) string {
	name := s.Entrypoint
	if s.Environment != "" {
		name = s.Environment + " of " + name
	}
	if s.Project == "" || s.Project == other.Project {
		return name
	}
	return name + " in the project " + shown(dir, s.Project)
}

// shown returns what a message calls a project: its path as seen from where the
// caller sees the directory dir, if its path identifies it.
func shown(dir, project string) string {
	if isRelative(project) {
		return path.Join(filepath.ToSlash(dir), project)
	}
	return project
}

// isRelative reports whether a project is identified by its path, seen from the
// directory.
func isRelative(project string) bool {
	first, _, _ := strings.Cut(project, "/")
	return first == "." || first == ".."
}

// Index tells of the files in a directory, by their slash-separated paths below
// it, what each comes from.
type Index map[string]Source

// ReadIndex returns the index of a directory of the operating system; ok is false if
// it has none that can be read within the budget of ctx and understood.
func ReadIndex(ctx context.Context, dir string) (x Index, ok bool) {
	x, known, err := readIndex(ctx, dir, dir)
	return x, known && err == nil
}

// Find returns what a file, given by its absolute path, was exported from, and
// into which directory: the nearest one above it whose index knows the file. A
// manifest.json that is no index of an export does not matter.
func Find(ctx context.Context, file string) (s Source, dir string, ok bool) {
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		x, _ := ReadIndex(ctx, dir)
		if rel, err := filepath.Rel(dir, file); err == nil {
			if s, ok := x[filepath.ToSlash(rel)]; ok {
				return s, dir, true
			}
		}
		if dir == filepath.Dir(dir) {
			return Source{}, "", false
		}
	}
}

// ProjectDir returns the directory of the project that a file exported into dir
// comes from. ok is false where the project is not identified by its path.
func (s Source) ProjectDir(dir string) (root string, ok bool) {
	if !isRelative(s.Project) {
		return "", false
	}
	return filepath.Join(dir, filepath.FromSlash(s.Project)), true
}
