package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/internal/stream"
	"github.com/mop-platform/mop/internal/vendored"
)

func newVendorCheckCommand(a *app) *cobra.Command {
	var f vendorFlags
	cmd := command("check", "Compare what is installed with the lock file and the imports", "vendor_check", noArguments,
		func(cmd *cobra.Command, _ []string) error { return runVendorCheck(cmd.Context(), a, f) })
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
	if _, err := a.stdout.Write(stream.Columns(rows)); err != nil {
		return err
	}
	return a.writeFindings(s.Located(report.Faults), s.Located(report.Broken))
}
