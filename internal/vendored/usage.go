package vendored

import (
	"context"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/pool"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
)

// usage has the imports of the Jsonnet files of a project.
type usage struct {
	// files are names in the project.
	files      map[string]bool
	unresolved []eval.Unresolved
}

// imported returns the imports of all Jsonnet files of a project, and of the files of
// packages that these import. broken are the faults of files that cannot be parsed.
func imported(ctx context.Context, p *project.Project, watch func(done, of int)) (use usage, broken diag.List, err error) {
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
	r := render.New(p, render.Options{}).Freeze()
	results, faults := make([]eval.Result, len(names)), make([]error, len(names))
	pool.Each(runtime.GOMAXPROCS(0), len(names), func(i int) {
		entry := project.Environment{Dir: base(path.Dir(names[i]), bases), Entrypoint: names[i]}
		results[i], faults[i] = r.Imports(ctx, entry)
	}, watch)
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

// base returns the directory of the environment around a directory, or the directory
// itself. Imports are searched from there.
func base(dir string, bases map[string]bool) string {
	for d := dir; d != "." && d != "/"; d = path.Dir(d) {
		if bases[d] {
			return d
		}
	}
	return dir
}

// note returns a remark about a package, "" for none.
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

// provides reports whether a package provides the path of an import.
func provides(p bundler.Package, importPath string) bool {
	return strings.HasPrefix(importPath, p.Name+"/") || p.Legacy != "" && strings.HasPrefix(importPath, p.Legacy+"/")
}

// faults returns the imports that lead to no file. The error is that of the budget of ctx.
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
		if i.Code == failure.NoImport {
			d.Problem += ", and no package provides it"
		} else {
			d.Code, d.Values = i.Code, i.Values
		}
		n := slices.IndexFunc(packages, func(p bundler.Package) bool { return provides(p, i.Path) })
		switch {
		case n >= 0 && packages[n].State == bundler.Missing:
			d.Problem = "the package " + packages[n].Name + " is missing"
			d.Code, d.Values = failure.MissingPackage, nil
		case n >= 0 && i.Code == failure.NoImport:
			d.Problem = "the package " + packages[n].Name + " has no such file"
		}
		if f := (fault{d.At, d.Subject}); !seen[f] {
			seen[f] = true
			found = append(found, d)
		}
	}
	return found.Sorted(), nil
}
