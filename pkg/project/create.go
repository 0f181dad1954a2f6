package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/mop-platform/mop/pkg/diag"
)

// Create makes the directory dir, which need not exist, the root of a project
// and opens it: it writes jsonnetfile into a jsonnetfile.json. One that is there
// stays as it is.
//
// The error is a [diag.Diagnostic] if dir lies below a tkrc.yaml, which would
// remain the root.
func Create(dir string, jsonnetfile []byte) (*Project, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if root, ok := findRoot(abs); ok && root != abs {
		if _, err := os.Stat(filepath.Join(root, "tkrc.yaml")); err == nil {
			return nil, diag.Diagnostic{
				Subject: filepath.ToSlash(dir),
				Problem: "lies in the project " + filepath.ToSlash(root) + ", whose tkrc.yaml makes it the root of all below",
				Hints:   []string{"add an environment to that project"},
			}
		}
	}
	if err := os.MkdirAll(abs, 0o777); err != nil {
		return nil, fmt.Errorf("project: %w", err)
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, fmt.Errorf("project: %w", err)
	}
	defer root.Close()
	if err := writeNew(root, "jsonnetfile.json", jsonnetfile); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("project: %w", err)
	}
	return Find(abs, Options{})
}

// NewResource returns the Resource that a new environment begins with.
func NewResource() Resource {
	return Resource{APIVersion: APIVersion, Kind: Kind, Spec: Spec{Namespace: "default"}}
}

// AddFile writes a file that does not exist and the directories that it lies in.
// The error's chain holds [fs.ErrExist] if there is one. No symbolic link leads
// outside the root.
func (p *Project) AddFile(name string, text []byte) error {
	root, err := p.open(path.Dir(name))
	if err != nil {
		return err
	}
	defer root.Close()
	if err := root.MkdirAll(filepath.FromSlash(path.Dir(name)), 0o777); err != nil {
		return diag.List{{Subject: name, Problem: reason(err)}}
	}
	return writeNew(root, name, text)
}

// Add makes the named directory, which need not exist, an environment: it
// writes code into its entrypoint and, unless resource is nil, resource into
// its spec.json. No file is overwritten and no symbolic link leads outside the
// root.
//
// The error is a [diag.List] if the directory has one of the files already or
// lies outside.
func (p *Project) Add(dir string, resource *Resource, code string) error {
	root, err := p.open(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	spec, main := path.Join(dir, specFile), path.Join(dir, Entrypoint)
	var found diag.List
	for _, name := range []string{spec, main} {
		if _, err := root.Lstat(filepath.FromSlash(name)); err == nil {
			found = append(found, diag.Diagnostic{At: diag.Position{File: name}, Problem: "exists already"})
		}
	}
	if err := found.Err(); err != nil {
		return err
	}
	if err := root.MkdirAll(filepath.FromSlash(dir), 0o777); err != nil {
		return diag.List{{Subject: dir, Problem: reason(err)}}
	}
	if resource != nil {
		if err := writeNew(root, spec, indented(resource, "  ")); err != nil {
			return fmt.Errorf("environment %s: %w", dir, err)
		}
	}
	// Last, because it makes the directory an environment.
	if err := writeNew(root, main, []byte(code)); err != nil {
		return fmt.Errorf("environment %s: %w", dir, err)
	}
	return nil
}

// Remove removes the named directory, which must be an environment's, with all
// that is in it, once confirm returns nil; an error of confirm is returned as it
// is. Symbolic links are removed, not followed.
//
// The error is a [diag.List] if the directory is not an environment's, is the
// root or holds other environments.
func (p *Project) Remove(ctx context.Context, dir string, confirm func() error) error {
	root, err := p.open(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	refuse := func(problem string, hints ...string) error {
		return diag.List{{Subject: dir, Problem: problem, Hints: hints}}
	}
	if dir == "." {
		return refuse("is the project's root")
	}
	info, err := root.Lstat(filepath.FromSlash(dir))
	if err != nil {
		return refuse(reason(err))
	}
	if !info.IsDir() {
		return refuse("want an environment's directory, got a file or a symbolic link")
	}
	all, err := p.dirs(ctx, dir)
	if err != nil {
		return fmt.Errorf("environment %s: %w", dir, err)
	}
	others := slices.DeleteFunc(slices.Clone(all), func(d string) bool { return d == dir })
	switch {
	case len(all) == 0:
		return refuse("not an environment: no " + Entrypoint + " here")
	case len(others) == len(all):
		return refuse("not an environment: no "+Entrypoint+" here", "environments below it: "+enumerate(all))
	case len(others) > 0:
		return refuse("holds other environments: "+enumerate(others), "remove these first")
	}
	if err := confirm(); err != nil {
		return err
	}
	if err := root.RemoveAll(filepath.FromSlash(dir)); err != nil {
		return fmt.Errorf("environment %s: %w", dir, err)
	}
	return nil
}

// open opens the project's root for changes to the named directory. The error
// is a [diag.List] if that lies outside, an [fs.ErrInvalid] if the project is
// not on disk.
func (p *Project) open(dir string) (*os.Root, error) {
	if !filepath.IsLocal(filepath.FromSlash(dir)) {
		return nil, diag.List{{Subject: dir, Problem: ErrOutside.Error()}}
	}
	osPath, ok := p.Path(".")
	if !ok {
		return nil, fmt.Errorf("project that is not on disk: %w", fs.ErrInvalid)
	}
	return os.OpenRoot(osPath)
}

// writeNew writes a file that does not exist.
func writeNew(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
