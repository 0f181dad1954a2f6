// Package unit finds and checks the cases of unit tests that are written in Jsonnet, in
// files called *_test.jsonnet. Package jsonnettest describes them.
package unit

import (
	"context"
	"path"
	"strings"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// Suffix ends the name of a test file.
const Suffix = "_test.jsonnet"

// Project is what tests need of the project that has them. It is safe for concurrent use.
type Project interface {
	// Files returns the names of the files at or below a directory that match a pattern.
	Files(ctx context.Context, dir, pattern string) ([]string, error)
	// ReadFile returns the contents of a file.
	ReadFile(ctx context.Context, name string) ([]byte, error)
	// Path returns the path of a file in the operating system, if it has one.
	Path(name string) (osPath string, ok bool)
	// Eval evaluates Jsonnet in which test is a part of the value of a file: its field of the
	// first name, of this the field of the second one, and so on.
	Eval(ctx context.Context, file string, names []string, code string) (any, error)
}

// On returns a Project whose evaluations have the variables, builtins, natives and writers of
// in, and its interpreter. It reads each file once.
func On(p *project.Project, in eval.Input) Project {
	return evaluator{p, eval.NewFiles(p, 0), in}
}

type evaluator struct {
	*project.Project
	files *eval.Files
	input eval.Input
}

func (e evaluator) Eval(ctx context.Context, file string, names []string, code string) (any, error) {
	in := e.input
	in.Snippet = "local test = (import " + eval.Literal(path.Base(file)) + ")" + Steps(names) + "; " + code
	in.About, in.Dir = file, path.Dir(file)
	in.SearchPath = e.SearchPath(in.Dir)
	res, err := eval.Eval(ctx, e.files, in)
	return res.Value, err
}

// Steps returns the Jsonnet that follows a value and selects a part of it by names.
func Steps(names []string) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString("[" + eval.Literal(name) + "]")
	}
	return b.String()
}

// Options say how tests run.
type Options struct {
	// Update makes a case with a golden file write it instead of comparing.
	Update bool
	// Path translates names of files in failures for display; nil leaves them
	// alone.
	Path func(name string) string
}

// Suite is the tests of a project. It is safe for concurrent use, unless its options have
// Update.
type Suite struct {
	project Project
	options Options
}

// New returns the tests of p.
func New(p Project, o Options) *Suite { return &Suite{project: p, options: o} }

// Files returns the names of the test files at or below the named directory of
// the project, sorted.
func (s *Suite) Files(ctx context.Context, dir string) ([]string, error) {
	return s.project.Files(ctx, dir, "*"+Suffix)
}

// Text returns err as the command writes it, without the last newline.
func (s *Suite) Text(err error) string {
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
