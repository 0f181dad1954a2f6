package main

import (
	"github.com/spf13/pflag"

	"github.com/mop-platform/mop/cmd/mop/internal/option"
)

// listVar declares a flag each of whose values is an element.
func listVar(flags *pflag.FlagSet, to *[]string, name, short, usage string) {
	flags.VarP(option.NewList(to), name, short, usage)
}

// separatedVar declares a flag whose values are lists with commas.
func separatedVar(flags *pflag.FlagSet, to *[]string, name, short string, usual []string, usage string) {
	*to = usual
	flags.VarP(option.NewSeparated(to), name, short, usage)
}
