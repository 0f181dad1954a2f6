// Package export writes rendered environments into a directory as one
// transaction: [Run] either replaces the directory's content completely or
// leaves it as it was.
//
// Each [Job] renders one entrypoint, whose environments several goroutines may share. Run
// writes the objects of an environment to a staging directory as soon as they are rendered,
// and then forgets them, so memory does not grow with the number of environments. It runs
// all jobs even if some fail. If there are faults, it reports all in one list and changes
// nothing. Otherwise it adds the files of the directory that are to be kept to the staged
// files, flushes them to disk and swaps them in.
//
// A Go template names the file of an object, see [Options.Format]. The directory's
// manifest.json has the entrypoint of each file, as Tanka's does. Beside it, .mop-manifest
// has the projects and the inline environments of these files, for which Tanka's format has
// no place. Merging exports read both, so that they remove only files of the sources that
// they name. If manifest.json lacks a file or has another entrypoint for it, .mop-manifest
// does not count for this file: another program than mop has changed the directory. If
// there is only manifest.json, the entrypoint's name alone decides, whatever the project.
//
// How the swap is done depends on the system:
//
//   - On Linux the two directories change places in one step (renameat2 with
//     RENAME_EXCHANGE). A reader sees the old tree or the new one.
//   - If that is not supported, Run renames the old directory away and the new one into its
//     place. A run killed in between leaves no directory; the next run restores the old one
//     before it begins.
//   - Some directories must not be renamed ([Options.InPlace]). Others cannot be renamed: a
//     mount point or a directory that contains one, a directory with a parent that is not
//     writable, and a directory in a lower layer of an overlay file system. Run replaces
//     their files one by one, by a journal: all new files are on the file system of the
//     directory before the first old file goes. Meanwhile a reader can see a mixture. If a
//     run is killed, the next one first completes its work. Run refuses to write into a
//     mount point below the directory.
//
// Changes that others make in the directory during a swap can get lost. Exports into one
// directory exclude each other by an advisory lock, which vanishes with its process. The
// lock and the staging directory stand beside the directory, called .NAME.mop-lock and
// .NAME.mop-export. If files cannot be moved from there into the directory, they are in it
// as .mop-lock and .mop-export. Run removes them at the end, and those of a killed run at
// the beginning.
package export

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Job renders one entrypoint.
type Job struct {
	// Name is the entrypoint's name in the project, for messages.
	Name string
	// Open finds the environments of the entrypoint. Its error, and that of rendering one
	// of them, is a [*diag.List] if the Jsonnet is at fault. Run opens several jobs at the
	// same time.
	Open func(ctx context.Context) (Entrypoint, error)
}

// Entrypoint has the environments of a [Job].
type Entrypoint struct {
	// Environments is their number.
	Environments int
	// Renderer returns the function that renders environments. Run calls Renderer once in
	// each goroutine that renders some of them; first is set in the goroutine that has
	// opened the job. Run calls the returned function for one environment at a time.
	Renderer func(first bool) Render
}

// Render renders environment n, counted from 0, and calls yield with it, which writes it.
// It returns the error of yield, if any.
type Render func(ctx context.Context, n int, yield func(Environment) error) error

// Environment is one rendered environment.
type Environment struct {
	// Name is its name.
	Name string
	// Namespace is the entrypoint's name in the project, which several inline environments
	// share. manifest.json has it for each file.
	Namespace string
	// Inline says that the entrypoint may have several environments, with different names.
	Inline bool
	// Project identifies the project for later exports into the directory. It is equal for
	// the same project wherever it is checked out, and different for others. If it begins
	// with ./ or ../, it is the path of the project's root, relative to the directory. If
	// it is "", only the names of entrypoints distinguish projects.
	Project string
	// File names the entrypoint in diagnostics; "" means Namespace.
	File string
	// Template is the result of {{env}} in [Options.Format]: Tanka's Environment resource,
	// as encoding/json decodes it.
	Template map[string]any
	// Objects are written in this order, one file each.
	Objects []manifest.Object
}

func (e Environment) source() Source {
	s := Source{Project: e.Project, Entrypoint: e.Namespace}
	if e.Inline {
		s.Environment = e.Name
	}
	return s
}

func (e Environment) file() string { return cmp.Or(e.File, e.Namespace) }

// MergeStrategy says what happens to the files in the directory.
type MergeStrategy string

const (
	// RequireEmpty refuses a directory that is not empty.
	RequireEmpty MergeStrategy = ""
	// FailOnConflicts keeps all files and refuses to overwrite any.
	FailOnConflicts MergeStrategy = "fail-on-conflicts"
	// ReplaceEnvs removes the files of the environments exported now, and of any
	// environment of [Options.Entrypoints]. It refuses to overwrite any other file.
	ReplaceEnvs MergeStrategy = "replace-envs"
)

// The defaults of [Options].
const (
	DefaultFormat    = "{{.apiVersion}}.{{.kind}}-{{or .metadata.name .metadata.generateName}}"
	DefaultExtension = "yaml"
)

// Options are the settings of [Run]. The zero value is valid.
type Options struct {
	// Format is the template of a file's path below the directory, without the extension;
	// "" is [DefaultFormat]. It is a text/template for the object, with the function env
	// for [Environment.Template] and the functions of github.com/Masterminds/sprig that
	// always give the same result. A slash in the text makes a folder. A slash in a value
	// becomes "-", as in Tanka. A missing value is an error, never "<no value>".
	Format string
	// Extension is the extension of the files, without a dot; "" is [DefaultExtension].
	Extension string
	// Name, if not nil, gives an object's file its whole name in the place of Format and
	// Extension. A [Nameless] in the chain of its error is a fault of the object; another
	// error ends the export. Name must be safe for concurrent use.
	Name func(o manifest.Object) (string, error)
	// MergeStrategy says what happens to existing files.
	MergeStrategy MergeStrategy
	// Entrypoints are the entrypoints that are exported with all their environments. With
	// [ReplaceEnvs], the files of environments that they no longer have are removed too.
	Entrypoints []Source
	// DeletedEnvs are names of entrypoints whose files are removed: the files of Projects,
	// and those that only manifest.json has. With [RequireEmpty] there are none.
	DeletedEnvs []string
	// Projects identify the projects of DeletedEnvs, as [Environment.Project] does.
	Projects []string
	// SkipManifest leaves manifest.json and .mop-manifest as they are, or absent.
	SkipManifest bool
	// InPlace keeps the directory itself and replaces its files one by one. Set it if a
	// process has its working directory in the directory, because a swap would leave that
	// in the old tree.
	InPlace bool
	// WorkingDir is the directory that the directory of [Run] is relative to, "" for the
	// process's working directory.
	WorkingDir string
	// Parallel is the number of environments that are rendered at the same time; 0 is one
	// for each processor. It does not influence the result.
	Parallel int
	// Write writes the content of an object's file; nil writes its YAML. It
	// must be safe for concurrent use.
	Write func(w io.Writer, o manifest.Object) error
	// Progress, if not nil, gets after each environment the number that are done and the
	// known total. Calls do not overlap.
	Progress func(done, total int)
}

// Result says what [Run] did.
type Result struct {
	// Environments is the number of environments exported.
	Environments int
	// Files are the files written, and Removed those removed and not written again. They
	// are sorted slash-separated paths below the directory, without manifest.json and
	// .mop-manifest.
	Files, Removed []string
	// Warnings are findings that stopped nothing.
	Warnings diag.List
}

// Run exports the environments of jobs into the directory dir. It creates dir if absent,
// and follows a symbolic link.
//
// After an error the directory is as before, unless the error says that replacing files one
// by one has failed (see the package comment). The error is a [*diag.List] of all faults of
// the input: faults that the jobs report, failures of the format of names, several objects
// for one file, files in the way, mount points, another running export. Any other error
// wraps its reason. If the budget of ctx is spent, the reason is the budget's error; if ctx
// was cancelled, it is the context's.
func Run(ctx context.Context, dir string, jobs []Job, o Options) (Result, error) {
	return run(ctx, dir, jobs, o, system{exchange: swap.Exchange, mounts: swap.Mounts})
}

func run(ctx context.Context, dir string, jobs []Job, o Options, sys system) (Result, error) {
	o = o.withDefaults(ctx)
	f, err := o.check(ctx)
	if err != nil {
		return Result{}, err
	}
	t, err := begin(ctx, dir, o, sys)
	if err != nil {
		return Result{}, wrap(dir, err)
	}
	res, err := exportAll(ctx, t, jobs, f, o)
	if leftover := t.end(); leftover != nil && err == nil {
		res.Warnings = append(res.Warnings, diag.Diagnostic{
			Severity: diag.Warning, Subject: dir, Problem: "exported, but something is left over: " + leftover.Error(),
		})
	}
	if err != nil {
		return Result{}, wrap(dir, err)
	}
	res.Warnings = res.Warnings.Sorted()
	return res, nil
}

// wrap adds the directory to an error that is not about the input.
func wrap(dir string, err error) error {
	if _, ok := diag.From(err); ok {
		return err
	}
	return fmt.Errorf("export into %s: %w", dir, err)
}

func (o Options) withDefaults(ctx context.Context) Options {
	if o.Format == "" {
		o.Format = DefaultFormat
	}
	if o.Extension == "" {
		o.Extension = DefaultExtension
	}
	if o.Parallel <= 0 {
		o.Parallel = runtime.GOMAXPROCS(0)
	}
	if o.Write == nil {
		o.Write = func(w io.Writer, object manifest.Object) error {
			return manifest.WriteYAML(ctx, w, []manifest.Object{object})
		}
	}
	return o
}

// check returns the parsed format, or a [*diag.List] of the faults of o.
func (o Options) check(ctx context.Context) (*Format, error) {
	var found diag.List
	strategies := []string{string(FailOnConflicts), string(ReplaceEnvs)}
	if s := string(o.MergeStrategy); s != "" && !slices.Contains(strategies, s) {
		d := diag.Diagnostic{Code: failure.NoStrategy, Subject: "merge strategy", Problem: fmt.Sprintf("want %s, got %s", strings.Join(strategies, " or "), message.Quote(s))}
		if near := spelling.Suggest(s, strategies); near != "" {
			d.Values = map[string]any{"near": message.Quote(near)}
		}
		found = append(found, d)
	}
	f, err := ParseFormat(ctx, o.Format, o.Extension)
	if l, ok := diag.From(err); ok {
		found = append(found, l...)
	}
	return f, found.Sorted().Err()
}

// exportAll does the work for which the lock is held.
func exportAll(ctx context.Context, t *transaction, jobs []Job, f *Format, o Options) (Result, error) {
	if o.MergeStrategy == RequireEmpty {
		if err := t.requireEmpty(); err != nil {
			return Result{}, err
		}
	}
	old, known, err := readIndex(ctx, t.target, t.dir)
	if err != nil {
		return Result{}, err
	}
	s := newSpool(t.staging(), f, o)
	if err := s.run(ctx, jobs); err != nil {
		return Result{}, err
	}
	entries, err := t.walk()
	if err != nil {
		return Result{}, err
	}
	r := newReplaced(o, s.sources)
	p := newPlan(entries, old, r, s, o.SkipManifest)
	found, warnings := conflicts(t.dir, s.claims, p.kept, old)
	// A fault that environments share is found in each of them.
	faults := slices.CompactFunc(append(s.diagnostics(), found...).Sorted(), func(a, b diag.Diagnostic) bool { return reflect.DeepEqual(a, b) })
	if err := faults.Err(); err != nil {
		return Result{}, err
	}
	switch {
	case known:
		warnings = append(warnings, r.warnings(t.dir, old, p.unclear, o)...)
	case len(entries) > 0 && (o.MergeStrategy == ReplaceEnvs || len(o.DeletedEnvs) > 0):
		warnings = append(warnings, diag.Diagnostic{
			Severity: diag.Warning, Subject: indexFile, Problem: "not found, so nothing of earlier exports was removed",
		})
	}
	if !o.SkipManifest {
		recorded := slices.ContainsFunc(entries, func(e entry) bool { return e.name == recordFile })
		if err := p.index.write(t.staging(), known, recorded); err != nil {
			return Result{}, err
		}
	}
	if err := t.commit(ctx, p); err != nil {
		return Result{}, err
	}
	return Result{Environments: s.environments, Files: s.names(), Removed: p.removed, Warnings: warnings}, nil
}
