package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/cmd/mop/internal/check"
	"github.com/mop-platform/mop/cmd/mop/internal/report"
	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/machine"
	"github.com/mop-platform/mop/internal/release"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/verdict"
	"github.com/mop-platform/mop/internal/version"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/validate"
)

type validateOptions struct {
	jsonnet  jsonnetFlags
	objects  objectFlags
	selector string
	files    []string
	versions []string
	// versioned says that the flag of versions is given, perhaps with none.
	versioned bool
	crds      []string
	external  []string
	// references is lenient or strict.
	references string
	// ignoreUnknown and strict change which results are findings.
	ignoreUnknown, strict bool
	output                string
	// exact asks API servers too. These admit privileged containers if allowPrivileged is
	// set.
	exact, allowPrivileged bool
	// listRules lists the rules and checks nothing.
	listRules bool
}

func newValidateCommand(a *app) *cobra.Command {
	var o validateOptions
	cmd := command("validate [PATH]...", "Check Kubernetes objects as the API server would", "validate", nil, func(cmd *cobra.Command, args []string) error {
		o.versioned = cmd.Flags().Changed("kubernetes-version")
		if cmd.Flags().Changed("allow-privileged") && !o.exact {
			return wrongCall("--allow-privileged: want --exact with it", "without --exact privileged containers are admitted")
		}
		if o.listRules {
			return listRules(a, args, o)
		}
		return runValidate(cmd.Context(), a, cmd.InOrStdin(), args, o)
	})
	cmd.ValidArgsFunction = a.completeEnvironment
	o.jsonnet.add(cmd.Flags())
	o.objects.add(cmd.Flags())
	flags := cmd.Flags()
	flags.StringVarP(&o.selector, "selector", "l", "", "check only environments whose labels `SELECT`, as kubectl does: a=b,c!=d,e in (f,g)")
	listVar(flags, &o.files, "filename", "f", "check the objects of `FILE|DIR|-` in YAML or JSON, - is standard input (can be given several times)")
	separatedVar(flags, &o.versions, "kubernetes-version", "", nil, "minor `VERSION` of Kubernetes to check against, or several")
	listVar(flags, &o.crds, "crd", "", "`FILE|DIR|-` with CustomResourceDefinitions, - is standard input (can be given several times)")
	listVar(flags, &o.external, "external", "", "`KIND/[NAMESPACE/]NAME` of objects that are there without being checked; * stands for any characters (can be given several times)")
	flags.StringVar(&o.references, "references", lenient, "`MODE` of the warnings of references: lenient, not of those to what operators may make, or strict, of all")
	flags.BoolVar(&o.ignoreUnknown, "ignore-unknown-kinds", false, "pass over objects of kinds that are not known")
	flags.BoolVar(&o.exact, "exact", false, "ask the API server's own code too, a program that \"make apiserver\" builds")
	flags.BoolVar(&o.allowPrivileged, "allow-privileged", true, "with --exact: admit privileged containers, as kubeadm has it; =false refuses them, as kube-apiserver does by itself")
	flags.BoolVar(&o.strict, "warnings-as-errors", false, "take warnings for errors")
	flags.BoolVar(&o.listRules, "list-rules", false, "list the rules that findings are of, as text or json, and check nothing")
	flags.StringVarP(&o.output, "output", "o", "text", "`FORMAT` of the output: "+strings.Join(report.Formats(), ", "))
	return cmd
}

// The values of --references.
const lenient, strict = "lenient", "strict"

func runValidate(ctx context.Context, a *app, stdin io.Reader, paths []string, o validateOptions) error {
	selector, err := o.check()
	if err != nil {
		return err
	}
	w, err := a.workspace(&o.jsonnet, &o.objects)
	if err != nil {
		return err
	}
	var minors []schema.Minor
	for _, version := range o.versions {
		minor, err := schema.MinorOf("--kubernetes-version", version)
		if err != nil {
			return err
		}
		minors = append(minors, minor)
	}
	slices.Sort(minors)
	if len(paths) == 0 && len(o.files) == 0 {
		paths = []string{"."}
	}
	in := inputs.Inputs{Dir: a.dir, Stdin: stdin}
	definitions, found, err := in.Definitions(ctx, o.crds)
	if err != nil {
		return err
	}
	if err := found.Err(); err != nil {
		return err
	}
	options := check.Options{
		Inputs: in, Targets: w.Targets(), Definitions: definitions,
		Selection: batch.Selection{Name: o.objects.name, Whole: true, Count: batch.Any, Labels: selector},
		Minors:    slices.Compact(minors), External: o.external, StrictReferences: o.references == strict,
		One:   func(ctx context.Context, arg string) (batch.Asked, error) { return o.objects.asked(ctx, w, arg) },
		Adapt: machine.AdaptHeap,
	}
	if o.exact {
		self, _ := os.Executable()
		path, _ := a.lookupEnv("PATH")
		options.Servers = check.NewServers(ctx, verdict.Dirs(self, path), verdict.Options{Env: a.environ, AllowPrivileged: o.allowPrivileged})
		defer options.Servers.Close()
	}
	show, done := a.atWork("environments")
	options.Watch = show
	run := check.New(w, options)
	environments, err := run.Environments(ctx, paths)
	done()
	if err != nil {
		return err
	}
	if err := a.tellSelected(environments, paths, o); err != nil {
		return err
	}
	out := a.newReport(o, run.Versions(environments.Records, len(o.files) > 0))
	if err := out.Environments(environments.Records); err != nil {
		return err
	}
	if err := run.Files(ctx, environments.Project, o.files, out); err != nil {
		// Findings that were written stay.
		return errors.Join(err, out.Flush())
	}
	failed, err := out.Close()
	if err != nil {
		return err
	}
	if o.output == "text" {
		fmt.Fprint(a.stderr, out.Summary())
	}
	if failed {
		return errFindings
	}
	return nil
}

// tellSelected writes the warnings of environments, and says if there are no records.
func (a *app) tellSelected(e check.Environments, paths []string, o validateOptions) error {
	a.warn(e.Warnings)
	switch {
	case len(e.Records) > 0 || len(paths) == 0:
	case e.Selected:
		if len(o.objects.targets) > 0 {
			a.note("no object matches --target")
		}
	case o.objects.name != "":
		return diag.Diagnostic{Subject: strings.Join(paths, " "), Problem: fmt.Sprintf("no environment is called %q", o.objects.name)}
	default:
		a.note("no environment is selected")
	}
	return nil
}

// newReport returns an output for records about versions of Kubernetes.
func (a *app) newReport(o validateOptions, minors []schema.Minor) *report.Output {
	r := report.OutputOptions{
		Options: report.Options{Several: len(minors) > 1, Version: version.Read().Mop},
		Format:  o.output, Strict: o.strict, IgnoreUnknown: o.ignoreUnknown,
	}
	if o.output != "text" {
		return report.NewOutput(a.product, r)
	}
	r.Flush = a.flush
	return report.NewOutput(a.stdout, r)
}

// listRules prints the rules.
func listRules(a *app, paths []string, o validateOptions) error {
	if len(paths) > 0 || len(o.files) > 0 {
		return wrongCall(fmt.Sprintf("--list-rules: want no PATH and no -f with it, got %q", slices.Concat(paths, o.files)[0]), "")
	}
	switch o.output {
	case "text":
		return report.RuleTable(a.stdout, report.Declarations())
	case "json":
		return report.RuleJSON(a.product, report.Declarations())
	}
	return wrongCall(fmt.Sprintf("--output: want text or json with --list-rules, got %q", o.output), "")
}

// check checks the flags that no other code checks, and returns the selector.
func (o validateOptions) check() (func(map[string]string) bool, error) {
	if !slices.Contains(report.Formats(), o.output) {
		return nil, wrongCall(fmt.Sprintf("--output: want one of %s, got %q", strings.Join(report.Formats(), ", "), o.output), "")
	}
	if o.references != lenient && o.references != strict {
		return nil, wrongCall(fmt.Sprintf("--references: want %s or %s, got %q", lenient, strict, o.references), "")
	}
	if slices.Contains(o.files, "-") && slices.Contains(o.crds, "-") {
		return nil, wrongCall("-f - and --crd -: standard input can be read once", "")
	}
	if slices.Contains(slices.Concat(o.files, o.crds), "") {
		return nil, wrongCall(`-f and --crd: want a file, a directory or -, got ""`, "is a variable empty?")
	}
	if slices.Contains(o.versions, "") || o.versioned && len(o.versions) == 0 {
		return nil, wrongCall(fmt.Sprintf(`--kubernetes-version: want a version such as %s, got ""`, release.Default), "is a variable empty?")
	}
	if _, err := validate.New(validate.Config{External: o.external}); err != nil {
		return nil, wrongCall(fmt.Sprintf("--%v", err), "for example: --external 'Secret/shop/db-*'")
	}
	return parseSelector(o.selector)
}
