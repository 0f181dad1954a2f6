package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/cmd/mop/internal/option"
	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/compare"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/patch"
	"github.com/mop-platform/mop/internal/stream"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

type diffOptions struct {
	jsonnet   jsonnetFlags
	objects   objectFlags
	from, to  string
	mergeBase bool
	recursive bool
	// namespaces are pairs A=B.
	namespaces  []string
	output      string
	summarize   bool
	names       bool
	colour      string
	showSecrets bool
	exitZero    bool
}

func newDiffCommand(a *app) *cobra.Command {
	var o diffOptions
	cmd := command("diff PATH [PATH]", "Show how the objects of two renderings differ", "diff", nil, func(cmd *cobra.Command, args []string) error {
		return runDiff(cmd.Context(), a, args, o)
	})
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, text string) ([]string, cobra.ShellCompDirective) {
		if len(args) == 1 && o.from == "" {
			args = nil
		}
		return a.completeEnvironment(cmd, args, text)
	}
	o.jsonnet.add(cmd.Flags())
	o.objects.add(cmd.Flags())
	flags := cmd.Flags()
	flags.StringVar(&o.from, "from", "", "compare with the revision `REV` of git, such as HEAD or origin/main")
	flags.StringVar(&o.to, "to", "", "compare --from with the revision `REV`, not with the work tree")
	flags.BoolVar(&o.mergeBase, "merge-base", false, "begin where the revision of --from and HEAD, or --to, have parted")
	flags.BoolVarP(&o.recursive, "recursive", "r", false, "compare all environments below PATH; --name is then the whole name")
	listVar(flags, &o.namespaces, "match-namespace", "", "take objects in the first one's namespace for ones in the second one's, `FIRST=SECOND`")
	flags.StringVarP(&o.output, "output", "o", "unified", "`FORMAT` of the output: unified or json")
	flags.BoolVarP(&o.summarize, "summarize", "s", false, "print a line for each object")
	flags.BoolVar(&o.names, "list-modified-envs", false, "print only the names of the environments that differ")
	flags.StringVar(&o.colour, "color", "auto", "colour the output: auto (on a terminal, unless NO_COLOR is set), always or never")
	flags.BoolVar(&o.showSecrets, "show-secrets", false, "show the values of Secrets")
	flags.BoolVarP(&o.exitZero, "exit-zero", "z", false, "exit with 0 also if there are differences")
	return cmd
}

// check refuses flags and arguments that do not go together.
func (o diffOptions) check(args []string) error {
	revisions := o.from != ""
	switch {
	case o.output != "unified" && o.output != "json":
		return wrongCall(fmt.Sprintf("--output: want unified or json, got %q", o.output), "")
	case o.colour != "auto" && o.colour != "always" && o.colour != "never":
		return wrongCall(fmt.Sprintf("--color: want auto, always or never, got %q", o.colour), "")
	case o.summarize && o.output == "json", o.names && (o.summarize || o.output == "json"):
		return wrongCall("diff: --summarize, --list-modified-envs and --output json exclude each other", "")
	case !revisions && (o.to != "" || o.mergeBase || o.recursive || o.names):
		return wrongCall("diff: --to, --merge-base, --recursive and --list-modified-envs go with --from", "for example: mop diff --from HEAD -r environments")
	case revisions && len(args) != 1:
		return wrongCall(fmt.Sprintf("diff: with --from want one path, got %d arguments", len(args)), "for example: mop diff --from HEAD environments/dev")
	case revisions && len(o.namespaces) > 0:
		return wrongCall("diff: --match-namespace goes with two arguments", "")
	case !revisions && len(args) != 2:
		return wrongCall(
			fmt.Sprintf("diff: want --from and a path, or two environments or directories, got %d arguments", len(args)),
			"for example: mop diff --from HEAD environments/dev")

	case !revisions && o.objects.name != "":
		return wrongCall("diff: --name goes with --from", "name an inline environment behind a colon, as in environments/clusters:eu-west")
	}
	return nil
}

func runDiff(ctx context.Context, a *app, args []string, o diffOptions) error {
	if err := o.check(args); err != nil {
		return err
	}
	w, err := a.workspace(&o.jsonnet, &o.objects)
	if err != nil {
		return err
	}
	var found compare.Result
	if o.from != "" {
		found, err = a.diffRevisions(ctx, w, args[0], o)
	} else {
		found, err = a.diffPair(ctx, w, args, o)
	}
	// A fault of one environment does not hide the others.
	if _, ok := diag.From(err); err != nil && !ok {
		return err
	}
	if failed := a.writeDiff(ctx, found, o); failed != nil {
		return failed
	}
	if err == nil && len(found.Differing) > 0 && !o.exitZero {
		return errFindings
	}
	return err
}

func (a *app) diffRevisions(ctx context.Context, w *workspace.Workspace, arg string, o diffOptions) (compare.Result, error) {
	arg, name := w.CutName(arg)
	name, err := o.objects.named(name)
	if err != nil {
		return compare.Result{}, err
	}
	found, err := compare.Revisions{
		From: o.from, To: o.to, MergeBase: o.mergeBase, Name: name, Below: o.recursive,
		AtWork: func() (func(int, int), func()) { return a.atWork("environments") },
	}.Compare(ctx, w, arg)
	a.warn(found.Warnings)
	return found, err
}

func (a *app) diffPair(ctx context.Context, w *workspace.Workspace, args []string, o diffOptions) (compare.Result, error) {
	matches, err := option.Pairs("--match-namespace", o.namespaces)
	if err != nil {
		return compare.Result{}, err
	}
	return compare.Pair{
		Inputs: inputs.Inputs{Dir: a.dir}, Workspace: w, Targets: w.Targets(), Namespaces: matches,
		Environment: func(ctx context.Context, arg string) (batch.Environment, error) {
			return a.environmentIn(ctx, w, arg, &o.objects)
		},
	}.Compare(ctx, args[0], args[1])
}

// writeDiff writes the result to standard output in the format that o asks for.
func (a *app) writeDiff(ctx context.Context, found compare.Result, o diffOptions) error {
	options := compare.WriteOptions{Options: patch.Options{Colour: a.colour(o.colour), ShowSecrets: o.showSecrets}, Several: o.recursive}
	switch {
	case o.names:
		options.Format = compare.Names
	case o.output == "json":
		options.Format = compare.JSON
		return found.Write(ctx, a.product, options)
	case o.summarize:
		options.Format = compare.Summary
	}
	if options.Colour {
		return found.Write(ctx, a.coloured, options)
	}
	text := message.NewWriter(a.coloured, 0)
	defer text.Flush()
	return found.Write(ctx, text, options)
}

// colour reports whether to use colours (https://no-color.org).
func (a *app) colour(when string) bool {
	none, _ := a.lookupEnv("NO_COLOR")
	return when == "always" || when == "auto" && none == "" && stream.IsTerminal(a.rawStdout)
}
