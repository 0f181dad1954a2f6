package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/pkg/project"
)

const initDoc = `Init makes DIR, which is the working directory if not given, the root of a new
project: it writes a jsonnetfile.json and an environment, environments/default,
with one object in it. It fetches nothing.

Files that exist are never overwritten. A directory that holds any, hidden ones
aside, is refused without --force.

Examples:
  mop init shop
  mop init --force`

// defaultEnvironment is the environment that init creates.
const defaultEnvironment = "environments/default"

// example are the objects of a new project's environment.
const example = `{
  greeting: {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'greeting' },
    data: { text: 'hello' },
  },
}
`

func newInitCommand(a *app) *cobra.Command {
	var force, inline bool
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
			return runInit(a, append(args, ".")[0], force, inline)
		},
	}
	cmd.Flags().BoolVarP(&force, "force", "f", false, "go on in a directory that holds files")
	cmd.Flags().BoolVarP(&inline, "inline", "i", false, "write the Environment into main.jsonnet, in the place of a spec.json")
	return cmd
}

func runInit(a *app, dir string, force, inline bool) error {
	entries, err := os.ReadDir(a.abs(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unreadable(dir, err)
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") })
	if len(entries) > 0 && !force {
		return usageError{fmt.Sprintf("init: %s is not empty: it holds %s", dir, entries[0].Name()), "with --force init goes on and overwrites nothing"}
	}
	if a.project, err = project.Create(a.abs(dir)); err != nil {
		return err
	}
	root, _ := a.project.Path(".")
	path, _ := a.project.Path(defaultEnvironment)
	if isDir(path) {
		fmt.Fprintf(a.stderr, "mop: %s is a project; its %s stays as it is\n", root, defaultEnvironment)
		return nil
	}
	if err := addEnvironment(a.project, defaultEnvironment, project.NewResource(), example, inline); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "mop: %s is a project; try \"mop show %s\"\n", root, a.displayPath(defaultEnvironment))
	return nil
}
