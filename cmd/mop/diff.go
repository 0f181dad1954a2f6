package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/diff"
	"github.com/mop-platform/mop/pkg/manifest"
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
	cmd := &cobra.Command{
		Use:   "diff PATH [PATH]",
		Short: "Show how the objects of two renderings differ",
		Long:  help("diff"),

		ValidArgsFunction: func(cmd *cobra.Command, args []string, text string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 && o.from == "" {
				args = nil
			}
			return a.completeEnvironment(cmd, args, text)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runDiff(cmd.Context(), a, args, o)
		},
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
		return usageError{fmt.Sprintf("--output: want unified or json, got %q", o.output), ""}
	case o.colour != "auto" && o.colour != "always" && o.colour != "never":
		return usageError{fmt.Sprintf("--color: want auto, always or never, got %q", o.colour), ""}
	case o.summarize && o.output == "json", o.names && (o.summarize || o.output == "json"):
		return usageError{"diff: --summarize, --list-modified-envs and --output json exclude each other", ""}
	case !revisions && (o.to != "" || o.mergeBase || o.recursive || o.names):
		return usageError{"diff: --to, --merge-base, --recursive and --list-modified-envs go with --from", "for example: mop diff --from HEAD -r environments"}
	case revisions && len(args) != 1:
		return usageError{fmt.Sprintf("diff: with --from want one path, got %d arguments", len(args)), "for example: mop diff --from HEAD environments/dev"}
	case revisions && len(o.namespaces) > 0:
		return usageError{"diff: --match-namespace goes with two arguments", ""}
	case !revisions && len(args) != 2:
		return usageError{
			fmt.Sprintf("diff: want --from and a path, or two environments or directories, got %d arguments", len(args)),
			"for example: mop diff --from HEAD environments/dev",
		}
	case !revisions && o.objects.name != "":
		return usageError{"diff: --name goes with --from", "name an inline environment behind a colon, as in environments/clusters:eu-west"}
	}
	return nil
}

func runDiff(ctx context.Context, a *app, args []string, o diffOptions) error {
	if err := o.check(args); err != nil {
		return err
	}
	var found comparisons
	var err error
	if o.from != "" {
		found, err = a.diffRevisions(ctx, args[0], o)
	} else {
		found, err = a.diffPair(ctx, args[0], args[1], o)
	}
	// What is wrong with one environment hides no others.
	if _, ok := diag.From(err); err != nil && !ok {
		return err
	}
	if failed := a.writeDiff(ctx, found, o); failed != nil {
		return failed
	}
	if err == nil && len(found.differing) > 0 && !o.exitZero {
		return errFindings
	}
	return err
}

// comparisons are what a command has found.
type comparisons struct {
	differing []comparison
	// rendered counts the environments that were rendered, equal ones included.
	rendered int
}

// comparison is two renderings that differ.
type comparison struct {
	// from and to are what the user calls the environments or directories, ""
	// where there is none.
	from, to string
	report   diff.Report
	// places are where the objects of files stand, before and now.
	places [2]map[manifest.ID]diag.Position
}

// placed adds the places of the object to an error of a budget.
func (c comparison) placed(err error) error {
	if stopped := (*diff.Interrupted)(nil); errors.As(err, &stopped) {
		for _, side := range slices.Backward(c.places[:]) {
			err = inputs.Placed(side[stopped.Object], err)
		}
	}
	return err
}

// begin is where the first object of a file stands that differs, nowhere where none
// does.
func (l comparisons) begin() diag.Position {
	for _, c := range l.differing {
		for _, change := range c.report.Changes {
			for side, object := range []*manifest.Object{change.From, change.To} {
				if object == nil {
					continue
				}
				if at, ok := c.places[side][object.ID()]; ok {
					return at
				}
			}
		}
	}
	return diag.Position{}
}

// title names the comparison.
func (c comparison) title() string {
	switch {
	case c.from == "":
		return c.to + " (added)"
	case c.to == "":
		return c.from + " (removed)"
	}
	return c.to
}

// add counts a comparison, and keeps it if it is one of different things.
func (l *comparisons) add(c comparison) {
	l.rendered++
	if len(c.report.Changes) > 0 || c.from == "" || c.to == "" {
		l.differing = append(l.differing, c)
	}
}

// namespaceMatches parses the pairs of --match-namespace.
func (o diffOptions) namespaceMatches() (map[string]string, error) {
	matches := map[string]string{}
	for _, arg := range o.namespaces {
		first, second, ok := strings.Cut(arg, "=")
		if !ok || first == "" || second == "" {
			return nil, usageError{fmt.Sprintf("--match-namespace: want FIRST=SECOND, got %q", arg), ""}
		}
		matches[first] = second
	}
	return matches, nil
}
