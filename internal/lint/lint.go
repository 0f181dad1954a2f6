// Package lint looks for probable mistakes in Jsonnet files: unused variables, calls with
// wrong arguments, missing fields, and imports of missing files.
//
// Make a [Linter] for a project and call [Linter.File] for each file. Files are read and
// imports are resolved as in an evaluation, but nothing is evaluated.
//
// The linter is that of google/go-jsonnet. This package works around two of its faults. The
// linter panics if imports lead back to the linted file; so the file is linted under a
// second name. The linter is also wrong about parts of the standard library; so every file
// sees std through a library that corrects it. Findings about the imports of a file are left
// out, because they are reported when those files are linted. Only a syntax error in an
// import is reported, at its own place.
package lint

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"sync"

	"github.com/google/go-jsonnet"
	"github.com/google/go-jsonnet/linter"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/failure"
	mopjsonnet "github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/diag"
)

// Options has code for a [Linter] besides the project's files. The zero value changes
// nothing.
type Options struct {
	// Builtins are Jsonnet code by import path, as in [eval.Input].
	Builtins map[string]string
}

// Linter lints the files of one project, and reads each of them once. It is safe for
// concurrent use.
type Linter struct {
	project  *project.Project
	files    *eval.Files
	options  Options
	standard string
	// estimates are kept by text, because a library is parsed for each file that imports it.
	estimates sync.Map
}

// New returns a Linter for the files of p.
func New(p *project.Project, o Options) *Linter {
	return &Linter{project: p, files: eval.NewFiles(p, 0), options: o, standard: standard()}
}

// NoOpinionError is the error if the linter failed on a file. It says nothing about the
// file.
type NoOpinionError struct {
	// File is the file's name in the project.
	File string
	// Reason is the linter's message.
	Reason string
}

func (e *NoOpinionError) Error() string {
	return fmt.Sprintf("%s: no opinion: the linter failed: %s", e.File, e.Reason)
}

// File returns the findings about the named file, sorted. All have the severity
// [diag.Error], because the linter gives none. If a file is nested so deeply that the
// linter could overflow Go's stack, this is its only finding.
//
// The error is a [*NoOpinionError] if the linter fails, or the error of reading the file.
// If the budget of ctx ends, or if the file or one of its imports would take more, the
// error is a [diag.Diagnostic] with the place. If ctx ends otherwise, the error is the
// cause. The linter cannot be stopped: it continues for a while after the budget has ended.
func (l *Linter) File(ctx context.Context, name string) (found diag.List, err error) {
	defer budget.Of(ctx).During(name + ":1")()
	text, err := l.project.ReadFile(ctx, name)
	if err != nil {
		return nil, refusal(mopjsonnet.SpentAt(name, 1, err))
	}
	if err := l.estimate(string(text)).Check(ctx, name); err != nil {
		if refused := (*mopjsonnet.SourceError)(nil); errors.As(err, &refused) && refused.Code() == failure.DeepText {
			return diag.List{describe(name, refused)}, nil
		}
		return nil, refusal(err)
	}
	r := &run{
		ctx: ctx, file: name, standard: l.standard, estimate: l.estimate,
		resolver: eval.NewResolver(ctx, l.files, eval.Input{
			File:       name,
			SearchPath: l.project.SearchPath(l.base(ctx, path.Dir(name))),
			Builtins:   l.options.Builtins,
		}),
		imported: map[string]imported{},
		failed:   map[string]diag.Diagnostic{},
	}
	defer func() {
		if reason := recover(); reason != nil {
			found, err = nil, &NoOpinionError{File: name, Reason: fmt.Sprint(reason)}
		}
	}()
	vm := jsonnet.MakeVM()
	vm.Importer(r)
	vm.ErrorFormatter = r
	err = budget.Away(ctx, func() {
		linter.LintSnippet(vm, io.Discard, []linter.Snippet{{FileName: r.alias(), Code: prelude + string(text)}})
	})
	if err == nil {
		err = cmp.Or(r.refused, budget.Of(ctx).Err())
	}
	if err != nil {
		return nil, refusal(mopjsonnet.SpentAt(name, 1, err))
	}
	return r.found.Sorted(), nil
}

// refusal returns an error as a diagnostic if it is the reason why a file is not parsed.
func refusal(err error) error {
	var refused *mopjsonnet.SourceError
	if !errors.As(err, &refused) {
		return err
	}
	at := refused.Loc()
	return diag.Diagnostic{At: diag.Position{File: at.FileName, Line: at.Begin.Line}, Code: refused.Code(), Problem: refused.Problem(), Err: err}
}

// base returns the directory of the environment around dir, or dir if there is none.
func (l *Linter) base(ctx context.Context, dir string) string {
	for d := dir; d != path.Dir(d); d = path.Dir(d) {
		if _, err := l.project.ReadFile(ctx, path.Join(d, project.Entrypoint)); err == nil {
			return d
		}
	}
	return dir
}

// estimate returns what parsing a text takes.
func (l *Linter) estimate(text string) mopjsonnet.Estimate {
	known, ok := l.estimates.Load(text)
	if !ok {
		known, _ = l.estimates.LoadOrStore(text, mopjsonnet.Measure(text))
	}
	return known.(mopjsonnet.Estimate)
}
