package main

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
	"github.com/spf13/pflag"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/budget"
)

// sourceFlags are the flags of commands that work on Jsonnet files.
type sourceFlags struct {
	exclude []string
	// inside is whether links that lead out of a directory are passed over.
	inside bool
}

func (f *sourceFlags) add(flags *pflag.FlagSet) {
	separatedVar(flags, &f.exclude, "exclude", "e", []string{"**/.*", "**/vendor/**", "**/vendor-jsonnet/**"},
		"pass over what matches `GLOB`, in the place of the default; ** is any number of directories, and a GLOB without a slash matches names anywhere")
}

// sources returns the Jsonnet files that args mean, sorted: files as they are,
// of directories all that are called *.jsonnet or *.libsonnet, at any depth,
// and not excluded.
func (a *app) sources(ctx context.Context, args []string, f *sourceFlags) ([]string, error) {
	for _, pattern := range f.exclude {
		if !doublestar.ValidatePattern(pattern) {
			return nil, usageError{fmt.Sprintf("--exclude: %q is no glob", pattern), ""}
		}
	}
	var files []string
	for _, arg := range args {
		info, err := os.Stat(a.abs(arg))
		if err != nil {
			return nil, workspace.Unreadable(arg, err)
		}
		if !info.IsDir() {
			files = append(files, filepath.Clean(arg))
			continue
		}
		last := arg
		err = filepath.WalkDir(a.abs(arg), budget.Walk(ctx, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(a.abs(arg), p)
			if err != nil {
				return err
			}
			name := filepath.Join(arg, rel)
			switch {
			case f.excludes(filepath.ToSlash(name)) && d.IsDir():
				return fs.SkipDir
			case f.excludes(filepath.ToSlash(name)), !isSource(p), f.inside && leadsOut(a.abs(arg), p):
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

func (f *sourceFlags) excludes(name string) bool {
	base := path.Base(name)
	if base == "." || base == ".." {
		return false
	}
	return slices.ContainsFunc(f.exclude, func(pattern string) bool {
		if !strings.Contains(pattern, "/") {
			return doublestar.MatchUnvalidated(pattern, base)
		}
		return doublestar.MatchUnvalidated(strings.TrimPrefix(pattern, "./"), name)
	})
}

// isSource reports whether there is a Jsonnet file at the path p, going by its
// name. A dangling link is one, so that it is reported.
func isSource(p string) bool {
	if ext := filepath.Ext(p); ext != ".jsonnet" && ext != ".libsonnet" {
		return false
	}
	info, err := os.Stat(p)
	return err != nil || info.Mode().IsRegular()
}

// leadsOut reports whether there is a file at the path p by way of a link to outside
// of the directory dir.
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
