package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/machine"
	"github.com/mop-platform/mop/internal/version"
)

func newVersionCommand(a *app) *cobra.Command {
	var output string
	var verbose bool
	cmd := command("version", "Print the versions of mop and of what is in it", "version", noArguments, func(*cobra.Command, []string) error {
		return runVersion(a, output, verbose)
	})
	cmd.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT` of the output: text or json")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "print also how much memory a command may hold")
	return cmd
}

func runVersion(a *app, output string, verbose bool) error {
	v := version.Read()
	if verbose {
		left := machine.Left()
		v.Memory = &version.Memory{Limit: left.Half(), By: left.String()}
	}
	switch output {
	case "text":
		_, err := io.WriteString(a.stdout, v.String())
		return err
	case "json":
		enc := json.NewEncoder(a.product)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	}
	return wrongCall(fmt.Sprintf("--output: want text or json, got %q", output), "")
}

// addVersionFlag makes "mop --version" print the same as "mop version".
func addVersionFlag(root *cobra.Command) {
	root.Version = version.Read().String()
	root.SetVersionTemplate("{{.Version}}")
	root.Flags().Bool("version", false, "print the versions of mop and of what is in it")
}

// noArguments accepts no argument.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return wrongCall(fmt.Sprintf("%s: want no argument, got %q", cmd.Name(), args[0]), "")
}
