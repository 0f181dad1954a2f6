package export

import (
	"context"
	"path"
	"path/filepath"
	"strings"
)

// Source is the source of an exported file.
type Source struct {
	// Project identifies the project, as [Environment.Project] does. It is "" if it is
	// unknown because only manifest.json has the file.
	Project string
	// Entrypoint is the entrypoint's name in the project.
	Entrypoint string
	// Environment is the name of an inline environment. It is "" for any other environment,
	// and if it is unknown.
	Environment string
}

// known reports whether the source has more data than manifest.json can hold.
func (s Source) known() bool { return s.Project != "" || s.Environment != "" }

// MayBe reports whether a file from s may come from other: all known parts of s are equal
// to those of other, whose parts are all known.
func (s Source) MayBe(other Source) bool {
	return s.Entrypoint == other.Entrypoint &&
		(s.Project == "" || s.Project == other.Project) &&
		(s.Environment == "" || s.Environment == other.Environment)
}

// in returns the name of s in a message about other. s is in a directory that the caller
// calls dir. The name has the project if that is not the one of other.
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

// shown returns the name of a project in a message. If its path identifies it, the name is
// the path, relative to where the caller calls the directory dir.
func shown(dir, project string) string {
	if isRelative(project) {
		return path.Join(filepath.ToSlash(dir), project)
	}
	return project
}

// isRelative reports whether a project is identified by its path, relative to the
// directory.
func isRelative(project string) bool {
	first, _, _ := strings.Cut(project, "/")
	return first == "." || first == ".."
}

// Index has the sources of the files in a directory, by their slash-separated paths below
// it.
type Index map[string]Source

// ReadIndex returns the index of a directory of the operating system. ok is false if there
// is none, or if it is malformed or cannot be read within the budget of ctx.
func ReadIndex(ctx context.Context, dir string) (x Index, ok bool) {
	x, known, err := readIndex(ctx, dir, dir)
	return x, known && err == nil
}

// Find returns the source of an exported file, given by its absolute path, and the
// directory of the export. This is the nearest one above the file whose index has the file.
// Find ignores a manifest.json that is no index of an export.
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

// ProjectDir returns the directory of the project from which a file was exported into dir.
// ok is false if the project is not identified by its path.
func (s Source) ProjectDir(dir string) (root string, ok bool) {
	if !isRelative(s.Project) {
		return "", false
	}
	return filepath.Join(dir, filepath.FromSlash(s.Project)), true
}
