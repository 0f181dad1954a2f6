package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"
	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/pkg/bundler"
	"github.com/mop-platform/mop/pkg/k8s"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/schema"
)

const initDoc = `Init makes DIR, which is the working directory if not given, the root of a new
project. It writes

  jsonnetfile.json      the packages of the project: k8s-libsonnet
  lib/k.libsonnet       by which libraries and environments import that
  vendor-jsonnet/       k8s-libsonnet, as mop k8s generate makes it
  environments/default  an environment with one object

It fetches nothing: the environment renders at once, and mop vendor install gets
the package itself where it is wanted.

Files that exist are never overwritten; where lib/k.libsonnet is there, so is its
library. A directory that holds any, hidden ones aside, is refused without
--force.

Examples:
  mop init shop
  mop init shop --k8s 1.33
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
		Long:  initDoc,
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
	cmd.Flags().StringVar(&o.k8s, "k8s", "1.29", "minor `VERSION` of Kubernetes that the library is for, or false for no library")
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
	entries, err := os.ReadDir(a.abs(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unreadable(dir, err)
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") })
	if len(entries) > 0 && !o.force {
		return usageError{fmt.Sprintf("init: %s is not empty: it holds %s", dir, entries[0].Name()), "with --force init goes on and overwrites nothing"}
	}
	jsonnetfile, err := bundler.NewFile(packages...)
	if err != nil {
		return err
	}
	if a.project, err = project.Create(a.abs(dir), jsonnetfile); err != nil {
		return err
	}
	root, _ := a.project.Path(".")
	path, _ := a.project.Path(defaultEnvironment)
	if isDir(path) {
		fmt.Fprintf(a.stderr, "mop: %s is a project; its %s stays as it is\n", cell(root), defaultEnvironment)
		return nil
	}
	objects := plainExample
	if len(packages) > 0 {
		wrote, err := addLibrary(ctx, a.project, packages[0].Name(), minor)
		if err != nil {
			return err
		}
		if wrote {
			objects = example
		}
	}
	if err := addEnvironment(a.project, defaultEnvironment, project.NewResource(), objects, o.inline); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "mop: %s is a project; try \"mop show %s\"\n", cell(root), cell(a.displayPath(defaultEnvironment)))
	return nil
}

// addLibrary writes the library for a version of Kubernetes into its place in
// the vendor directory, and the file that imports it, unless that is there. It
// reports whether it was not.
func addLibrary(ctx context.Context, p *project.Project, name string, version schema.Minor) (bool, error) {
	osFile, _ := p.Path(kFile)
	if _, err := os.Lstat(osFile); err == nil {
		return false, nil
	}
	dir, _ := p.Path(p.VendorDir() + "/" + name)
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		document, err := schema.Open(version)
		if err != nil {
			return false, err
		}
		files, err := k8s.Generate(k8s.Definitions(document), k8s.Options{})
		if err != nil {
			return false, fmt.Errorf("kubernetes %s: %w", version, err)
		}
		if err := replaceLibrary(ctx, dir, files); err != nil {
			return false, fmt.Errorf("library %s: %w", name, err)
		}
	}
	return true, p.AddFile(kFile, []byte("import '"+name+"/main.libsonnet'\n"))
}
