package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/vendored"
	"github.com/mop-platform/mop/pkg/bundler"
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
	b, s, err := a.bundler(f, bundler.Options{})
	if err != nil {
		return err
	}
	vendor := f.name(s)
	if s, err = a.installed(f); err != nil {
		return err
	}
	bar := a.progress("files")
	report, err := vendored.Check(ctx, b, s.Project, vendor, bar.Show)
	bar.Done()
	if err != nil {
		return s.LocatedErr(err)
	}
	var rows [][]string
	for _, r := range report.Rows {
		rows = append(rows, []string{r.State, r.Name, r.Note})
	}
	if _, err := a.stdout.Write(columns(rows)); err != nil {
		return err
	}
	return a.writeFindings(s.Located(report.Faults), s.Located(report.Broken))
}
