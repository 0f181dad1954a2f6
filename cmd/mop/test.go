package main

import (
	"context"
	"fmt"
	"regexp"

	"github.com/mop-platform/mop/internal/suite"
	"github.com/spf13/cobra"
)

type testOptions struct {
	// jsonnet has no flags for top-level arguments.
	jsonnet         jsonnetFlags
	run             string
	update, verbose bool
}

func newTestCommand(a *app) *cobra.Command {
	var o testOptions
	cmd := command("test [FILE|DIR]...", "Run unit tests written in Jsonnet", "test", nil,
		func(cmd *cobra.Command, args []string) error { return runTest(cmd.Context(), a, args, o) })
	addImportDirs(cmd.Flags(), &o.jsonnet.importDirs)
	o.jsonnet.interpreter.add(cmd.Flags())
	addValues(cmd.Flags(), &o.jsonnet.ext, "ext", "V", "external variable")
	cmd.Flags().StringVar(&o.run, "run", "", "run only the cases whose file/group/case, from the project's root, matches `REGEX`")
	cmd.Flags().BoolVar(&o.update, "update", false, "write golden files instead of comparing with them")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "print the cases that passed, too")
	return cmd
}

func runTest(ctx context.Context, a *app, args []string, o testOptions) error {
	run, err := regexp.Compile(o.run)
	if err != nil {
		return wrongCall(fmt.Sprintf("--run: %q is no regular expression: %v", o.run, err), "")
	}
	w, err := a.workspace(&o.jsonnet, nil)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	results, err := suite.Run(ctx, w, args, suite.Options{Run: run, Update: o.update, Parallel: a.inParallel})
	if err != nil {
		return err
	}
	report, err := results.Report(o.verbose)
	if err != nil {
		return err
	}
	if report.Passed+report.Failed == 0 && report.Broken.Err() == nil {
		return wrongCall(fmt.Sprintf("--run: no case matches %q", o.run), "")
	}
	if _, err := fmt.Fprintf(a.stdout, "%s%d passed, %d failed\n", report.Text, report.Passed, report.Failed); err != nil {
		return err
	}
	switch {
	case report.Broken.Err() != nil:
		return report.Broken.Err()
	case report.Failed > 0:
		return errFindings
	}
	return nil
}
