package batch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/mop-platform/mop/internal/export"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// Export writes the objects of the environments of a plan into a directory by [export.Run].
// The result has the warnings, those of the environments first. Export calls shared for
// each file with several environments.
func (p *Plan) Export(ctx context.Context, dir string, o export.Options, shared func()) (export.Result, error) {
	projects := map[*workspace.State]string{}
	for _, s := range p.States {
		projects[s] = s.Identity(ctx, dir)
		o.Projects = append(o.Projects, projects[s])
	}
	warnings := make([]diag.List, len(p.Asked))
	jobs := make([]export.Job, len(p.Asked))
	for i, a := range p.Asked {
		if a.Selection.All() {
			o.Entrypoints = append(o.Entrypoints, export.Source{Project: projects[a.State], Entrypoint: a.Entrypoint})
		}
		jobs[i] = export.Job{Name: a.Shown(), Open: func(ctx context.Context) (export.Entrypoint, error) {
			file, _, err := a.open(ctx)
			warnings[i] = file.Warnings
			if err != nil {
				return export.Entrypoint{}, err
			}
			if len(file.Chosen) > 1 {
				shared()
			}
			return a.export(ctx, projects[a.State], file), nil
		}}
	}
	if len(p.Broken) > 0 {
		// The faults are a separate job, so that they do not hide those of others.
		jobs = append(jobs, export.Job{Open: func(context.Context) (export.Entrypoint, error) { return export.Entrypoint{}, p.Broken.Err() }})
	}
	res, err := export.Run(ctx, dir, jobs, o)
	res.Warnings = append(slices.Concat(warnings...), res.Warnings...)
	return res, err
}

// export returns the chosen environments of a file of a project.
func (a Asked) export(ctx context.Context, project string, file render.File) export.Entrypoint {
	return export.Entrypoint{Environments: len(file.Chosen), Renderer: func(first bool) export.Render {
		own := file
		if !first {
			own = file.Again(ctx)
		}
		return func(ctx context.Context, n int, yield func(export.Environment) error) error {
			env := own.Chosen[n]
			objects, err := a.State.Objects(ctx, env)
			env.Release()
			if err != nil {
				return err
			}
			var template map[string]any
			if err := json.Unmarshal(env.JSON(), &template); err != nil {
				return fmt.Errorf("environment %s: %w", env.Name(), err)
			}
			return yield(export.Environment{
				Name: env.Name(), Namespace: env.Resource.Metadata.Namespace, Inline: env.Inline, Project: project,
				File: a.State.Path(a.Entrypoint), Template: template, Objects: objects,
			})
		}
	}}
}
