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
//	func Test(t *testing.T) { jsonnettest.Run(t, ".", unit.Options{Update: *update}) }
//
// Then go test ./lib -run 'Test/web/replicas' runs a group.
package jsonnettest

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/unit"
)

// Run runs the test files at and below the directory dir as subtests of t. Each file has
// one subtest, which has the name of the file without _test.jsonnet. In it, each group and
// each case has one. If several files have the same name, their directories precede it,
// joined by dots. The files run in parallel. It is an error if there are no tests.
func Run(t *testing.T, dir string, o unit.Options) {
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
	s := unit.New(p, o)
	files, err := s.Files(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("%s: no file called *%s here or below", dir, unit.Suffix)
	}
	titles := titles(name, files)
	for i, file := range files {
		t.Run(titles[i], func(t *testing.T) {
			t.Parallel()
			cases, err := s.Cases(t.Context(), file)
			if err != nil {
				t.Fatal(s.Text(err))
			}
			runGroup(t, s, cases, 0)
		})
	}
}

// runGroup runs cases whose paths agree before depth. Cases with the same next step run in
// one subtest.
func runGroup(t *testing.T, s *unit.Suite, cases []unit.Case, depth int) {
	for len(cases) > 0 {
		name := cases[0].Path[depth]
		n := slices.IndexFunc(cases, func(c unit.Case) bool { return c.Path[depth] != name })
		if n < 0 {
			n = len(cases)
		}
		group := cases[:n]
		t.Run(name, func(t *testing.T) {
			if len(group[0].Path) > depth+1 {
				runGroup(t, s, group, depth+1)
				return
			}
			failure, err := group[0].Check(t.Context())
			if err != nil {
				t.Fatal(s.Text(err))
			}
			if failure != "" {
				t.Errorf("%s: %s", group[0], failure)
			}
		})
		cases = cases[n:]
	}
}

// titles returns the names of the files below dir as subtests: their base names, or their
// paths if the base names are equal.
func titles(dir string, files []string) []string {
	short := make([]string, len(files))
	count := map[string]int{}
	for i, file := range files {
		short[i] = strings.TrimSuffix(path.Base(file), unit.Suffix)
		count[short[i]]++
	}
	for i, file := range files {
		if count[short[i]] > 1 {
			rel := strings.TrimPrefix(strings.TrimSuffix(file, unit.Suffix), dir+"/")
			short[i] = strings.ReplaceAll(rel, "/", ".")
		}
	}
	return short
}
