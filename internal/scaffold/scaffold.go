// Package scaffold makes the first files of projects and environments.
package scaffold

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"

	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/internal/k8s"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/internal/workspace"
)

// First is the environment of a new project.
const First = "environments/default"

// The objects of a new project's environment, with the library and without.
const (
	example = `{
  local k = import 'k.libsonnet',

  greeting: k.core.v1.configMap.new('greeting', { text: 'hello' }),
}
`
	plainExample = `{
  greeting: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'greeting' },
    data: { text: 'hello' },
  },
}
`
)

// kFile is the file in which other libraries expect the functions for Kubernetes.
const kFile = "lib/k.libsonnet"

// Options describe a new project.
type Options struct {
	// Dir is the absolute path of its root, Name the user's name of it.
	Dir, Name string
	// Minor is the version of Kubernetes of its library, 0 for no library.
	Minor schema.Minor
	// Inline puts the Environment into main.jsonnet instead of a spec.json.
	Inline bool
	// Force goes on in a directory that holds files.
	Force bool
}

// Made is the result of [Project].
type Made struct {
	Project *project.Project
	// Completed says that an earlier, interrupted call had begun the project. Old says that
	// the environment existed before.
	Completed, Old bool
}

// NotEmptyError is the error of [Project] if a directory holds files.
type NotEmptyError struct {
	// Dir is the user's name of the directory, Entry the name of an entry in it.
	Dir, Entry string
}

func (e *NotEmptyError) Error() string { return e.Dir + " is not empty: it holds " + e.Entry }

// Project makes a directory the root of a project. It writes all missing files, or none.
// Files that exist stay as they are.
func Project(ctx context.Context, o Options) (Made, error) {
	completed, err := swap.Complete(ctx, o.Dir)
	if err != nil {
		return Made{}, fmt.Errorf("init: %w", err)
	}
	if completed {
		p, err := project.Find(o.Dir, project.Options{})
		return Made{Project: p, Completed: true}, err
	}
	entries, err := os.ReadDir(o.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Made{}, workspace.Unreadable(o.Name, err)
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") })
	if len(entries) > 0 && !o.Force {
		return Made{}, &NotEmptyError{o.Name, entries[0].Name()}
	}
	var packages []deps.Dependency
	if o.Minor != 0 {
		packages = append(packages, bundler.Library(o.Minor))
	}
	files := map[string][]byte{}
	if files[bundler.File], err = bundler.NewFile(packages...); err != nil {
		return Made{}, err
	}
	info, err := os.Stat(filepath.Join(o.Dir, filepath.FromSlash(First)))
	old := err == nil && info.IsDir()
	if !old {
		more, err := firstFiles(ctx, o, packages)
		if err != nil {
			return Made{}, err
		}
		maps.Copy(files, more)
	}
	p, err := project.Create(ctx, o.Dir, files)
	return Made{Project: p, Old: old}, err
}

// firstFiles returns the files of the first environment, and those of the library in
// packages.
func firstFiles(ctx context.Context, o Options, packages []deps.Dependency) (map[string][]byte, error) {
	files := map[string][]byte{}
	objects := plainExample
	if len(packages) > 0 {
		library, err := libraryFiles(ctx, o.Dir, packages[0].Name(), o.Minor)
		if err != nil {
			return nil, err
		}
		if len(library) > 0 {
			objects = example
		}
		maps.Copy(files, library)
	}
	spec, code, err := Environment(First, project.NewResource(), objects, o.Inline)
	if err != nil {
		return nil, err
	}
	environment, err := project.EnvironmentFiles(First, spec, code)
	maps.Copy(files, environment)
	return files, err
}

// libraryFiles returns the file that imports the library for a version of Kubernetes,
// unless it exists, and the files of the library, unless its directory exists.
func libraryFiles(ctx context.Context, root, name string, version schema.Minor) (map[string][]byte, error) {
	exists := func(name string) bool {
		_, err := os.Lstat(filepath.Join(root, filepath.FromSlash(name)))
		return err == nil
	}
	if exists(kFile) {
		return nil, nil
	}
	files := map[string][]byte{kFile: []byte("import '" + name + "/main.libsonnet'\n")}
	dir := project.VendorDir(exists) + "/" + name
	if exists(dir) {
		return files, nil
	}
	document, err := schema.Open(version)
	if err != nil {
		return nil, err
	}
	library, err := k8s.Generate(ctx, k8s.Definitions(document), k8s.Options{})
	if err != nil {
		return nil, fmt.Errorf("kubernetes %s: %w", version, err)
	}
	for _, f := range library {
		files[dir+"/"+f.Name] = []byte(f.Text)
	}
	return files, nil
}
