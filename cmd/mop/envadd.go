package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/format"
	"github.com/mop-platform/mop/pkg/project"
)

const envAddDoc = `Add makes the directory PATH an environment: it writes a main.jsonnet, to be
filled, and a spec.json with what the flags say. Files that exist are never
overwritten.

With --inline there is no spec.json; the main.jsonnet holds the Environment
resource, to whose data the objects belong.

Examples:
  mop env add environments/dev --server https://127.0.0.1:6443 --namespace shop
  mop env add environments/prod --context-name 'prod-.*' --inject-labels
  mop env add environments/clusters --inline`

type envAddOptions struct {
	spec   specFlags
	inline bool
}

func newEnvAddCommand(a *app) *cobra.Command {
	var o envAddOptions
	cmd := &cobra.Command{
		Use:   "add PATH",
		Short: "Create an environment",
		Long:  envAddDoc,
		Args:  onePath,
		RunE: func(cmd *cobra.Command, args []string) error {
			edit, err := o.spec.edits(cmd.Context(), a, cmd.Flags())
			if err != nil {
				return err
			}
			return runEnvAdd(cmd.Context(), a, args[0], edit, o.inline)
		},
	}
	o.spec.add(cmd.Flags())
	cmd.Flags().BoolVarP(&o.inline, "inline", "i", false, "write the Environment into main.jsonnet, in the place of a spec.json")
	return cmd
}

func runEnvAdd(ctx context.Context, a *app, path string, edit func(*project.Spec), inline bool) error {
	s, dir, err := workspace.New(a.settings()).Around(path)
	if err != nil {
		return err
	}
	resource := project.NewResource()
	edit(&resource.Spec)
	if err := checkCluster(dir, resource.Spec); err != nil {
		return err
	}
	spec, code, err := newEnvironment(dir, resource, "{}\n", inline)
	if err != nil {
		return err
	}
	return s.LocatedErr(s.Project.Add(ctx, dir, spec, code))
}

// newEnvironment returns the resource for the spec.json of a new environment, nil for
// none, and the code of its entrypoint: its objects are what the Jsonnet data says.
func newEnvironment(dir string, resource project.Resource, data string, inline bool) (*project.Resource, string, error) {
	resource.Metadata.Name = dir
	if !inline {
		return &resource, data, nil
	}
	code, err := inlineCode(resource, data)
	return nil, code, err
}

// inlineCode returns the Jsonnet of an inline environment with data, the
// Jsonnet of its objects.
func inlineCode(resource project.Resource, data string) (string, error) {
	text, err := json.MarshalIndent(resource, "", "  ")
	if err != nil {
		return "", fmt.Errorf("environment %s: %w", resource.Metadata.Name, err)
	}
	header := strings.TrimSuffix(string(text), "\n}")
	return format.Source(context.Background(), project.Entrypoint, header+",\n  data: "+data+"}\n")
}
