package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/heap"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/export"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

type exportOptions struct {
	jsonnet   jsonnetFlags
	objects   objectFlags
	recursive bool
	selector  string
	strategy  string
	run       export.Options
	ignored   ignoredFlags
}

// ignoredFlags are those of Tanka that have nothing to do here, or are
// deprecated there.
type ignoredFlags struct {
	cachePath string
	cacheEnvs []string
	ballast   int
	// merge is the old spelling of a merge strategy.
	merge bool
}

func newExportCommand(a *app) *cobra.Command {
	var o exportOptions
	cmd := &cobra.Command{
		Use:   "export DIR PATH...",
		Short: "Write the objects of environments into a directory",
		Long:  help("export"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) < 2 {
				return usageError{fmt.Sprintf("export: want a directory and at least one environment, got %d arguments", len(args)), "for example: mop export out environments/dev"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runExport(cmd.Context(), a, args[0], args[1:], o)
		},
	}
	o.jsonnet.add(cmd.Flags())
	o.objects.add(cmd.Flags())
	flags := cmd.Flags()
	flags.BoolVarP(&o.recursive, "recursive", "r", false, "export all environments below each PATH; --name is then the whole name")
	flags.StringVarP(&o.selector, "selector", "l", "", "export only environments whose labels `SELECT`, as kubectl does: a=b,c!=d,e in (f,g)")
	flags.StringVar(&o.run.Format, "format", export.DefaultFormat, "Go `TEMPLATE` of the files' names; {{env}} is the environment")
	flags.StringVar(&o.run.Extension, "extension", export.DefaultExtension, "`EXTENSION` of the files")
	flags.StringVar(&o.strategy, "merge-strategy", "", "what to do with files that are there: `fail-on-conflicts or replace-envs`")
	listVar(flags, &o.run.DeletedEnvs, "merge-deleted-envs", "", "remove the files of a deleted environment, by the name of its `main.jsonnet` in the projects of the PATHs")
	flags.BoolVar(&o.run.SkipManifest, "skip-manifest", false, "write neither manifest.json nor .mop-manifest")
	flags.IntVarP(&o.run.Parallel, "parallel", "p", 0, "render `N` environments at the same time; 0 is one for each processor")
	flags.StringVarP(&o.ignored.cachePath, "cache-path", "c", "", "")
	listVar(flags, &o.ignored.cacheEnvs, "cache-envs", "e", "")
	flags.IntVar(&o.ignored.ballast, "mem-ballast-size-bytes", 0, "")
	flags.BoolVar(&o.ignored.merge, "merge", false, "")
	for _, name := range []string{"cache-path", "cache-envs", "mem-ballast-size-bytes", "merge"} {
		flags.Lookup(name).Hidden = true
	}
	return cmd
}

func runExport(ctx context.Context, a *app, dir string, paths []string, o exportOptions) error {
	if dir == "" {
		return usageError{`export: want a directory, got ""`, "is a variable empty?"}
	}
	o.run.Extension = strings.TrimPrefix(o.run.Extension, ".")
	if o.ignored.merge && o.strategy == "" {
		a.note("--merge is deprecated; use --merge-strategy %s", export.FailOnConflicts)
		o.strategy = string(export.FailOnConflicts)
	}
	switch o.run.MergeStrategy = export.MergeStrategy(o.strategy); o.run.MergeStrategy {
	case export.RequireEmpty, export.FailOnConflicts, export.ReplaceEnvs:
	default:
		return usageError{fmt.Sprintf("--merge-strategy: want fail-on-conflicts or replace-envs, got %q", o.strategy), ""}
	}
	if o.ignored.cachePath != "" || len(o.ignored.cacheEnvs) > 0 || o.ignored.ballast > 0 {
		a.note("nothing is cached between runs and no ballast is needed; those flags have no effect")
	}
	selector, err := labels.Parse(o.selector)
	if err != nil {
		return usageError{fmt.Sprintf("--selector %s: %v", o.selector, err), "for example: -l 'cluster=eu,stage!=dev'"}
	}
	var warnings collected
	jobs, err := a.exportJobs(ctx, dir, paths, &o, selector, &warnings)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(a.abs(dir), a.dir); err == nil && filepath.IsLocal(rel) {
		o.run.InPlace = true
	}
	o.run.Write = func(w io.Writer, object manifest.Object) error {
		return o.objects.compat.writeYAML(ctx, w, []manifest.Object{object})
	}
	bar := a.progress("environments")
	o.run.Progress = bar.Show
	release := a.traces().hold()
	res, err := export.Run(ctx, dir, jobs, o.run)
	release()
	bar.Done()
	a.warn(append(warnings.list, res.Warnings...))
	if err == nil && res.Environments == 0 {
		a.note("no environment is selected, so nothing was exported")
	}
	return err
}

// collected are the warnings of jobs that run at the same time.
type collected struct {
	mu   sync.Mutex
	list diag.List
}

func (c *collected) add(l diag.List) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, l...)
}

// exportJobs returns a job for each entrypoint that paths name, and notes in o
// the projects and what of them is exported as a whole.
func (a *app) exportJobs(ctx context.Context, dir string, paths []string, o *exportOptions, selector labels.Selector, warnings *collected) ([]export.Job, error) {
	w, err := a.workspace(&o.jsonnet, &o.objects)
	if err != nil {
		return nil, err
	}
	var jobs []export.Job
	projects := map[*workspace.State]string{}
	open := func(s *workspace.State) {
		if _, ok := projects[s]; !ok {
			projects[s] = a.exportProject(ctx, s.Project, dir)
			o.run.Projects = append(o.run.Projects, projects[s])
		}
	}
	// Two names in one file are two jobs, and so is one name in two projects.
	type key struct {
		state            *workspace.State
		entrypoint, name string
	}
	seen := map[key]bool{}
	add := func(entry workspace.Entry, c batch.Selection) {
		s := entry.State
		k := key{s, entry.Entrypoint, c.Name}
		if seen[k] {
			return
		}
		seen[k] = true
		c.Selector = selector
		if c.Name == "" && selector.Empty() {
			o.run.Entrypoints = append(o.run.Entrypoints, export.Source{Project: projects[s], Entrypoint: entry.Entrypoint})
		}
		name := entry.Shown()
		jobs = append(jobs, export.Job{Name: name, Open: func(ctx context.Context) (export.Entrypoint, error) {
			file, err := s.Load(ctx, entry.Environment, c.Loader())
			if err != nil {
				return export.Entrypoint{}, err
			}
			warnings.add(file.Warnings)
			if !c.Exact {
				if _, err := render.One(file.Environments, name, c.Name); err != nil {
					return export.Entrypoint{}, err
				}
			}
			file.Chosen = c.Of(file.Chosen)
			if len(file.Chosen) > 1 {
				heap.Grow(sharedGCPercent)
			}
			return exportEntrypoint(ctx, s, projects[s], file), nil
		}})
	}
	for _, path := range paths {
		if !o.recursive {
			entry, err := one(ctx, w, path)
			if err != nil {
				return nil, err
			}
			name, err := o.objects.named(entry.Name)
			if err != nil {
				return nil, err
			}
			open(entry.State)
			add(entry, batch.Selection{Name: name})
			continue
		}
		s, entries, broken, err := w.Below(ctx, path)
		if err != nil {
			return nil, err
		}
		open(s)
		c := batch.Selection{Name: o.objects.name, Exact: true}
		if broken = c.Broken(broken, s.Shown(c.Name)); len(broken) > 0 {
			// A job of its own: it must not hide what is wrong with the others.
			jobs = append(jobs, export.Job{Name: path, Open: func(context.Context) (export.Entrypoint, error) { return export.Entrypoint{}, broken }})
		}
		for _, entry := range entries {
			add(entry, c)
		}
	}
	return jobs, nil
}

// exportEntrypoint returns the chosen environments of a file of a project.
func exportEntrypoint(ctx context.Context, s *workspace.State, project string, file render.File) export.Entrypoint {
	return export.Entrypoint{Environments: len(file.Chosen), Renderer: func(first bool) export.Render {
		own := file
		if !first {
			own = file.Again(ctx)
		}
		return func(_ context.Context, n int, yield func(export.Environment) error) error {
			env := own.Chosen[n]
			objects, err := s.Objects(env)
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
				File: s.Path(env.Entry.Entrypoint), Template: template, Objects: objects,
			})
		}
	}}
}
