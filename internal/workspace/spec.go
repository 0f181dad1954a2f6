package workspace

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/pkg/diag"
)

// EditSpec lets edit change the spec.json of an entrypoint, under a lock, and returns the
// changes. The error is a [*diag.List] if there is no spec.json, or if it is wrong before or
// after; else it is the error of edit.
func (e Entry) EditSpec(ctx context.Context, edit func(*project.Spec) error) ([]project.Change, error) {
	file := e.SpecFile()
	if e.Resource == nil || e.Name != "" {
		return nil, diag.Diagnostic{
			Code: failure.NoSpec, Values: map[string]any{
				"entrypoint": e.Entrypoint, "file": file,
				"resource": fmt.Sprintf(`{"apiVersion": %q, "kind": %q}`, project.APIVersion, project.Kind),
			},
			Subject: e.Dir, Problem: "no spec.json to change",
		}
	}
	changes, err := replaceSpec(ctx, filepath.FromSlash(e.State.Path(file)), func(data []byte) ([]byte, []project.Change, error) {
		resource, found := project.ParseSpec(file, data)
		if err := found.Err(); err != nil {
			return nil, nil, err
		}
		spec := resource.Spec
		if err := edit(&spec); err != nil {
			return nil, nil, err
		}
		return project.EditSpec(file, data, spec)
	})
	if l, ok := diag.From(err); ok {
		return nil, e.State.Located(l).Err()
	}
	if err != nil {
		return nil, fmt.Errorf("environment %s: %w", e.Dir, err)
	}
	return changes, nil
}

// replaceSpec replaces the contents of the file at path by the result of change, under a
// lock.
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
