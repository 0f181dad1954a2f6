package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/pkg/diag"
)

// Create makes the directory dir, which need not exist, the root of a project and opens it.
// It adds files, by their slash-separated names: all of them or none. Existing files stay
// as they are, and no symbolic link leads outside the root. If the process is killed, or
// the disk fails while files move in, the next Create adds the rest. The files should hold
// a jsonnetfile.json, unless dir has one or a tkrc.yaml.
//
// The error is a [diag.Diagnostic] if dir lies below a tkrc.yaml, which would remain the
// root. It is a [*diag.List] if something else is in the place of a directory of the files.
func Create(ctx context.Context, dir string, files map[string][]byte) (p *Project, err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if root, ok := findRoot(abs); ok && root != abs {
		if _, err := os.Stat(filepath.Join(root, "tkrc.yaml")); err == nil {
			return nil, diag.Diagnostic{
				Code:    failure.InnerProject,
				Subject: filepath.ToSlash(dir),
				Problem: "lies in the project " + filepath.ToSlash(root) + ", whose tkrc.yaml makes it the root of all below",
			}
		}
	}
	made, err := swap.MakeDirs(abs)
	defer func() {
		if err != nil {
			swap.RemoveDirs(made)
		}
	}()
	if err != nil {
		return nil, fmt.Errorf("project: %w", err)
	}
	if err := swap.Add(ctx, abs, func(staged *os.Root) error { return write(ctx, staged, files) }); err != nil {
		return nil, placed("project", err)
	}
	return Find(abs, Options{})
}

// write writes files, by their slash-separated names, below root.
func write(ctx context.Context, root *os.Root, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := budget.Of(ctx).Err(); err != nil {
			return err
		}
		osName := filepath.FromSlash(name)
		if err := root.MkdirAll(filepath.Dir(osName), 0o777); err != nil {
			return err
		}
		if err := root.WriteFile(osName, files[name], 0o666); err != nil {
			return err
		}
	}
	return nil
}

// placed returns an error of [swap.Add] for callers: a [*diag.List] for a [swap.PlaceError].
// Any other error begins with what.
func placed(what string, err error) error {
	var place *swap.PlaceError
	if errors.As(err, &place) {
		return diag.List{{Subject: place.Name, Problem: reason(place.Err)}}.Err()
	}
	if _, ok := diag.From(err); ok {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

// NewResource returns the Resource that a new environment begins with.
func NewResource() Resource {
	return Resource{APIVersion: APIVersion, Kind: Kind, Spec: Spec{Namespace: "default"}}
}

// EnvironmentFiles returns the files of an environment in the named directory, by their
// names in the project: the entrypoint with the given code and, unless resource is nil, its
// spec.json. The error is a [*diag.List] if [Project.Files] would pass over the directory,
// or if [ParseSpec] refuses the spec.json or reads another spec from it.
func EnvironmentFiles(dir string, resource *Resource, code string) (map[string][]byte, error) {
	files := map[string][]byte{path.Join(dir, Entrypoint): []byte(code)}
	if problem := unfit(dir); problem != "" {
		return nil, diag.List{{Subject: dir, Problem: problem}}.Err()
	}
	if resource == nil {
		return files, nil
	}
	name := path.Join(dir, specFile)
	text := indented(resource, "  ")
	again, found := ParseSpec(name, text)
	if err := found.Err(); err != nil {
		return nil, err
	}
	if err := lossless(name, again.Spec, resource.Spec); err != nil {
		return nil, err
	}
	files[name] = text
	return files, nil
}

// unfit returns why [Project.Files] would not find an environment in the named directory,
// or "".
func unfit(dir string) string {
	if !utf8.ValidString(dir) || strings.ContainsFunc(dir, unicode.IsControl) {
		return "want a name without control characters, in UTF-8"
	}
	for _, element := range strings.Split(dir, "/") {
		hidden := strings.HasPrefix(element, ".") && strings.Trim(element, ".") != ""
		if hidden || element == "vendor" || element == "vendor-jsonnet" {
			return fmt.Sprintf("no environment is looked for in or below a directory %s", message.Quote(element))
		}
	}
	return ""
}

// Add makes the named directory, which need not exist, an environment with the files of
// [EnvironmentFiles]: all of them or none. If the process is killed, or the disk fails
// while files move in, the next change of the project adds the rest. If that is the same
// Add, it succeeds. Add overwrites no file, and no symbolic link leads outside the root.
//
// The error is a [*diag.List] if the directory has one of the files already, lies outside or
// is refused by EnvironmentFiles. Its chain holds [fs.ErrInvalid] if the project is not on
// disk.
func (p *Project) Add(ctx context.Context, dir string, resource *Resource, code string) error {
	root, err := p.open(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	files, err := EnvironmentFiles(dir, resource, code)
	if err != nil {
		return err
	}
	completed, err := swap.Complete(ctx, root.Name())
	if err != nil {
		return fmt.Errorf("environment %s: %w", dir, err)
	}
	if completed && holds(ctx, root, files) {
		// A killed process began the same call.
		return nil
	}
	err = swap.Add(ctx, root.Name(), func(staged *os.Root) error {
		var found diag.List
		for _, name := range []string{path.Join(dir, specFile), path.Join(dir, Entrypoint)} {
			if _, err := root.Lstat(filepath.FromSlash(name)); err == nil {
				found = append(found, diag.Diagnostic{At: diag.Position{File: name}, Problem: "exists already"})
			}
		}
		if err := found.Err(); err != nil {
			return err
		}
		return write(ctx, staged, files)
	})
	if err != nil {
		return placed("environment "+dir, err)
	}
	return nil
}

// holds reports whether root has the files, by their slash-separated names.
func holds(ctx context.Context, root *os.Root, files map[string][]byte) bool {
	for name, want := range files {
		if got, err := budget.ReadIn(ctx, root, filepath.FromSlash(name)); err != nil || !bytes.Equal(got, want) {
			return false
		}
	}
	return true
}

// Remove removes the named directory, which must be an environment's, with everything in
// it, after confirm returns nil. It returns an error of confirm as it is. If the process is
// killed, the whole directory remains or nothing of it. Symbolic links are removed, not
// followed.
//
// The error is a [*diag.List] if the directory is not an environment's, is the root, lies
// outside, holds other environments or is on another file system. Its chain holds
// [fs.ErrInvalid] if the project is not on disk.
func (p *Project) Remove(ctx context.Context, dir string, confirm func() error) error {
	root, err := p.open(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	refuse := func(problem string) error { return diag.List{{Subject: dir, Problem: problem}}.Err() }
	if dir == "." {
		return refuse("is the project's root")
	}
	// This finishes the removals of killed processes.
	if _, err := swap.Complete(ctx, root.Name()); err != nil {
		return fmt.Errorf("environment %s: %w", dir, err)
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
	case len(others) == len(all):
		d := diag.Diagnostic{Code: failure.NoEntrypoint, Subject: dir, Problem: "not an environment: no " + Entrypoint + " here"}
		if len(all) > 0 {
			d.Values = map[string]any{"below": enumerate(all)}
		}
		return diag.List{d}.Err()
	case len(others) > 0:
		return diag.List{{Code: failure.HoldsEnvironments, Subject: dir, Problem: "holds other environments: " + enumerate(others)}}.Err()
	}
	if err := confirm(); err != nil {
		return err
	}
	err = swap.RemoveBelow(ctx, root.Name(), filepath.FromSlash(dir))
	var mount *swap.MountError
	switch {
	case errors.As(err, &mount), errors.Is(err, syscall.EXDEV):
		return diag.List{{
			Code: failure.OtherFileSystem, Subject: dir,
			Problem: "is on another file system than the project's root, so that it cannot be removed as a whole",
		}}.Err()
	case err != nil:
		return fmt.Errorf("environment %s: %w", dir, err)
	}
	return nil
}

// open opens the project's root for changes to the named directory. The error is a
// [*diag.List] if the directory lies outside. Its chain holds [fs.ErrInvalid] if the project
// is not on disk.
func (p *Project) open(dir string) (*os.Root, error) {
	if !filepath.IsLocal(filepath.FromSlash(dir)) {
		return nil, diag.List{{Subject: dir, Problem: ErrOutside.Error()}}.Err()
	}
	osPath, ok := p.Path(".")
	if !ok {
		return nil, fmt.Errorf("project that is not on disk: %w", fs.ErrInvalid)
	}
	return os.OpenRoot(osPath)
}
