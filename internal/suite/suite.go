// Package suite runs the unit tests in Jsonnet that arguments name, and reports the
// results.
package suite

import (
	"context"
	"os"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/unit"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// Options say how tests run.
type Options struct {
	// Run matches the cases to run: file/group/case, from the project's root.
	Run *regexp.Regexp
	// Update writes golden files instead of comparing with them.
	Update bool
	// Parallel calls f with 0 to n-1, at most limit calls at a time. It may show how many
	// things named what are done.
	Parallel func(what string, limit, n int, f func(i int))
}

// Results are the results of tests.
type Results struct{ files []file }

// file is a file and the results of its cases that were run.
type file struct {
	suite *unit.Suite
	state *workspace.State
	name  string // in the project
	cases []result
	err   error
}

// result is a case and its result.
type result struct {
	unit.Case
	failure string
	err     error
}

// Run runs the tests in the files that arguments name, or in all files below a directory.
// The error is a [diag.Diagnostic] if an argument names nothing, or no tests. The results
// report files that cannot be evaluated.
func Run(ctx context.Context, w *workspace.Workspace, args []string, o Options) (Results, error) {
	groups, err := w.Paths(args)
	if err != nil {
		return Results{}, err
	}
	var r Results
	seen := map[string]bool{}
	for _, g := range groups {
		options := g.State.Renderer.Options()
		suite := unit.New(unit.On(g.State.Project, eval.Input{
			ExtVars:     options.ExtVars,
			Builtins:    render.Builtins(),
			Natives:     options.Natives,
			Interpreter: options.Interpreter,
			Trace:       options.Trace,
			Warn:        options.Warn,
		}), unit.Options{Update: o.Update, Path: g.State.Shown})
		names, err := filesOf(ctx, w, suite, g)
		if err != nil {
			return Results{}, err
		}
		for _, name := range names {
			if path := g.State.Path(name); !seen[path] {
				seen[path] = true
				r.files = append(r.files, file{suite: suite, state: g.State, name: name})
			}
		}
	}
	r.run(ctx, o)
	return r, nil
}

// filesOf returns the names of the test files that the arguments of a group name.
func filesOf(ctx context.Context, w *workspace.Workspace, suite *unit.Suite, g workspace.Paths) ([]string, error) {
	var files []string
	for i, arg := range g.Args {
		info, err := os.Stat(w.Abs(arg))
		if err != nil {
			return nil, workspace.Unreadable(arg, err)
		}
		below := []string{g.Names[i]}
		if info.IsDir() {
			if below, err = suite.Files(ctx, g.Names[i]); err != nil {
				return nil, workspace.Unreadable(arg, err)
			}
			if len(below) == 0 {
				return nil, diag.Diagnostic{Subject: arg, Problem: "no file called *_test.jsonnet here or below"}
			}
		}
		files = append(files, below...)
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

// run runs the cases that o.Run matches.
func (r Results) run(ctx context.Context, o Options) {
	limit := runtime.GOMAXPROCS(0)
	if o.Update {
		// Two cases may write the same golden file.
		limit = 1
	}
	o.Parallel("files", limit, len(r.files), func(i int) {
		f := &r.files[i]
		var cases []unit.Case
		cases, f.err = f.suite.Cases(ctx, f.name)
		for _, c := range cases {
			if o.Run.MatchString(path.Join(c.File, strings.Join(c.Path, "/"))) {
				f.cases = append(f.cases, result{Case: c})
			}
		}
	})
	var all []*result
	for i := range r.files {
		for j := range r.files[i].cases {
			all = append(all, &r.files[i].cases[j])
		}
	}
	o.Parallel("cases", limit, len(all), func(i int) {
		all[i].failure, all[i].err = all[i].Check(ctx)
	})
}
