// Package vendored checks that the packages in a project's vendor directory are those that
// it declares, locks and imports.
package vendored

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// Report is the result of checking a vendor directory.
type Report struct {
	// Rows are its contents and missing packages: packages first, then the rest.
	Rows []Row
	// Faults are the faults of the vendor directory. Broken are those of files that cannot
	// be parsed, and so may import more. Both name files of the project.
	Faults, Broken diag.List
}

// Row is a package, or something in its place. Note is a remark, "" for none.
type Row struct{ State, Name, Note string }

// Check compares the directory vendor of p with the packages of b, and with the imports of
// all Jsonnet files of p. It evaluates nothing. It tells watch, if not nil, how many files
// it has read.
//
// The error says why it could not compare.
func Check(ctx context.Context, b *bundler.Bundler, p *project.Project, vendor string, watch func(done, of int)) (Report, error) {
	found, err := b.Check(ctx)
	if err != nil {
		return Report{}, err
	}
	use, broken, err := imported(ctx, p, watch)
	if err != nil {
		return Report{}, err
	}
	r := Report{Broken: broken}
	for _, pkg := range found.Packages {
		if err := budget.Of(ctx).Err(); err != nil {
			return Report{}, err
		}
		r.Rows = append(r.Rows, Row{string(pkg.State), pkg.Name, use.note(pkg, vendor)})
		r.Faults = append(r.Faults, stateFault(pkg)...)
		if pkg.State == bundler.Linked {
			r.Faults = append(r.Faults, Closed(ctx, p, vendor, pkg.Name, diag.Error)...)
		}
	}
	for _, name := range found.Generated {
		r.Rows = append(r.Rows, Row{string(bundler.Generated), name, "of no package"})
	}
	for _, name := range found.Others {
		r.Rows = append(r.Rows, Row{"unknown", name, "of no package"})
	}
	unresolved, err := use.faults(ctx, found.Packages)
	r.Faults = append(r.Faults, unresolved...)
	return r, err
}

// Closed returns diagnostics for a local package in the directory vendor if p may not read
// its files.
func Closed(ctx context.Context, p *project.Project, vendor, name string, severity diag.Severity) diag.List {
	_, err := p.Stat(ctx, path.Join(vendor, name))
	var pe *fs.PathError
	if !errors.Is(err, project.ErrOutside) || !errors.As(err, &pe) {
		return nil
	}
	return diag.List{{
		Severity: severity, Code: failure.ClosedPackage,
		Subject: name, Problem: "the local package is not read: " + pe.Err.Error(),
	}}
}

// stateFault returns the fault of the files in the place of a package.
func stateFault(p bundler.Package) diag.List {
	switch p.State {
	case bundler.Changed:
		d := diag.Diagnostic{
			Code: failure.ChangedPackage, Values: map[string]any{"name": p.Name},
			Subject: p.Name, Problem: "changed: not what " + bundler.LockFile + " has the sum of",
		}
		if p.Version == "" {
			d.Problem, d.Values = "changed: not a link to "+p.Remote, nil
		}
		return diag.List{d}
	case bundler.Unlocked:
		return diag.List{{
			Code:    failure.UnlockedPackage,
			Subject: p.Name, Problem: "unlocked: " + bundler.LockFile + " has no sum for it",
		}}
	}
	return nil
}
