package main

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
	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/bundler"
	"github.com/mop-platform/mop/pkg/k8s"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/release"
	"github.com/mop-platform/mop/pkg/schema"
	"github.com/mop-platform/mop/pkg/swap"
)

const initDoc releasesDoc = `Init makes DIR, which is the working directory if not given, the root of a new
project. It writes

  jsonnetfile.json      the packages of the project: k8s-libsonnet
  lib/k.libsonnet       by which libraries and environments import that
  vendor-jsonnet/       k8s-libsonnet, as mop k8s generate makes it
  environments/default  an environment with one object

It fetches nothing: the environment renders at once, and mop vendor install gets
the package itself where it is wanted.

All of it appears together: a call that is interrupted has done nothing, or the
next one does the rest. Files that exist are never overwritten; where
lib/k.libsonnet is there, so is its library. A directory that holds any, hidden
ones aside, is refused without --force.

Examples:
  mop init shop
  mop init shop --k8s <other>
  mop init --force`

// defaultEnvironment is the environment that init creates.
const defaultEnvironment = "environments/default"

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

// kFile is where libraries of others expect the functions for Kubernetes.
const kFile = "lib/k.libsonnet"

// initOptions are the flags of init.
type initOptions struct {
	force, inline bool
	k8s           string
}

func newInitCommand(a *app) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Set up a project",
		Long:  initDoc.String(),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usageError{fmt.Sprintf("init: want one directory, got %d arguments", len(args)), ""}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runInit(cmd.Context(), a, append(args, ".")[0], o)
		},
	}
	cmd.Flags().BoolVarP(&o.force, "force", "f", false, "go on in a directory that holds files")
	cmd.Flags().BoolVarP(&o.inline, "inline", "i", false, "write the Environment into main.jsonnet, in the place of a spec.json")
	cmd.Flags().StringVar(&o.k8s, "k8s", release.Default.String(), "minor `VERSION` of Kubernetes that the library is for, or false for no library")
	return cmd
}

func runInit(ctx context.Context, a *app, dir string, o initOptions) error {
	var packages []deps.Dependency
	var minor schema.Minor
	if o.k8s != "false" {
		var err error
		if minor, err = kubernetesVersion("--k8s", o.k8s); err != nil {
			return err
		}
		packages = append(packages, bundler.Library(minor))
	}
	abs := a.abs(dir)
	completed, err := swap.Complete(ctx, abs)
	if err != nil {
		return fmt.Errorf("init: %w", err)
	}
	if completed {
		a.note("completed what an interrupted call has begun in %s", dir)
		p, err := project.Find(abs, project.Options{})
		if err != nil {
			return err
		}
		a.welcome(p)
		return nil
	}
	entries, err := os.ReadDir(abs)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return workspace.Unreadable(dir, err)
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") })
	if len(entries) > 0 && !o.force {
		return usageError{fmt.Sprintf("init: %s is not empty: it holds %s", dir, entries[0].Name()), "with --force init goes on and overwrites nothing"}
	}
	files := map[string][]byte{}
	if files[bundler.File], err = bundler.NewFile(packages...); err != nil {
		return err
	}
	old := isDir(filepath.Join(abs, filepath.FromSlash(defaultEnvironment)))
	if !old {
		objects := plainExample
		if len(packages) > 0 {
			library, err := libraryFiles(ctx, abs, packages[0].Name(), minor)
			if err != nil {
				return err
			}
			if len(library) > 0 {
				objects = example
			}
			maps.Copy(files, library)
		}
		spec, code, err := newEnvironment(defaultEnvironment, project.NewResource(), objects, o.inline)
		if err != nil {
			return err
		}
		environment, err := project.EnvironmentFiles(defaultEnvironment, spec, code)
		if err != nil {
			return err
		}
		maps.Copy(files, environment)
	}
	p, err := project.Create(ctx, abs, files)
	if err != nil {
		return err
	}
	if old {
		root, _ := p.Path(".")
		fmt.Fprintf(a.stderr, "mop: %s is a project; its %s stays as it is\n", cell(root), defaultEnvironment)
		return nil
	}
	a.welcome(p)
	return nil
}

// welcome says what to do with a new project.
func (a *app) welcome(p *project.Project) {
	root, _ := p.Path(".")
	environment, _ := p.Path(defaultEnvironment)
	fmt.Fprintf(a.stderr, "mop: %s is a project; try \"mop show %s\"\n", cell(root), cell(a.displayPath(environment)))
}

// libraryFiles returns the file by which the library for a version of Kubernetes is
// imported, none if that is there, and the files of the library, unless its directory
// is there.
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
