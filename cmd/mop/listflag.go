package main

import (
	"encoding/csv"
	"strings"

	"github.com/spf13/pflag"
)

// listFlag is a flag that may be given several times. pflag's own makes a writer of
// 4 KB for each default as soon as the flag is declared, and all commands declare
// theirs, whichever runs.
type listFlag struct {
	values *[]string
	// separated is set where a value is a list with commas, as in a CSV file, and the
	// first takes the place of the default.
	separated, changed bool
}

// listVar declares a flag each of whose values is an element.
func listVar(flags *pflag.FlagSet, to *[]string, name, short, usage string) {
	flags.VarP(&listFlag{values: to}, name, short, usage)
}

// separatedVar declares a flag whose values are lists with commas.
func separatedVar(flags *pflag.FlagSet, to *[]string, name, short string, usual []string, usage string) {
	*to = usual
	flags.VarP(&listFlag{values: to, separated: true}, name, short, usage)
}

// Type is by what Cobra knows that the flag may be given again.
func (l *listFlag) Type() string {
	if l.separated {
		return "stringSlice"
	}
	return "stringArray"
}

func (l *listFlag) String() string {
	if l.values == nil || len(*l.values) == 0 {
		return ""
	}
	return "[" + strings.Join(*l.values, ",") + "]"
}

func (l *listFlag) Set(text string) error {
	if !l.separated {
		*l.values = append(*l.values, text)
		return nil
	}
	var values []string
	if text != "" {
		var err error
		if values, err = csv.NewReader(strings.NewReader(text)).Read(); err != nil {
			return err
		}
	}
	if !l.changed {
		*l.values, l.changed = nil, true
	}
	*l.values = append(*l.values, values...)
	return nil
}
