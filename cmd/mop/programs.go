package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/mop-platform/mop/pkg/program"
)

// guardArgument makes the process the guard of another one's programs. Nobody else
// calls it so.
const guardArgument = "guard-programs"

func guard() int {
	if program.Serve() != nil {
		// Nobody reads what went wrong; whoever called notices.
		return statusFailure
	}
	return statusDone
}

// programFlags say whether a project's Jsonnet may run programs.
type programFlags struct{ noExec bool }

func (f *programFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&f.noExec, "no-exec", false, "forbid the project's Jsonnet to run helm and kustomize, as MOP_NO_EXEC=1 does")
}

// forbidden returns what forbids programs, "" for nothing. The flag cannot allow
// what the environment forbids: a project's scripts may call mop.
func (f *programFlags) forbidden(a *app) (string, error) {
	const variable = "MOP_NO_EXEC"
	value, _ := a.lookupEnv(variable)
	switch {
	case value == "1" || value == "true":
		return variable + "=" + value, nil
	case value != "" && value != "0" && value != "false":
		return "", wrongCall(fmt.Sprintf("%s: want 1, true, 0 or false, got %q", variable, value), "")
	case f.noExec:
		return "--no-exec", nil
	}
	return "", nil
}
