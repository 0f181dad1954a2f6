package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/jsonnettest"
	"github.com/mop-platform/mop/pkg/message"
	"github.com/mop-platform/mop/pkg/render"
)

const testDoc = `Test runs unit tests written in Jsonnet.

Of a directory, which is . unless given, it takes all files called
*_test.jsonnet, at any depth, but for those in vendor directories; files that
are named are always taken. A test file evaluates to an object of cases, or of
groups of them:

  {
    'adds up': { actual: 1 + 1, expected: 2 },
    refuses: { 'no name': { actual: web.new(''), fails: 'want a name' } },
    whole: { actual: web.new('a'), golden: 'testdata/web.yaml' },
  }

Examples:
  mop test
  mop test lib --run 'web_test.jsonnet/refuses/'
  mop test --update lib/web_test.jsonnet

Exit status: 0 all passed, 1 some failed, 2 a file could not be evaluated.`

type testOptions struct {
	// jsonnet has no top-level arguments.
	jsonnet         jsonnetFlags
	run             string
	update, verbose bool
}

func newTestCommand(a *app) *cobra.Command {
	var o testOptions
	cmd := &cobra.Command{
		Use:   "test [FILE|DIR]...",
		Short: "Run unit tests written in Jsonnet",
		Long:  testDoc,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runTest(cmd.Context(), a, args, o)
		},
	}
	addImportDirs(cmd.Flags(), &o.jsonnet.importDirs)
	o.jsonnet.interpreter.add(cmd.Flags())
	o.jsonnet.ext.addValues(cmd.Flags(), "ext", "V", "external variable")
	cmd.Flags().StringVar(&o.run, "run", "", "run only the cases whose file/group/case, from the project's root, matches `REGEX`")
	cmd.Flags().BoolVar(&o.update, "update", false, "write golden files instead of comparing with them")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "print the cases that passed, too")
	return cmd
}

func runTest(ctx context.Context, a *app, args []string, o testOptions) error {
	run, err := regexp.Compile(o.run)
	if err != nil {
		return usageError{fmt.Sprintf("--run: %q is no regular expression: %v", o.run, err), ""}
	}
	w, err := a.workspace(&o.jsonnet, nil)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"."}
	}
	groups, err := w.Paths(args)
	if err != nil {
		return err
	}
	var files []testedFile
	seen := map[string]bool{}
	for _, g := range groups {
		options := g.State.Renderer.Options()
		suite := jsonnettest.New(g.State.Project, jsonnettest.Options{
			ExtVars:     options.ExtVars,
			Builtins:    render.Builtins(),
			Natives:     options.Natives,
			Interpreter: options.Interpreter,
			Trace:       options.Trace,
			Warn:        options.Warn,
			Update:      o.update,
			Path:        g.State.Shown,
		})
		names, err := a.testFiles(ctx, suite, g.Args, g.Names)
		if err != nil {
			return err
		}
		for _, name := range names {
			if path := g.State.Path(name); !seen[path] {
				seen[path] = true
				files = append(files, testedFile{suite: suite, state: g.State, name: name})
			}
		}
	}
	a.runTests(ctx, files, run, o.update)
	return a.reportTests(files, o)
}

// testFiles returns the names of the test files that args mean, whose names in
// the project are names.
func (a *app) testFiles(ctx context.Context, suite *jsonnettest.Suite, args, names []string) ([]string, error) {
	var files []string
	for i, arg := range args {
		info, err := os.Stat(a.abs(arg))
		if err != nil {
			return nil, workspace.Unreadable(arg, err)
		}
		below := []string{names[i]}
		if info.IsDir() {
			if below, err = suite.Files(ctx, names[i]); err != nil {
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

// testedCase is a case and what came of it.
type testedCase struct {
	jsonnettest.Case
	failure string
	err     error
}

// testedFile is a file and what came of its cases that were run.
type testedFile struct {
	suite *jsonnettest.Suite
	state *workspace.State
	name  string // in the project
	cases []testedCase
	err   error
}

// runTests runs the cases of files that run matches.
func (a *app) runTests(ctx context.Context, files []testedFile, run *regexp.Regexp, update bool) {
	limit := runtime.GOMAXPROCS(0)
	if update {
		// Two cases may write the same golden file.
		limit = 1
	}
	a.inParallel("files", limit, len(files), func(i int) {
		f := &files[i]
		var cases []jsonnettest.Case
		cases, f.err = f.suite.Cases(ctx, f.name)
		for _, c := range cases {
			if run.MatchString(path.Join(c.File, strings.Join(c.Path, "/"))) {
				f.cases = append(f.cases, testedCase{Case: c})
			}
		}
	})
	var all []*testedCase
	for i := range files {
		for j := range files[i].cases {
			all = append(all, &files[i].cases[j])
		}
	}
	a.inParallel("cases", limit, len(all), func(i int) {
		all[i].failure, all[i].err = all[i].Check(ctx)
	})
}

// reportTests writes what came of the cases, in their order. Cases that fail in
// the same words, as all do where a library cannot be parsed, are told once.
func (a *app) reportTests(files []testedFile, o testOptions) error {
	var out strings.Builder
	var passed, failed int
	alike := map[string]int{}
	for _, f := range files {
		for _, c := range f.cases {
			alike[c.failure]++
		}
	}
	var broken diag.List
	for _, f := range files {
		if l, ok := diag.From(f.state.LocatedErr(f.err)); ok {
			broken = append(broken, l...)
			continue
		}
		if f.err != nil {
			return f.err
		}
		for _, c := range f.cases {
			switch {
			case c.err != nil:
				return c.err
			case c.failure != "":
				failed++
				problem, times := c.failure, alike[c.failure]
				if times == 0 {
					continue
				}
				alike[c.failure] = 0
				if times > 1 {
					problem += fmt.Sprintf("\nand so for %d more", times-1)
				}
				d := diag.Diagnostic{At: diag.Position{File: c.File}, Subject: strings.Join(c.Path, "/"), Problem: problem}
				if err := diag.Write(&out, diag.List{d}, diag.Options{
					Path:  f.state.Shown,
					Limit: message.Long, // a comparison may have many lines
				}); err != nil {
					return err
				}
			default:
				passed++
				if o.verbose {
					fmt.Fprintf(&out, "%s: %s: passed\n", cell(f.state.Shown(c.File)), cell(strings.Join(c.Path, "/")))
				}
			}
		}
	}
	if passed+failed == 0 && broken.Err() == nil {
		return usageError{fmt.Sprintf("--run: no case matches %q", o.run), ""}
	}
	fmt.Fprintf(&out, "%d passed, %d failed\n", passed, failed)
	if _, err := io.WriteString(a.stdout, out.String()); err != nil {
		return err
	}
	switch {
	case broken.Err() != nil:
		return broken
	case failed > 0:
		return errFindings
	}
	return nil
}
