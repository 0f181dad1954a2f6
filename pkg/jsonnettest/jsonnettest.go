// Package jsonnettest runs unit tests written in Jsonnet, as subtests of a Go
// test or for a program of its own.
//
// A test file is called *_test.jsonnet and stands beside what it tests. It
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
// A case has a field actual and one more, which says what to expect of it:
//
//	expected  a value: actual must be equal to it
//	fails     a string: evaluating actual must fail with a message that holds it
//	golden    a file's path relative to the test file: actual must be what the
//	          file holds, as YAML, as JSON for .json, else as plain text
//
// Cases are evaluated one by one, so a failure of one does not touch another.
// Imports are found as in an environment of the project: beside the file, then
// in lib, vendor and vendor-jsonnet.
//
// A library's Go test is one function:
//
//	var update = flag.Bool("update", false, "rewrite golden files")
//
//	func Test(t *testing.T) { jsonnettest.Run(t, ".", jsonnettest.Options{Update: *update}) }
//
// so that go test ./lib -run 'Test/web/replicas' runs a group. Programs that
// are no Go test use [Open], [Suite.Cases] and [Case.Check].
package jsonnettest

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/project"
)

// suffix is how the names of test files end.
const suffix = "_test.jsonnet"

// Options are the inputs of tests besides the project's files.
type Options struct {
	// ExtVars are the values of std.extVar.
	ExtVars map[string]eval.Variable
	// Update makes a case with a golden file write it instead of comparing.
	Update bool
}

// Run runs the tests of the directory dir and those below it as subtests of t:
// one for each file, called after it without _test.jsonnet, in it one for each
// group and case. Where files of different directories have one name, their
// directories stand before it, joined by dots. It is an error if there are no
// tests.
func Run(t *testing.T, dir string, o Options) {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	files, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("%s: no file called *%s here or below", dir, suffix)
	}
	titles := s.titles(files)
	for i, file := range files {
		t.Run(titles[i], func(t *testing.T) {
			t.Parallel()
			cases, err := s.Cases(t.Context(), file)
			if err != nil {
				t.Fatal(text(err))
			}
			runGroup(t, cases, 0)
		})
	}
}

// runGroup runs cases whose paths agree before depth, those that share the
// next step in a subtest together.
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
				t.Fatal(text(err))
			}
			if failure != "" {
				t.Errorf("%s: %s", group[0], failure)
			}
		})
		cases = cases[n:]
	}
}

// text renders err as the command would.
func text(err error) string {
	l, ok := diag.From(err)
	if !ok {
		return err.Error()
	}
	var b strings.Builder
	if err := diag.Write(&b, l, diag.Options{}); err != nil {
		return l.Error()
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Suite is the tests of a directory. It is safe for concurrent use, unless its
// options say Update.
type Suite struct {
	project *project.Project
	dir     string
	files   *eval.Files
	options Options
}

// Open returns the tests of dir, a path of the operating system, and the
// directories below it. dir must be in a project (see [project.Find]).
func Open(dir string, o Options) (*Suite, error) {
	p, err := project.Find(dir, project.Options{})
	if err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	name, _ := p.Name(abs)
	return &Suite{project: p, dir: name, files: eval.NewFiles(p), options: o}, nil
}

// Files returns the names of the test files in the project, sorted.
func (s *Suite) Files() ([]string, error) {
	return s.project.Files(s.dir, "*"+suffix)
}

// titles returns how the files are called as subtests: the shortest names that
// tell them apart.
func (s *Suite) titles(files []string) []string {
	short := make([]string, len(files))
	count := map[string]int{}
	for i, file := range files {
		short[i] = strings.TrimSuffix(path.Base(file), suffix)
		count[short[i]]++
	}
	for i, file := range files {
		if count[short[i]] > 1 {
			rel := strings.TrimPrefix(strings.TrimSuffix(file, suffix), s.dir+"/")
			short[i] = strings.ReplaceAll(rel, "/", ".")
		}
	}
	return short
}
