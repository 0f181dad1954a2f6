// Package export writes rendered environments into a directory as one
// transaction: [Run] either replaces the directory's content completely or
// leaves it as it was.
//
// Each [Job] renders one entrypoint, whose environments several goroutines may
// share. The objects of an environment are written to a staging directory as soon
// as they are there and then forgotten, so memory does not grow with the number of
// environments. All jobs are run even
// if some fail: what is wrong is reported in one list, and nothing is changed
// then. If nothing is wrong, the staged files are completed with those of the
// directory that are to be kept, flushed to disk and swapped in.
//
// The file of an object is named by a Go template, see [Options.Format]. The
// directory's manifest.json tells which file comes from which entrypoint, as
// Tanka's does. Beside it .mop-manifest tells the projects and the inline
// environments of these files, for which Tanka's format has no place. Merging
// exports read both, so that no file goes that comes from something else than
// what they name. Of a file that is not in manifest.json, or there from another
// entrypoint, .mop-manifest counts for nothing: something else than mop has
// changed the directory. Where manifest.json is alone, the entrypoint's name has
// to do, whatever the project.
//
// How the swap is done depends on what the system allows:
//
//   - On Linux the two directories change places in one step (renameat2 with
//     RENAME_EXCHANGE). Whoever looks sees the old tree or the new one.
//   - Where that is not supported the old directory is renamed away and the new
//     one into its place. A run killed in between leaves no directory; the next
//     run brings the old one back before it begins.
//   - A directory that cannot be renamed (a mount point or one that holds some, one
//     whose parent is not writable, one of a lower layer of an overlay file system)
//     or must not be ([Options.InPlace]) has its files replaced one by one, by a
//     journal: all that is new is on its file system before the first old file goes.
//     A reader can see a mixture meanwhile; the next run completes what a killed one
//     began, before all else. Nothing is written into a mount point below the
//     directory: that is refused.
//
// Changes that others make in the directory while a swap is under way can get
// lost. Exports into one directory exclude each other by an advisory lock,
// which vanishes with its process. The lock and the staging directory stand
// beside the directory, called .NAME.mop-lock and .NAME.mop-export, or, where what
// is there cannot be moved into it, in it as .mop-lock and .mop-export. They are
// removed at the end, and those of a killed run by the next one.
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

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/message"
	"github.com/mop-platform/mop/pkg/swap"
)

// Job renders one entrypoint.
type Job struct {
	// Name is the entrypoint's name in the project, for messages.
	Name string
	// Open finds out which environments the entrypoint has. Its error, and that of
	// rendering one of them, is a [diag.List] if the Jsonnet is at fault. Run opens
	// several jobs at once.
	Open func(ctx context.Context) (Entrypoint, error)
}

// Entrypoint is the environments of a [Job].
type Entrypoint struct {
	// Environments is their number.
	Environments int
	// Renderer returns a function that calls yield with the environment that has a
	// number from 0 on, which is written then, and returns the error of yield, if
	// any. Run calls it in each goroutine that renders some, first in the one that
	// has opened the job; what it returned there is called for one environment at a
	// time.
	Renderer func(first bool) Render
}

// Render renders the environment with a number.
type Render func(ctx context.Context, n int, yield func(Environment) error) error

// Rendered returns a job of environments that are rendered already.
func Rendered(name string, envs ...Environment) Job {
	render := func(_ context.Context, n int, yield func(Environment) error) error { return yield(envs[n]) }
	return Job{Name: name, Open: func(context.Context) (Entrypoint, error) {
		return Entrypoint{len(envs), func(bool) Render { return render }}, nil
	}}
}

// Environment is one rendered environment.
type Environment struct {
	// Name is what it is called.
	Name string
	// Namespace is the entrypoint's name in the project, which several inline
	// environments share. It is what manifest.json tells of a file.
	Namespace string
	// Inline is true for one of possibly several in the entrypoint, which its name
	// tells from the others.
	Inline bool
	// Project identifies the project to later exports into the directory: equal
	// for the same project wherever it is checked out, different for others. One
	// that begins with ./ or ../ is the path of the project's root, seen from the
	// directory. With "" the names of entrypoints have to tell projects apart.
	Project string
	// File names the entrypoint in diagnostics; "" is Namespace.
	File string
	// Template is what {{env}} is in [Options.Format]: Tanka's Environment
	// resource, as encoding/json decodes it.
	Template map[string]any
	// Objects are written in their order, one file each.
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

// MergeStrategy says what becomes of the files that the directory holds.
type MergeStrategy string

const (
	// RequireEmpty refuses a directory that holds anything.
	RequireEmpty MergeStrategy = ""
	// FailOnConflicts keeps all files and refuses to overwrite any.
	FailOnConflicts MergeStrategy = "fail-on-conflicts"
	// ReplaceEnvs removes the files that come from the environments exported now,
	// and from any environment of [Options.Entrypoints], and refuses to overwrite
	// any other.
	ReplaceEnvs MergeStrategy = "replace-envs"
)

// The defaults of [Options].
const (
	DefaultFormat    = "{{.apiVersion}}.{{.kind}}-{{or .metadata.name .metadata.generateName}}"
	DefaultExtension = "yaml"
)

// Options are the settings of [Run]. The zero value has a meaning.
type Options struct {
	// Format is the template of a file's path below the directory, without the
	// extension; "" is [DefaultFormat]. It is a text/template over the object,
	// with the function env for [Environment.Template] and those of
	// github.com/Masterminds/sprig that give the same result every time. A
	// slash in the text makes a folder, one in a value becomes "-", as in
	// Tanka. A value that is missing is an error, never "<no value>".
	Format string
	// Extension is that of the files, without a dot; "" is [DefaultExtension].
	Extension string
	// MergeStrategy is what becomes of the files that are there.
	MergeStrategy MergeStrategy
	// Entrypoints are those that are exported as a whole, not only some of their
	// environments: with [ReplaceEnvs] the files go, too, of environments that they
	// no longer have.
	Entrypoints []Source
	// DeletedEnvs are names of entrypoints whose files are removed: those of
	// Projects, and those of which manifest.json alone tells. With [RequireEmpty]
	// there are none.
	DeletedEnvs []string
	// Projects identify the projects of DeletedEnvs, see [Environment.Project].
	Projects []string
	// SkipManifest leaves manifest.json and .mop-manifest as they are, or absent.
	SkipManifest bool
	// InPlace keeps the directory itself and replaces its files one by one.
	// Set it where the directory is or holds a process's working directory,
	// which a swap would leave in the old tree.
	InPlace bool
	// Parallel is the number of environments that are rendered at once; 0 is one
	// for each processor. It has no influence on the result.
	Parallel int
	// Write writes the content of an object's file; nil writes its YAML. It
	// must be safe for concurrent use.
	Write func(w io.Writer, o manifest.Object) error
	// Progress, if not nil, is told after each environment how many are done, and
	// how many there are as far as that is known. Calls do not overlap.
	Progress func(done, total int)
}

// Result is what [Run] did.
type Result struct {
	// Environments is the number of environments exported.
	Environments int
	// Files are the files written, Removed those removed and not written
	// again: slash-separated paths below the directory, sorted, without
	// manifest.json and .mop-manifest.
	Files, Removed []string
	// Warnings are what is odd but stopped nothing.
	Warnings diag.List
}

// Run exports the environments of jobs into the directory dir, which is
// created if absent. A symbolic link is followed.
//
// With any error the directory is as before, but for a failure while files are
// replaced one by one (see the package comment), which the error tells. The
// error is a [diag.List] of all that is wrong with the input: what the jobs
// report, names that the format does not give, several objects for one file,
// files in the way, mount points, another export at work. Otherwise it wraps what
// failed, the budget's error if that of ctx is spent, the context's if ctx was
// cancelled.
func Run(ctx context.Context, dir string, jobs []Job, o Options) (Result, error) {
	return run(ctx, dir, jobs, o, system{exchange: swap.Exchange, mounts: swap.Mounts})
}

func run(ctx context.Context, dir string, jobs []Job, o Options, sys system) (Result, error) {
	o = o.withDefaults(ctx)
	f, err := o.check(ctx)
	if err != nil {
		return Result{}, err
	}
	t, err := begin(ctx, dir, o.InPlace, sys)
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

// wrap says where an error that is not about the input comes from.
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

// check returns the parsed format, or a [diag.List] of what is wrong with o.
func (o Options) check(ctx context.Context) (*format, error) {
	var found diag.List
	strategies := []string{string(FailOnConflicts), string(ReplaceEnvs)}
	if s := string(o.MergeStrategy); s != "" && !slices.Contains(strategies, s) {
		d := diag.Diagnostic{Kind: diag.NoStrategy, Subject: "merge strategy", Problem: fmt.Sprintf("want %s, got %s", strings.Join(strategies, " or "), message.Quote(s))}
		if near := diag.Suggest(s, strategies); near != "" {
			d.Values = diag.Values{"near": message.Quote(near)}
		}
		found = append(found, d)
	}
	f, err := parseFormat(ctx, o.Format, o.Extension)
	if l, ok := diag.From(err); ok {
		found = append(found, l...)
	}
	return f, found.Sorted().Err()
}

// exportAll does what lies between taking the lock and giving it back.
func exportAll(ctx context.Context, t *transaction, jobs []Job, f *format, o Options) (Result, error) {
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
	// What environments share is wrong with each of them.
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
