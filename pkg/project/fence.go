package project

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/mop-platform/mop/pkg/budget"
)

// gitName is what git calls its directory in a work tree, and the file in the
// place of it in a linked one or a submodule.
const gitName = ".git"

// maxGitFile is the size in bytes of such a file beyond which git does not read it.
const maxGitFile = 1 << 20

// area is a part of the file system that a project may read: a directory with
// all below it but git's own files, or one file.
type area struct {
	// dir is free of symbolic links. name is that of the file in it, "" for all.
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

// isGits reports whether a path leads to git's own files. Some file systems know
// names in any case.
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

// mayOpen reports whether dir is a directory that may be opened to a project
// although it lies outside of its root: neither that of the file system, nor the
// home directory, nor one that holds it.
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

// workTree returns the innermost git work tree around a directory. It goes by
// what git leaves in one, so that the program is not needed; variables of git
// have no influence.
func workTree(dir string) (area, bool) {
	for d := dir; ; d = filepath.Dir(d) {
		marker := filepath.Join(d, gitName)
		info, err := os.Stat(marker)
		switch {
		case err != nil:
		case info.IsDir():
			// Git passes over a directory that has only its name.
			if _, err := os.Stat(filepath.Join(marker, "HEAD")); err == nil {
				return area{dir: d, except: real(marker)}, true
			}
		case info.Mode().IsRegular():
			// Git goes no further up, whatever the file holds.
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

// outsideError is why a file is not read: it lies outside the fence.
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

// Outside implements the error of a file that is passed over where imports are
// searched; see eval.Source.
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
