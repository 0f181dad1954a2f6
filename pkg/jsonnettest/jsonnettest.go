// Package jsonnettest runs unit tests written in Jsonnet, as subtests of a Go test or for
// another program.
//
// A test file is called *_test.jsonnet and stands beside the code that it tests. It
// evaluates to an object whose fields are cases or groups of cases:
//
//	local web = import 'web.libsonnet';
//	{
//	  replicas: {
//	    'one unless said otherwise': { actual: web.new('a').spec.replicas, expected: 1 },
//	    'refuses none': { actual: web.new('a', replicas=0), fails: 'want at least 1' },
//	  },
//	  'whole object': { actual: web.new('a'), golden: 'testdata/web.yaml' },
//	}
//
// A case has the field actual and exactly one of these fields:
//
//	expected  a value: actual must be equal to it
//	fails     a string: evaluating actual must fail with a message that holds it
//	golden    a file's path relative to the test file: actual must be what the
//	          file holds, as YAML, as JSON for .json, else as plain text
//
// Cases are evaluated one by one, so the failure of one does not affect another.
// Imports are found as in an environment of the project: beside the file, then
// in lib, vendor and vendor-jsonnet.
//
// A library's Go test is one function:
//
//	var update = flag.Bool("update", false, "rewrite golden files")
//
//	func Test(t *testing.T) { jsonnettest.Run(t, ".", jsonnettest.Options{Update: *update}) }
//
// Then go test ./lib -run 'Test/web/replicas' runs a group. Other programs use [New],
// [Suite.Files], [Suite.Cases] and [Case.Check].
package jsonnettest

import (
	"context"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// suffix ends the name of a test file.
const suffix = "_test.jsonnet"

// Options are the inputs of tests besides the project's files.
type Options struct {
	// ExtVars are the values of std.extVar.
	ExtVars map[string]eval.Variable
	// Builtins are Jsonnet code by import path, as in [eval.Input].
	Builtins map[string]string
	// Natives are the functions of std.native.
	Natives []eval.Native
	// Interpreter runs the Jsonnet.
	Interpreter eval.Interpreter
	// Trace receives the output of std.trace; nil discards it. It must be safe
	// for concurrent use.
	Trace io.Writer
	// Warn receives warnings about the evaluations, which stop nothing; nil discards them.
	// It must be safe for concurrent use.
	Warn func(diag.Diagnostic)
	// Update makes a case with a golden file write it instead of comparing.
	Update bool
	// Path translates names of files in failures for display; nil leaves them
	// alone.
	Path func(name string) string
}

// Run runs the test files at and below the directory dir as subtests of t. Each file has
// one subtest, which has the name of the file without _test.jsonnet. In it, each group and
// each case has one. If several files have the same name, their directories precede it,
// joined by dots. The files run in parallel. It is an error if there are no tests.
func Run(t *testing.T, dir string, o Options) {
	t.Helper()
	p, err := project.Find(dir, project.Options{})
	if err != nil {
		t.Fatal(err)
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	name, _ := p.Name(abs)
	s := New(p, o)
	files, err := s.Files(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("%s: no file called *%s here or below", dir, suffix)
	}
	titles := titles(name, files)
	for i, file := range files {
		t.Run(titles[i], func(t *testing.T) {
			t.Parallel()
			cases, err := s.Cases(t.Context(), file)
			if err != nil {
				t.Fatal(s.text(err))
			}
			runGroup(t, cases, 0)
		})
	}
}

// runGroup runs cases whose paths agree before depth. Cases with the same next step run in
// one subtest.
func runGroup(t *testing.T, cases []Case, depth int) {
	for len(cases) > 0 {
		name := cases[0].Path[depth]
		n := slices.IndexFunc(cases, func(c Case) bool { return c.Path[depth] != name })
		if n < 0 {
			n = len(cases)
		}
		group := cases[:n]
		t.Run(name, func(t *testing.T) {
			if len(group[0].Path) > depth+1 {
				runGroup(t, group, depth+1)
				return
			}
			failure, err := group[0].Check(t.Context())
			if err != nil {
				t.Fatal(group[0].suite.text(err))
			}
			if failure != "" {
				t.Errorf("%s: %s", group[0], failure)
			}
		})
		cases = cases[n:]
	}
}

// text renders err as the command would.
func (s *Suite) text(err error) string {
	l, ok := diag.From(err)
	if !ok {
		return err.Error()
	}
	var b strings.Builder
	if err := diag.Write(&b, l, diag.Options{Path: s.options.Path}); err != nil {
		return l.Error()
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Suite is the tests of a project. It is safe for concurrent use, unless its options have
// Update.
type Suite struct {
	project *project.Project
	files   *eval.Files
	options Options
}

// New returns the tests of p.
func New(p *project.Project, o Options) *Suite {
	return &Suite{project: p, files: eval.NewFiles(p, 0), options: o}
}

// Files returns the names of the test files at or below the named directory of
// the project, sorted.
func (s *Suite) Files(ctx context.Context, dir string) ([]string, error) {
	return s.project.Files(ctx, dir, "*"+suffix)
}

// titles returns the names of the files below dir as subtests: their base names, or their
// paths if the base names are equal.
func titles(dir string, files []string) []string {
	short := make([]string, len(files))
	count := map[string]int{}
	for i, file := range files {
		short[i] = strings.TrimSuffix(path.Base(file), suffix)
		count[short[i]]++
	}
	for i, file := range files {
		if count[short[i]] > 1 {
			rel := strings.TrimPrefix(strings.TrimSuffix(file, suffix), dir+"/")
			short[i] = strings.ReplaceAll(rel, "/", ".")
		}
	}
	return short
}
