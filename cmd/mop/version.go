package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/google/go-jsonnet"
	"github.com/spf13/cobra"
)

const versionDoc = `Version prints the versions of mop, of the go-jsonnet that is built into it, and
of the Go that it was built with.

A mop that was built from a source tree without a version is called (devel).`

// versions are what a mop is made of.
type versions struct {
	Mop       string `json:"mop"`
	GoJsonnet string `json:"goJsonnet"`
	Go        string `json:"go"`
}

func readVersions() versions {
	v := versions{Mop: "(devel)", GoJsonnet: jsonnet.Version(), Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v.Mop = info.Main.Version
	}
	return v
}

func (v versions) String() string {
	return fmt.Sprintf("mop %s\ngo-jsonnet %s\ngo %s\n", v.Mop, v.GoJsonnet, v.Go)
}

func newVersionCommand(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of mop and of what is in it",
		Long:  versionDoc,
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			return runVersion(a, output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT` of the output: text or json")
	return cmd
}

func runVersion(a *app, output string) error {
	v := readVersions()
	switch output {
	case "text":
		_, err := io.WriteString(a.stdout, v.String())
		return err
	case "json":
		enc := json.NewEncoder(a.stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(v)
	}
	return usageError{fmt.Sprintf("--output: want text or json, got %q", output), ""}
}

// addVersionFlag makes "mop --version" print what "mop version" does.
func addVersionFlag(root *cobra.Command) {
	root.Version = readVersions().String()
	root.SetVersionTemplate("{{.Version}}")
	root.Flags().Bool("version", false, "print the versions of mop and of what is in it")
}

// noArguments accepts no argument.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usageError{fmt.Sprintf("%s: want no argument, got %q", cmd.Name(), args[0]), ""}
}
