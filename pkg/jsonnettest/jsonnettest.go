// Package jsonnettest runs unit tests written in Jsonnet as subtests of a Go test.
//
//	//go:embed lib
//	var libs embed.FS
//
//	func TestLibraries(t *testing.T) {
//		p, err := render.OpenFS(libs, render.Config{})
//		if err != nil {
//			t.Fatal(err)
//		}
//		jsonnettest.Run(t, p, "lib")
//	}
//
// Then go test -run 'TestLibraries/web/replicas' runs a group. Go's test cache knows which
// files the tests depend on: the embedded ones or, for a project from [render.Open], those
// that were read and the directories that were listed.
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
// Cases are evaluated one by one, so the failure of one does not affect another. They are
// evaluated as environments of the project are: with its imports, first those beside the
// file, then those in lib, vendor and vendor-jsonnet, and with its native functions, limits
// and Tanka's own library tk. The command mop test runs the same files.
package jsonnettest

import (
	"context"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/mop-platform/mop/internal/unit"
	"github.com/mop-platform/mop/pkg/jsonnet"
	"github.com/mop-platform/mop/pkg/render"
)

// Options say how [Run] runs tests. The zero Options are the usual ones.
type Options struct {
	// Args are the arguments of each evaluation. Trace must be safe for concurrent use, unless
	// Sequential is set.
	Args jsonnet.Args
	// Update makes a case with a golden file write it instead of comparing. The project must
	// be on disk. It implies Sequential, because two cases may have the same file.
	Update bool
	// Sequential runs the files one after the other. Otherwise they run in parallel, by
	// [testing.T.Parallel], with each other and with the other parallel tests of the package.
	Sequential bool
}

// Run runs the test files of a project at and below a directory as subtests of t. dir is
// slash-separated and relative to the root of the project, "." for the root; directories
// called vendor or vendor-jsonnet and those with a leading dot are passed over. Each file has
// one subtest, which has the name of the file without _test.jsonnet. In it, each group and
// each case has one. If several files have the same name, their directories precede it,
// joined by dots.
//
// The project needs no marker file and no environments. All tests see its files as they are
// when they are first read. Each evaluation ends with the context of its subtest and by the
// limits of the project; it is a failure of the case if it cannot be evaluated. It is an error
// of t if p is nil or zero, if dir cannot be listed, or if there are no tests, and if o has
// more than one element.
func Run(t *testing.T, p *render.Project, dir string, o ...Options) {
	t.Helper()
	var options Options
	switch len(o) {
	case 0:
	case 1:
		options = o[0]
	default:
		t.Fatalf("jsonnettest: want at most one Options, got %d", len(o))
	}
	frozen := p.Freeze()
	s := unit.New(tested{frozen, render.Args{Args: options.Args}}, unit.Options{Update: options.Update})
	dir = path.Clean(dir)
	files, err := s.Files(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("%s: no file called *%s here or below", dir, unit.Suffix)
	}
	titles := titles(dir, files)
	for i, file := range files {
		t.Run(titles[i], func(t *testing.T) {
			if !options.Sequential && !options.Update {
				t.Parallel()
			}
			cases, err := s.Cases(t.Context(), file)
			if err != nil {
				t.Fatal(s.Text(err))
			}
			runGroup(t, s, cases, 0)
		})
	}
}

// tested is a project for tests.
type tested struct {
	*render.Project
	args render.Args
}

func (p tested) Eval(ctx context.Context, file string, names []string, code string) (any, error) {
	result, err := p.Project.Eval(ctx, file, "function(file) local test = file"+unit.Steps(names)+"; "+code, p.args)
	if err != nil {
		return nil, err
	}
	return result.Value()
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
