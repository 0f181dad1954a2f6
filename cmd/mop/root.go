package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func newRootCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:           "mop",
		Short:         "Jsonnet for Kubernetes",
		Long:          help("mop"),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          needCommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetOut(a.stdout)
	cmd.SetErr(a.stderr)
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return wrongCall(err.Error(), fmt.Sprintf(`run "%s --help" for the flags`, cmd.CommandPath()))
	})
	cmd.PersistentPreRunE = func(cmd *cobra.Command, _ []string) (err error) {
		if a.forbidden, err = a.programs.forbidden(a); err != nil {
			return err
		}
		ctx, err := a.begin(cmd.Context())
		cmd.SetContext(ctx)
		return err
	}
	addVersionFlag(cmd)
	a.budget.add(cmd.PersistentFlags())
	a.programs.add(cmd.PersistentFlags())
	cmd.PersistentFlags().Var(&a.level, "log-level", "write also what is of this `LEVEL` to standard error: error, warn, info or debug")
	cmd.AddCommand(newEvalCommand(a), newShowCommand(a), newExportCommand(a))
	cmd.AddCommand(newAffectedCommand(a), newDiffCommand(a))
	cmd.AddCommand(newExplainCommand(a), newTraceCommand(a))
	cmd.AddCommand(newFmtCommand(a), newLintCommand(a), newTestCommand(a), newValidateCommand(a))
	cmd.AddCommand(newCompletionCommand(a), newVersionCommand(a))
	cmd.AddCommand(newInitCommand(a), newEnvCommand(a), newStatusCommand(a), newToolCommand(a))
	cmd.AddCommand(newK8sCommand(a), newVendorCommand(a))
	return cmd
}

// command returns a command with the long help of a name.
func command(use, short, name string, args cobra.PositionalArgs, run func(*cobra.Command, []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Long: help(name), Args: args, RunE: run}
}

// newGroup returns a command that only groups others.
func newGroup(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  needCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(commands...)
	return cmd
}

// needCommand refuses arguments that are not the name of a command.
func needCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	_, parent, _ := strings.Cut(cmd.CommandPath(), " ")
	hint := fmt.Sprintf("run %q for the commands", strings.TrimSpace("mop help "+parent))
	switch args[0] {
	case "apply", "delete", "prune":
		// Tanka has these commands.
		hint = "mop does not talk to a cluster; for example: mop show PATH | kubectl apply --server-side -f -"
	}
	if s := cmd.SuggestionsFor(args[0]); len(s) > 0 {
		hint = fmt.Sprintf("did you mean %q?", s[0])
	}
	return wrongCall(fmt.Sprintf("unknown command %q", strings.TrimSpace(parent+" "+args[0])), hint)
}

// arguments accepts from least to most arguments. want describes them.
func arguments(least, most int, want, hint string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if least <= len(args) && len(args) <= most {
			return nil
		}
		return wrongCall(fmt.Sprintf("%s, got %d arguments", want, len(args)), hint)
	}
}

// onePath accepts exactly one argument, an environment.
func onePath(cmd *cobra.Command, args []string) error {
	if len(args) == 1 {
		return nil
	}
	_, name, _ := strings.Cut(cmd.CommandPath(), " ")
	return wrongCall(
		fmt.Sprintf("%s: want one environment, got %d arguments", name, len(args)),
		fmt.Sprintf("for example: %s environments/dev", cmd.CommandPath()))

}
