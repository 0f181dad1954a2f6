package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/internal/workspace"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:       "completion " + strings.Join(shells, "|"),
		Short:     "Print a script for a shell's completion",
		Long:      help("completion"),
		ValidArgs: shells,
		Args:      arguments(1, 1, "completion: want one of "+strings.Join(shells, ", "), ""),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.product, true)
			case "zsh":
				return root.GenZshCompletion(a.product)
			case "fish":
				return root.GenFishCompletion(a.product, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.product)
			}
			hint := spelling.Suggest(args[0], shells)
			if hint != "" {
				hint = fmt.Sprintf("did you mean %q?", hint)
			}
			return wrongCall(fmt.Sprintf("completion: want one of %s, got %q", strings.Join(shells, ", "), args[0]), hint)
		},
	}
}

// completeEnvironment completes the one argument of a command that takes an environment. It
// returns the directories of environments in the project around the working directory that
// begin with text, or their parts from the first path element on at which text matches. If
// there are none, the shell completes files.
func (a *app) completeEnvironment(cmd *cobra.Command, args []string, text string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	s, err := workspace.New(a.settings()).State(".")
	if err != nil {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return s.Begin(cmd.Context(), text), cobra.ShellCompDirectiveDefault
}
