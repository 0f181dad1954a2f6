package project

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
)

// gitName is the name of git's directory in a work tree, and of the file in its place in a
// linked work tree or a submodule.
const gitName = ".git"

// maxGitFile is the largest size in bytes at which git reads such a file.
const maxGitFile = 1 << 20

// area is a part of the file system that a project may read: one file, or a directory with
// everything below it except git's own files.
type area struct {
	// dir is free of symbolic links. name is the file in it, "" for everything.
	dir, name string
	// except is another directory that is left out, "" for none.
	except string
}

// covers reports whether the path real, free of symbolic links, lies in the area.
func (a area) covers(real string) bool {
	if a.name != "" {
		return real == filepath.Join(a.dir, a.name)
	}
	return within(a.dir, real) && !isGits(real[len(a.dir):]) && (a.except == "" || !within(a.except, real))
}

// isGits reports whether a path leads to git's own files. It ignores case, as some file
// systems do.
func isGits(p string) bool {
	for step := range strings.SplitSeq(p, string(filepath.Separator)) {
		if strings.EqualFold(step, gitName) {
			return true
		}
	}
	return false
}

// within reports whether p is dir or below it; both are absolute and clean.
func within(dir, p string) bool {
	if p == dir {
		return true
	}
	return strings.HasPrefix(p, strings.TrimSuffix(dir, string(filepath.Separator))+string(filepath.Separator))
}

// fence returns the area that belongs to a project with the given root, free of
// symbolic links: the innermost git work tree around it, else the root.
func fence(root, home string) (a area, isTree bool) {
	if tree, ok := workTree(root); ok && mayOpen(tree.dir, home) {
		return tree, true
	}
	return area{dir: root}, false
}

// mayOpen reports whether a project may read the directory dir outside of its root. It may
// not read the root of the file system, the home directory, or one that holds it.
func mayOpen(dir, home string) bool {
	return dir != filepath.Dir(dir) && (home == "" || !within(dir, home))
}

// WorkTree returns the top of the innermost git work tree around a directory, an
// absolute path; ok is false where there is none. It reads the file system of the
// operating system and starts no program.
func WorkTree(dir string) (top string, ok bool) {
	tree, ok := workTree(dir)
	return tree.dir, ok
}

// workTree returns the innermost git work tree around a directory. It looks at the files
// that git leaves there, so it does not need the program. Variables of git have no
// influence.
func workTree(dir string) (area, bool) {
	for d := dir; ; d = filepath.Dir(d) {
		marker := filepath.Join(d, gitName)
		info, err := os.Stat(marker)
		switch {
		case err != nil:
		case info.IsDir():
			// Git ignores a directory that only has this name.
			if _, err := os.Stat(filepath.Join(marker, "HEAD")); err == nil {
				return area{dir: d, except: real(marker)}, true
			}
		case info.Mode().IsRegular():
			// Git searches no further up, whatever the file holds.
			text, err := budget.ReadAtMost(marker, maxGitFile)
			target, ok := bytes.CutPrefix(text, []byte("gitdir:"))
			if err != nil || !ok {
				return area{}, false
			}
			gitDir := filepath.FromSlash(string(bytes.TrimSpace(target)))
			if !filepath.IsAbs(gitDir) {
				gitDir = filepath.Join(d, gitDir)
			}
			return area{dir: d, except: real(gitDir)}, true
		}
		if d == filepath.Dir(d) {
			return area{}, false
		}
	}
}

// real returns p without symbolic links, as far as it exists.
func real(p string) string {
	if real, err := filepath.EvalSymlinks(p); err == nil {
		return real
	}
	return filepath.Clean(p)
}

// outsideError says why a file is not read: it lies outside the fence.
type outsideError string

// The reasons for a file that lies in no area.
const (
	outsideRoot outsideError = "outside the project's root"
	outsideTree outsideError = "outside the git work tree"
	gitsOwn     outsideError = "git's own files are not read"
)

func (e outsideError) Error() string { return string(e) }

// Is makes all of them [ErrOutside].
func (e outsideError) Is(target error) bool { return target == ErrOutside }

// Outside marks the error of a file that the search for imports passes over; see
// eval.Source.
func (e outsideError) Outside() bool { return true }

func outside(op, name string) error {
	return &fs.PathError{Op: op, Path: name, Err: ErrOutside}
}

// isOutside reports whether err is for a file outside of a fence, this one or
// that of the file system of a revision.
func isOutside(err error) bool {
	var refusal interface{ Outside() bool }
	return errors.As(err, &refusal) && refusal.Outside()
}
