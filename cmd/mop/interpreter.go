package main

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/mop-platform/mop/cmd/mop/internal/option"
	"github.com/mop-platform/mop/internal/eval"
)

// interpreterFlags are the flags about the engine that evaluates Jsonnet.
type interpreterFlags struct {
	engine   string
	maxStack int
	profile  option.File
}

// defaultInterpreter has the values of the flags by default.
var defaultInterpreter = interpreterFlags{engine: "mop", maxStack: eval.DefaultMaxStack}

func (f *interpreterFlags) add(flags *pflag.FlagSet) {
	*f = defaultInterpreter
	flags.StringVar(&f.engine, "engine", f.engine, "evaluate with `ENGINE`: mop, or go-jsonnet, its reference, which is slower")
	flags.IntVar(&f.maxStack, "max-stack", f.maxStack, "end the evaluation at `N` nested calls")
	flags.Var(&f.profile, "profile", "write where the time of the evaluation goes to `FILE`, for go tool pprof, and a table of it to standard error")
}

func (f *interpreterFlags) interpreter(a *app) (eval.Interpreter, error) {
	i := eval.Interpreter{MaxStack: f.maxStack}
	switch f.engine {
	case "mop":
	case "go-jsonnet":
		if f.profile != "" {
			return i, wrongCall("--profile: the engine go-jsonnet has no profile", "leave out --engine")
		}
		i.Engine = eval.GoJsonnet
	default:
		return i, wrongCall(fmt.Sprintf("--engine: want mop or go-jsonnet, got %q", f.engine), "")
	}
	if f.maxStack < 1 || f.maxStack > eval.MostStack {
		return i, wrongCall(fmt.Sprintf("--max-stack: want a number from 1 to %d, got %d", eval.MostStack, f.maxStack), "")
	}
	if f.profile != "" {
		var err error
		if i.Profile, err = a.record(string(f.profile)); err != nil {
			return i, err
		}
	}
	return i, nil
}

// needOrigins refuses the engine without origins. what is the command or flag that needs
// them.
func (f *jsonnetFlags) needOrigins(what string) error {
	if f.interpreter.engine != "go-jsonnet" {
		return nil
	}
	return wrongCall(what+": the engine go-jsonnet does not know where values come from", "leave out --engine")
}
