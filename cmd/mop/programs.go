package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/mop-platform/mop/internal/program"
)

// guardArgument makes this process the guard of programs that another mop starts. Only mop
// uses it.
const guardArgument = "guard-programs"

func guard() int {
	if program.Serve() != nil {
		// Nobody would read a message, and the calling mop notices the failure.
		return statusFailure
	}
	return statusDone
}

// programFlags say whether a project's Jsonnet may start programs.
type programFlags struct{ noExec bool }

func (f *programFlags) add(flags *pflag.FlagSet) {
	flags.BoolVar(&f.noExec, "no-exec", false, "forbid the project's Jsonnet to run helm and kustomize, as MOP_NO_EXEC=1 does")
}

// forbidden returns the flag or variable that forbids programs, "" for none. The flag
// cannot allow programs that the variable forbids, because a project's scripts may call mop.
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
