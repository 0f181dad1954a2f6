package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/mop-platform/mop/internal/stream"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/spf13/cobra"
)

func newEnvRemoveCommand(a *app) *cobra.Command {
	var yes bool
	cmd := command("remove PATH", "Remove an environment's directory", "env_remove", onePath, func(cmd *cobra.Command, args []string) error {
		return runEnvRemove(cmd.Context(), a, cmd.InOrStdin(), args[0], yes)
	})
	cmd.Aliases = []string{"rm"}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

func runEnvRemove(ctx context.Context, a *app, stdin io.Reader, path string, yes bool) error {
	s, dir, err := workspace.New(a.settings()).Around(path)
	if err != nil {
		return err
	}
	err = s.Project.Remove(ctx, dir, func() error {
		if yes {
			return nil
		}
		return a.confirm(stdin, "remove "+filepath.FromSlash(s.Path(dir))+" and all that is in it for good")
	})
	if err == nil {
		fmt.Fprintf(a.stderr, "mop: removed %s\n", cell(dir))
	}
	return s.LocatedErr(err)
}

// longestAnswer is the most that is read of an answer, in bytes.
const longestAnswer = 1 << 10

// confirm asks a question on the terminal. The error says that the answer was not yes, or
// that there is no terminal to ask on.
func (a *app) confirm(stdin io.Reader, question string) error {
	if !stream.IsTerminal(stdin) {
		return wrongCall("standard input is no terminal on which to ask: "+question+"?", "give --yes")
	}
	fmt.Fprintf(a.stderr, "%s? type yes: ", cell(question))
	answer, err := bufio.NewReader(io.LimitReader(stdin, longestAnswer)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("standard input: %w", err)
	}
	if strings.TrimSpace(answer) != "yes" {
		return wrongCall("nothing removed: the answer was not yes", "")
	}
	return nil
}
