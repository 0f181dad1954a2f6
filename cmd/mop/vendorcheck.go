package main

import (
	"context"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/bundler"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/render"
)

const vendorCheckDoc = `Check compares the vendor directory with jsonnetfile.json and its lock file, and
with the imports of all Jsonnet files of the project. It needs no network, and
evaluates nothing. For each package it prints what is in its place:

  installed  the package, with the sum of the lock file
  generated  the library that this mop generates for the package's version of
             Kubernetes, byte for byte
  linked     a link to the directory of a local package
  missing    nothing
  changed    something else than what the lock file has a sum of
  unlocked   something of which the lock file has no sum
  unknown    a directory of no package, which an installation removes

and which packages nothing imports. Then it prints what is wrong.

Exit status: 0 nothing is wrong, 1 something is: a package is changed or unlocked,
or an import leads to no file, because a package is missing or none provides it;
or a link leads to what may not be read; 2 it could not be told. A missing package
that nothing imports is no fault.

Examples:
  mop vendor check`

func newVendorCheckCommand(a *app) *cobra.Command {
	var f vendorFlags
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Compare what is installed with the lock file and the imports",
		Long:  vendorCheckDoc,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runVendorCheck(cmd.Context(), a, f)
		},
	}
	f.add(cmd.Flags())
	return cmd
}

func runVendorCheck(ctx context.Context, a *app, f vendorFlags) error {
	b, err := a.bundler(f, bundler.Options{})
	if err != nil {
		return err
	}
	report, err := b.Check(ctx)
	if err != nil {
		return err
	}
	p, err := project.Find(a.dir, a.projectOptions(f.importDirs()))
	if err != nil {
		return err
	}
	use, broken, err := a.imported(ctx, p)
	if err != nil {
		return err
	}
	rows := [][]string{}
	var found diag.List
	for _, pkg := range report.Packages {
		if err := budget.Of(ctx).Err(); err != nil {
			return err
		}
		row := []string{string(pkg.State), pkg.Name}
		if note := use.note(pkg, a.vendorDir(f)); note != "" {
			row = append(row, note)
		}
		rows = append(rows, row)
		found = append(found, stateFault(pkg)...)
		if pkg.State == bundler.Linked {
			found = append(found, closed(p, a.vendorDir(f), pkg.Name, diag.Error)...)
		}
	}
	for _, name := range report.Generated {
		rows = append(rows, []string{string(bundler.Generated), name, "of no package"})
	}
	for _, name := range report.Others {
		rows = append(rows, []string{"unknown", name, "of no package"})
	}
	faults, err := use.faults(ctx, report.Packages)
	if err != nil {
		return err
	}
	found = append(found, faults...)
	if _, err := a.stdout.Write(columns(rows)); err != nil {
		return err
	}
	return a.writeFindings(found, broken)
}

// stateFault returns what is wrong with what is in the place of a package.
func stateFault(p bundler.Package) diag.List {
	switch p.State {
	case bundler.Changed:
		d := diag.Diagnostic{
			Subject: p.Name, Problem: "changed: not what " + bundler.LockFile + " has the sum of",
			Hints: []string{"to have what is locked: mop vendor install", "to have the newest: mop vendor update " + p.Name},
		}
		if p.Version == "" {
			d.Problem, d.Hints = "changed: not a link to "+p.Remote, d.Hints[:1]
		}
		return diag.List{d}
	case bundler.Unlocked:
		return diag.List{{
			Subject: p.Name, Problem: "unlocked: " + bundler.LockFile + " has no sum for it",
			Hints: []string{"to have it as it is upstream, and locked: mop vendor install"},
		}}
	}
	return nil
}

// usage is what the Jsonnet files of a project import.
type usage struct {
	// files are names in the project.
	files      map[string]bool
	unresolved []eval.Unresolved
}

// imported returns what all Jsonnet files of a project import, those of packages
// only where they are imported. broken is what cannot be parsed.
func (a *app) imported(ctx context.Context, p *project.Project) (use usage, broken diag.List, err error) {
	var names []string
	for _, pattern := range []string{"*.jsonnet", "*.libsonnet"} {
		some, err := p.Files(ctx, ".", pattern)
		if err != nil {
			return use, nil, err
		}
		names = append(names, some...)
	}
	bases := map[string]bool{}
	for _, name := range names {
		bases[path.Dir(name)] = bases[path.Dir(name)] || path.Base(name) == project.Entrypoint
	}
	r := render.New(p, render.Options{})
	results, faults := make([]eval.Result, len(names)), make([]error, len(names))
	a.inParallel("files", runtime.GOMAXPROCS(0), len(names), func(i int) {
		entry := project.Environment{Dir: base(path.Dir(names[i]), bases), Entrypoint: names[i]}
		results[i], faults[i] = r.Imports(ctx, entry)
	})
	use.files = map[string]bool{}
	own := map[string]bool{}
	for _, name := range names {
		own[name] = true
	}
	for i, result := range results {
		l, ok := diag.From(faults[i])
		if faults[i] != nil && !ok {
			return use, nil, faults[i]
		}
		broken = append(broken, l...)
		for _, name := range result.Files {
			if own[name] {
				continue // it is an entry itself
			}
			use.files[name], use.files[p.Resolved(name)] = true, true
		}
		use.unresolved = append(use.unresolved, result.Unresolved...)
	}
	return use, broken, nil
}

// base returns the directory of the environment that a directory is in, or the
// directory itself: imports are searched from there.
func base(dir string, bases map[string]bool) string {
	for d := dir; d != "." && d != "/"; d = path.Dir(d) {
		if bases[d] {
			return d
		}
	}
	return dir
}

// note is what to say of a package beside its state.
func (u usage) note(p bundler.Package, vendor string) string {
	var notes []string
	if len(p.NeededBy) == 0 {
		notes = append(notes, "nothing declares it")
	}
	if !u.uses(p, vendor) {
		notes = append(notes, "nothing imports it")
	}
	return strings.Join(notes, ", ")
}

func (u usage) uses(p bundler.Package, vendor string) bool {
	for name := range u.files {
		if strings.HasPrefix(name, path.Join(vendor, p.Name)+"/") {
			return true
		}
	}
	return slices.ContainsFunc(u.unresolved, func(i eval.Unresolved) bool { return provides(p, i.Path) })
}

// provides reports whether a package is what an import is searched in.
func provides(p bundler.Package, importPath string) bool {
	return strings.HasPrefix(importPath, p.Name+"/") || p.Legacy != "" && strings.HasPrefix(importPath, p.Legacy+"/")
}

// faults returns the imports that lead to no file. The error is the end of the
// budget of ctx.
func (u usage) faults(ctx context.Context, packages []bundler.Package) (diag.List, error) {
	type fault struct {
		at      diag.Position
		subject string
	}
	var found diag.List
	seen := map[fault]bool{}
	meter := budget.Of(ctx).Meter()
	for _, i := range u.unresolved {
		if err := meter.Work(len(packages)); err != nil {
			return nil, err
		}
		d := diag.Diagnostic{At: i.At, Subject: fmt.Sprintf("import %q", i.Path), Problem: i.Problem}
		if i.Problem == "no such file" {
			d.Problem += ", and no package provides it"
		} else {
			d.Hints = i.Hints
		}
		n := slices.IndexFunc(packages, func(p bundler.Package) bool { return provides(p, i.Path) })
		switch {
		case n >= 0 && packages[n].State == bundler.Missing:
			d.Problem = "the package " + packages[n].Name + " is missing"
			d.Hints = []string{"run mop vendor install"}
		case n >= 0 && i.Problem == "no such file":
			d.Problem = "the package " + packages[n].Name + " has no such file"
		}
		if f := (fault{d.At, d.Subject}); !seen[f] {
			seen[f] = true
			found = append(found, d)
		}
	}
	return found.Sorted(), nil
}
