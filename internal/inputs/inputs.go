// Package inputs reads the files with manifests that arguments name.
package inputs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/intake"
	"github.com/mop-platform/mop/internal/stream"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// Inputs reads arguments: paths relative to Dir, which is absolute, or Stdin, which can be
// read once.
type Inputs struct {
	Dir   string
	Stdin io.Reader
}

// Abs returns the absolute form of a path, which may be relative to the working directory.
func (in Inputs) Abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(in.Dir, path)
}

// Shown returns the user's name of the file at an absolute path.
func (in Inputs) Shown(path string) string {
	return workspace.Relative(in.Dir, filepath.ToSlash(path))
}

// Stdin is the name of standard input in messages.
const Stdin = "<stdin>"

// File is a file with manifests.
type File struct {
	// Path is absolute, or [Stdin].
	Path string
	// Named says that the user names the file itself, not a directory around it.
	Named bool
}

// Files returns the files with manifests that an argument names: the file itself, or all
// files *.yaml, *.yml and *.json at any depth of a directory, except hidden ones, sorted by
// name.
func (in Inputs) Files(ctx context.Context, arg string) ([]File, error) {
	if arg == "-" {
		return []File{{Stdin, true}}, nil
	}
	root := in.Abs(arg)
	info, err := os.Stat(root)
	if err != nil || !info.IsDir() {
		return []File{{root, true}}, err
	}
	var files []File
	err = fs.WalkDir(os.DirFS(root), ".", budget.Walk(ctx, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)):
			files = append(files, File{Path: filepath.Join(root, name)})
		}
		return nil
	}))
	return files, err
}

// Open opens a file with manifests. Opening and reading end with ctx.
func (in Inputs) Open(ctx context.Context, file File) (io.ReadCloser, error) {
	switch {
	case file.Path == Stdin:
		return io.NopCloser(stream.Until(ctx, in.Stdin)), nil
	case file.Named:
		return stream.Open(ctx, file.Path)
	}
	return budget.Open(file.Path)
}

// All returns the files that args name, each once. The error is a [diag.Diagnostic] if an
// argument cannot be read, or names no file.
func (in Inputs) All(ctx context.Context, args []string) ([]File, error) {
	var all []File
	seen := map[string]bool{}
	for _, arg := range args {
		files, err := in.Files(ctx, arg)
		if err != nil {
			return nil, workspace.Unreadable(arg, err)
		}
		if len(files) == 0 {
			return nil, diag.Diagnostic{Subject: filepath.ToSlash(arg), Problem: "no file called *.yaml, *.yml or *.json here or below"}
		}
		for _, file := range files {
			if !seen[file.Path] {
				seen[file.Path] = true
				all = append(all, file)
			}
		}
	}
	return all, nil
}

// Unread returns an error of [manifest.Read] with the user's name of the file, nil for nil.
func (in Inputs) Unread(ctx context.Context, file string, err error) error {
	if err == nil {
		return nil
	}
	name := in.Shown(file)
	if stopped := (*intake.Interrupted)(nil); errors.As(err, &stopped) {
		name, err = diag.Position{File: name, Line: stopped.At.Line}.String(), stopped.Err
	} else if errors.As(err, new(*budget.Exceeded)) {
		return budget.At(name, 1, err)
	}
	if budget.Of(ctx).Err() != nil || errors.As(err, new(*budget.Exceeded)) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return workspace.Unreadable(name, err)
}

// Placed adds a place to an error of a budget.
func Placed(at diag.Position, err error) error {
	if err == nil || at.File == "" || !errors.As(err, new(*budget.Exceeded)) {
		return err
	}
	return fmt.Errorf("%s: %w", at, err)
}
