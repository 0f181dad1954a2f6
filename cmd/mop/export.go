package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/cmd/mop/internal/option"
	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/export"
	"github.com/mop-platform/mop/internal/heap"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
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

// ignoredFlags are flags of Tanka that have no effect in mop, or are deprecated in Tanka.
type ignoredFlags struct {
	cachePath string
	cacheEnvs []string
	ballast   int
	// merge is the old spelling of a merge strategy.
	merge bool
}

func newExportCommand(a *app) *cobra.Command {
	var o exportOptions
	cmd := command("export DIR PATH...", "Write the objects of environments into a directory", "export", arguments(2, math.MaxInt, "export: want a directory and at least one environment", "for example: mop export out environments/dev"),
		func(cmd *cobra.Command, args []string) error {
			return runExport(cmd.Context(), a, args[0], args[1:], o)
		})
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
		return wrongCall(`export: want a directory, got ""`, "is a variable empty?")
	}
	o.run.Extension = strings.TrimPrefix(o.run.Extension, ".")
	if o.ignored.merge && o.strategy == "" {
		a.note("--merge is deprecated; use --merge-strategy %s", export.FailOnConflicts)
		o.strategy = string(export.FailOnConflicts)
	}
	switch o.run.MergeStrategy = export.MergeStrategy(o.strategy); o.run.MergeStrategy {
	case export.RequireEmpty, export.FailOnConflicts, export.ReplaceEnvs:
	default:
		return wrongCall(fmt.Sprintf("--merge-strategy: want fail-on-conflicts or replace-envs, got %q", o.strategy), "")
	}
	if o.ignored.cachePath != "" || len(o.ignored.cacheEnvs) > 0 || o.ignored.ballast > 0 {
		a.note("nothing is cached between runs and no ballast is needed; those flags have no effect")
	}
	plan, err := a.exportPlan(ctx, paths, o)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(a.abs(dir), a.dir); err == nil && filepath.IsLocal(rel) {
		o.run.InPlace = true
	}
	o.run.WorkingDir = a.dir
	o.run.Write = func(w io.Writer, object manifest.Object) error {
		return option.Compat(o.objects.render.LikeTanka).WriteYAML(ctx, w, []manifest.Object{object})
	}
	show, done := a.atWork("environments")
	o.run.Progress = show
	res, err := plan.Export(ctx, dir, o.run, func() { heap.Grow(sharedGCPercent) })
	done()
	a.warn(res.Warnings)
	if err == nil && res.Environments == 0 {
		a.note("no environment is selected, so nothing was exported")
	}
	return err
}

// exportPlan returns the plan for the environments that paths and flags ask for.
func (a *app) exportPlan(ctx context.Context, paths []string, o exportOptions) (p batch.Plan, err error) {
	selected, err := parseSelector(o.selector)
	if err != nil {
		return p, err
	}
	w, err := a.workspace(&o.jsonnet, &o.objects)
	if err != nil {
		return p, err
	}
	for _, path := range paths {
		if o.recursive {
			if _, _, err := p.Below(ctx, w, path, batch.Selection{Name: o.objects.name, Whole: true, Count: batch.Any, Labels: selected}); err != nil {
				return p, err
			}
			continue
		}
		asked, err := o.objects.asked(ctx, w, path)
		if err != nil {
			return p, err
		}
		asked.Selection.Labels = selected
		p.Add(asked.Entry, asked.Selection)
	}
	return p, nil
}

// collected are warnings of concurrent jobs. It is safe for concurrent use.
type collected struct {
	mu   sync.Mutex
	list diag.List
}

func (c *collected) add(l diag.List) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, l...)
}
