package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/export"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/render"
)

// Strategy says what [Dir] does with the files in the directory.
type Strategy string

const (
	// RequireEmpty refuses a directory that is not empty. It is the zero value.
	RequireEmpty Strategy = Strategy(export.RequireEmpty)
	// FailOnConflicts keeps all files and refuses to overwrite any.
	FailOnConflicts Strategy = Strategy(export.FailOnConflicts)
	// ReplaceEnvs removes the files of the environments that are exported now, and those of
	// [Options.Entrypoints]. It refuses to overwrite any other file.
	ReplaceEnvs Strategy = Strategy(export.ReplaceEnvs)
)

// Options are the settings of [Dir]. The zero Options write the YAML of each object into an
// empty directory, under the names of the command.
type Options struct {
	// Namer names the files; nil is the same as in [Files].
	Namer Namer
	// Write writes the content of a file; nil is [File.WriteTo]. An error ends the export, and
	// so does a panic. Nothing waits for Write once the context has ended.
	Write func(w io.Writer, f File) error
	// Strategy says what happens to existing files.
	Strategy Strategy
	// Project identifies the project for later exports into the directory, which tell the
	// files of projects apart by it. The command takes the address of the git repository with
	// the path in it or, in the repository of the directory, the path from the directory to
	// the project's root, such as ../deploy. If it is "", only the names of entrypoints count.
	Project string
	// Entrypoints are the names of entrypoints of which the results have all environments.
	// With [ReplaceEnvs] the files of environments that they no longer have are removed too.
	Entrypoints []string
	// Deleted are the names of entrypoints whose files are removed.
	Deleted []string
	// NoIndex leaves manifest.json and .mop-manifest as they are, or absent.
	NoIndex bool
	// InPlace replaces the files of the directory one by one, and keeps the directory itself.
	// Set it if a process has its working directory in it.
	InPlace bool
}

// Written says what [Dir] did.
type Written struct {
	// Environments is the number of results.
	Environments int
	// Files are the files written, and Removed those removed and not written again: sorted
	// slash-separated paths below the directory, without manifest.json and .mop-manifest.
	Files, Removed []string
	// Warnings are faults that stopped nothing.
	Warnings []diag.Diagnostic
}

// Dir writes the objects of results into a directory: all of them or, with an error, none. It
// makes the directory if it is absent, and follows a symbolic link. A relative path begins at
// the process's working directory.
//
// Dir writes the files beside the directory, and then the two directories change places. If
// the system does not allow this, or Options.InPlace is set, it replaces the files one by one.
// If that fails halfway, the error says so, and the next export completes it, as after a
// process that was killed. An advisory lock beside the directory keeps other exports away.
//
// The file manifest.json in the directory has the entrypoint of each file, as Tanka's does.
// Beside it, .mop-manifest has what Tanka's format has no place for. Later exports, also those
// of the command, see in both which files they replace.
//
// Dir writes each result before it takes the next one, and keeps only the names of files.
// After a fault it goes on, and its error has all of them as diagnostics ([diag.From]), with
// the errors behind them in the chain: the errors of results, objects without a file, several
// objects for one file, files in the way, a directory that is not empty, another export that
// is running. Other errors end it: those of the file system and of Options.Write, and the
// cause of the end of ctx, after which it waits for nothing of the caller's. The sequence, the
// Namer and Write run one at a time, on other goroutines than the caller's. Dir may be called
// concurrently.
func Dir(ctx context.Context, dir string, results iter.Seq2[*render.Result, error], o Options) (Written, error) {
	if dir == "" {
		return Written{}, errors.New("export: want a directory, got none")
	}
	if results == nil {
		return Written{}, errNoResults
	}
	namer, err := o.Namer.orStandard()
	if err != nil {
		return Written{}, err
	}
	w := &writing{ctx: ctx, options: o, namer: namer}
	run := export.Options{
		Name: w.name, Parallel: 1,
		MergeStrategy: export.MergeStrategy(o.Strategy), DeletedEnvs: slices.Clone(o.Deleted), Projects: []string{o.Project},
		SkipManifest: o.NoIndex, InPlace: o.InPlace,
	}
	for _, name := range o.Entrypoints {
		run.Entrypoints = append(run.Entrypoints, export.Source{Project: o.Project, Entrypoint: name})
	}
	if o.Write != nil {
		run.Write = w.write
	}
	job := export.Job{Name: "export", Open: func(context.Context) (export.Entrypoint, error) {
		return export.Entrypoint{Environments: 1, Renderer: func(bool) export.Render {
			return func(_ context.Context, _ int, yield func(export.Environment) error) error {
				return w.all(results, yield)
			}
		}}, nil
	}}
	res, err := export.Run(ctx, dir, []export.Job{job}, run)
	if err != nil {
		return Written{}, err
	}
	return Written{Environments: res.Environments, Files: res.Files, Removed: res.Removed, Warnings: res.Warnings}, nil
}

// writing is a call of [Dir]. One goroutine uses it.
type writing struct {
	ctx     context.Context
	options Options
	namer   Namer
	// file is the one that is being written.
	file File
}

// all yields the environments of the results. It returns the faults of all results.
func (w *writing) all(results iter.Seq2[*render.Result, error], yield func(export.Environment) error) error {
	l := begin(w.ctx, results)
	defer l.end()
	var faults diag.List
	for l.next() {
		switch {
		case l.err != nil:
			faults = append(faults, faultsOf(l.err)...)
		case l.result == nil:
			faults = append(faults, faultsOf(errNoResult)...)
		default:
			if err := yield(w.begin(l.result)); err != nil {
				return err
			}
		}
	}
	if err := budget.Of(w.ctx).Err(); err != nil {
		return err
	}
	if l.panicked != nil {
		faults = append(faults, faultsOf(fmt.Errorf("the sequence of results %w", l.panicked))...)
	}
	return faults.Err()
}

// faultsOf returns the diagnostics in an error. Their chains hold the whole error.
func faultsOf(err error) diag.List {
	found, ok := diag.From(err)
	if !ok {
		return diag.List{{Problem: err.Error(), Err: err}}
	}
	if _, bare := err.(*diag.List); bare {
		return found
	}
	found = slices.Clone(found)
	for i := range found {
		found[i].Err = err
	}
	return found
}

// begin returns the environment of a result, whose files come next.
func (w *writing) begin(r *render.Result) export.Environment {
	e := r.Environment
	w.file = File{Environment: e}
	return export.Environment{Name: e.Name, Namespace: e.Entrypoint, Inline: e.Inline, Project: w.options.Project, Objects: r.Objects}
}

// unnamed is the error for an object without a file.
type unnamed struct {
	export.Nameless
	err error
}

func (u unnamed) Unwrap() []error { return []error{u.Nameless, u.err} }

// name names the file of an object.
func (w *writing) name(o manifest.Object) (string, error) {
	w.file.Object = o
	env := w.file.Environment
	var name string
	var err error
	if ended := budget.Away(w.ctx, func() { name, err = w.namer.name(env, o) }); ended != nil {
		return "", ended
	}
	if none := (export.Nameless{}); err != nil && !errors.As(err, &none) {
		err = unnamed{export.Nameless{Problem: err.Error()}, err}
	}
	w.file.Name = name
	return name, err
}

// write writes the file of the object that was named last.
func (w *writing) write(out io.Writer, _ manifest.Object) error {
	f := w.file
	var err error
	if ended := budget.Away(w.ctx, func() {
		if panicked := budget.Guarded(func() { err = w.options.Write(out, f) }); panicked != nil {
			err = fmt.Errorf("the function that writes it %w", panicked)
		}
	}); ended != nil {
		return ended
	}
	return err
}
