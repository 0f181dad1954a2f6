package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/swap"
)

func newEnvSetCommand(a *app) *cobra.Command {
	var o specFlags
	cmd := &cobra.Command{
		Use:   "set PATH",
		Short: "Change fields of an environment's spec.json",
		Long:  help("env_set"),
		Args:  onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().NFlag() == 0 {
				return usageError{"env set: nothing to set", fmt.Sprintf(`run "%s --help" for the fields`, cmd.CommandPath())}
			}
			edit, err := o.edits(cmd.Context(), a, cmd.Flags())
			if err != nil {
				return err
			}
			return runEnvSet(cmd.Context(), a, args[0], edit)
		},
	}
	o.add(cmd.Flags())
	return cmd
}

func runEnvSet(ctx context.Context, a *app, path string, edit func(*project.Spec)) error {
	entry, err := one(ctx, workspace.New(a.settings()), path)
	if err != nil {
		return err
	}
	file := entry.SpecFile()
	if entry.Resource == nil || entry.Name != "" {
		return diag.Diagnostic{
			Subject: entry.Dir, Problem: "no spec.json to change",
			Hints: []string{
				"of an inline environment change the resource in " + entry.Entrypoint,
				fmt.Sprintf(`of any other write {"apiVersion": %q, "kind": %q} into %s first`, project.APIVersion, project.Kind, file),
			},
		}
	}
	change := func(data []byte) ([]byte, []project.Change, error) {
		resource, found := project.ParseSpec(file, data)
		if err := found.Err(); err != nil {
			return nil, nil, err
		}
		spec := resource.Spec
		edit(&spec)
		if err := checkCluster(file, spec); err != nil {
			return nil, nil, err
		}
		return project.EditSpec(file, data, spec)
	}
	changes, err := replaceSpec(ctx, filepath.FromSlash(entry.State.Path(file)), change)
	if l, ok := diag.From(err); ok {
		return entry.State.Located(l)
	}
	if err != nil {
		return fmt.Errorf("environment %s: %w", entry.Dir, err)
	}
	if len(changes) == 0 {
		a.note("%s says so already", file)
	}
	for _, c := range changes {
		fmt.Fprintf(a.stderr, "mop: %s: spec.%s: %s -> %s\n", cell(file), c.Name, cell(cmp.Or(c.From, "none")), cell(cmp.Or(c.To, "none")))
	}
	return nil
}

// replaceSpec gives the file at path the contents that change returns for those it
// has, while nobody else changes it.
func replaceSpec(ctx context.Context, path string, change func([]byte) ([]byte, []project.Change, error)) (changes []project.Change, err error) {
	data, err := budget.ReadFile(ctx, path)
	if err != nil {
		return nil, err
	}
	if _, changes, err = change(data); err != nil || len(changes) == 0 {
		return nil, errors.Join(err, swap.Clean(path))
	}
	draft, err := swap.NewDraft(ctx, path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, draft.Close()) }()
	if data, err = budget.ReadFile(ctx, path); err != nil {
		return nil, err
	}
	text, changes, err := change(data)
	if err != nil || len(changes) == 0 {
		return nil, err
	}
	if _, err := draft.Write(text); err != nil {
		return nil, err
	}
	return changes, draft.Commit()
}
