package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/google/go-jsonnet"
	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/machine"
	"github.com/mop-platform/mop/pkg/budget"
)

// versions are what a mop is made of.
type versions struct {
	Mop       string `json:"mop"`
	GoJsonnet string `json:"goJsonnet"`
	Go        string `json:"go"`
	// Memory is the default of --max-memory.
	Memory *memoryVersion `json:"memory,omitempty"`
}

// memoryVersion tells the memory that a command may hold.
type memoryVersion struct {
	// Limit is in bytes, 0 for none.
	Limit uint64 `json:"limit"`
	// By tells why.
	By string `json:"by"`
}

func readVersions() versions {
	v := versions{Mop: "(devel)", GoJsonnet: jsonnet.Version(), Go: runtime.Version()}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		v.Mop = info.Main.Version
	}
	return v
}

func (v versions) String() string {
	s := fmt.Sprintf("mop %s\ngo-jsonnet %s\ngo %s\n", v.Mop, v.GoJsonnet, v.Go)
	if m := v.Memory; m != nil && m.Limit > 0 {
		s += fmt.Sprintf("memory %s, %s\n", budget.Bytes(m.Limit), m.By)
	} else if m != nil {
		s += "memory without a limit\n"
	}
	return s
}

func newVersionCommand(a *app) *cobra.Command {
	var output string
	var verbose bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the versions of mop and of what is in it",
		Long:  help("version"),
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			return runVersion(a, output, verbose)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "`FORMAT` of the output: text or json")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "print also how much memory a command may hold")
	return cmd
}

func runVersion(a *app, output string, verbose bool) error {
	v := readVersions()
	if verbose {
		left := machine.Left()
		v.Memory = &memoryVersion{left.Half(), left.String()}
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
