// Package unit finds and checks the cases of unit tests that are written in Jsonnet, in
// files called *_test.jsonnet. Package jsonnettest describes them.
package unit

import (
	"context"
	"io"
	"strings"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// Suffix ends the name of a test file.
const Suffix = "_test.jsonnet"

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
