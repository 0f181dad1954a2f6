package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
	"github.com/rogpeppe/go-internal/testscript"
)

// printProfile prints the stacks of a profile, the innermost function first.
func printProfile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: profile file")
	}
	p, err := profile.Parse(bytes.NewReader([]byte(ts.ReadFile(args[0]))))
	ts.Check(err)
	ts.Check(p.CheckValid())
	var stacks []string
	for _, s := range p.Sample {
		var names []string
		for _, at := range s.Location {
			names = append(names, at.Line[0].Function.Name)
		}
		stacks = append(stacks, strings.Join(names, " < "))
	}
	slices.Sort(stacks)
	for _, s := range slices.Compact(stacks) {
		fmt.Fprintln(ts.Stdout(), s)
	}
}
