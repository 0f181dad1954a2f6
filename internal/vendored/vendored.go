// Package vendored tells whether the packages in a project's vendor directory are those
// that it declares, locks and imports.
package vendored

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/bundler"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/project"
)

// Report is what there is to say of a vendor directory.
type Report struct {
	// Rows are what is in it and what is missing: packages, then the rest.
	Rows []Row
	// Faults are what is wrong; Broken are files that cannot be parsed, and so may
	// import more. Both name files of the project.
	Faults, Broken diag.List
}

// Row is a package, or something in its place. Note is "" where there is nothing to
// add.
type Row struct{ State, Name, Note string }

// Check compares what is in the directory of p that is called vendor with what b
// knows of it, and with the imports of all Jsonnet files of p. It evaluates nothing.
// watch, if not nil, is told how many files have been read.
//
// The error tells why nothing could be compared.
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
			r.Faults = append(r.Faults, Closed(p, vendor, pkg.Name, diag.Error)...)
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

// Closed returns what is to be said of a local package in the directory vendor whose
// files are not read, because they lie outside of what p may read.
func Closed(p *project.Project, vendor, name string, severity diag.Severity) diag.List {
	_, err := p.Stat(path.Join(vendor, name))
	var pe *fs.PathError
	if !errors.Is(err, project.ErrOutside) || !errors.As(err, &pe) {
		return nil
	}
	return diag.List{{
		Severity: severity, Kind: diag.ClosedPackage,
		Subject: name, Problem: "the local package is not read: " + pe.Err.Error(),
	}}
}

// stateFault returns what is wrong with what is in the place of a package.
func stateFault(p bundler.Package) diag.List {
	switch p.State {
	case bundler.Changed:
		d := diag.Diagnostic{
			Kind: diag.ChangedPackage, Values: diag.Values{"name": p.Name},
			Subject: p.Name, Problem: "changed: not what " + bundler.LockFile + " has the sum of",
		}
		if p.Version == "" {
			d.Problem, d.Values = "changed: not a link to "+p.Remote, nil
		}
		return diag.List{d}
	case bundler.Unlocked:
		return diag.List{{
			Kind:    diag.UnlockedPackage,
			Subject: p.Name, Problem: "unlocked: " + bundler.LockFile + " has no sum for it",
		}}
	}
	return nil
}
