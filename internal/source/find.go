package source

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/workspace"
)

// Pick selects files of a directory.
type Pick struct {
	// Exclude are globs, relative to the working directory; one without a slash matches
	// names anywhere.
	Exclude []string
	// Inside leaves out links that lead out of the directory.
	Inside bool
}

// IsGlob reports whether a pattern is a glob.
func IsGlob(pattern string) bool { return doublestar.ValidatePattern(pattern) }

// Files returns the Jsonnet files that args name, sorted: the file itself, or all files
// *.jsonnet and *.libsonnet at any depth of a directory, except excluded ones. Their names
// begin like args. The error is a [diag.Diagnostic] if one cannot be read.
func Files(ctx context.Context, w *workspace.Workspace, args []string, p Pick) ([]string, error) {
	var files []string
	for _, arg := range args {
		info, err := os.Stat(w.Abs(arg))
		if err != nil {
			return nil, workspace.Unreadable(arg, err)
		}
		if !info.IsDir() {
			files = append(files, filepath.Clean(arg))
			continue
		}
		last := arg
		err = filepath.WalkDir(w.Abs(arg), budget.Walk(ctx, func(file string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(w.Abs(arg), file)
			if err != nil {
				return err
			}
			name := filepath.Join(arg, rel)
			switch {
			case p.excludes(filepath.ToSlash(name)) && d.IsDir():
				return fs.SkipDir
			case p.excludes(filepath.ToSlash(name)), !isSource(file), p.Inside && leadsOut(w.Abs(arg), file):
				return nil
			}
			last = name
			files = append(files, name)
			return nil
		}))
		if ended := budget.Of(ctx).Err(); ended != nil {
			return nil, fmt.Errorf("%s: %w", filepath.ToSlash(last), ended)
		}
		if err != nil {
			return nil, workspace.Unreadable(arg, err)
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

func (p Pick) excludes(name string) bool {
	base := path.Base(name)
	if base == "." || base == ".." {
		return false
	}
	return slices.ContainsFunc(p.Exclude, func(pattern string) bool {
		if !strings.Contains(pattern, "/") {
			return doublestar.MatchUnvalidated(pattern, base)
		}
		return doublestar.MatchUnvalidated(strings.TrimPrefix(pattern, "./"), name)
	})
}

// isSource reports whether there is a file at the path p with a name of Jsonnet files. A
// dangling link counts as a file, so that it is reported.
func isSource(p string) bool {
	if ext := filepath.Ext(p); ext != ".jsonnet" && ext != ".libsonnet" {
		return false
	}
	info, err := os.Stat(p)
	return err != nil || info.Mode().IsRegular()
}

// leadsOut reports whether the path p leads to a file outside of the directory dir through
// a link.
func leadsOut(dir, p string) bool {
	real, err := filepath.EvalSymlinks(p)
	if err != nil {
		return false
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return false
	}
	rel, err := filepath.Rel(dir, real)
	return err != nil || !filepath.IsLocal(rel)
}
