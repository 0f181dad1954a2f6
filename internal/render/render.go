// Package render turns an environment of a Jsonnet project into Kubernetes objects. Other
// Go programs start here: open a project with [project.Find] or [project.New], make a
// [Renderer], call [Renderer.Render].
//
// A Renderer evaluates the environment's Jsonnet, finds the objects in the nested result
// and sorts them into the order in which they can be applied. The objects depend only on
// the files and the options.
//
// Each call reads the files anew, each once, and finds their code by their text: a program
// that lives long, such as a service, has one Renderer, which sees every change and compiles
// only what has changed. [Renderer.With] gives a call its own arguments, and
// [Renderer.Freeze] gives many calls one look at the files.
//
// The package uses no schemas, contacts no cluster and prints nothing.
package render

import (
	"context"
	"io"
	"maps"
	"slices"

	"github.com/mop-platform/mop/internal/document"
	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Options are the inputs of a rendering besides the project's files. The zero
// value is none.
type Options struct {
	// ExtVars are the values of std.extVar.
	ExtVars map[string]eval.Variable
	// TLAs are the top-level arguments of entrypoints that are functions.
	TLAs map[string]eval.Variable
	// Dir is a directory in the project, "" for the root. The files of the variables are
	// searched there first, then along the environment's search path.
	Dir string
	// Natives are the functions of std.native.
	Natives []eval.Native
	// NativesBy is as in [eval.Input].
	NativesBy string
	// Targets are the objects to keep; the zero Targets keep all.
	Targets Targets
	// Kinds says which kinds are namespaced; nil means [schema.Builtin]. The
	// CustomResourceDefinitions among the objects add their kinds.
	Kinds *schema.Kinds
	// LikeTanka leaves the objects as Tanka does: it keeps the annotation
	// tanka.dev/namespaced and, in an environment with a namespace, drops empty
	// annotations.
	LikeTanka bool
	// Imports are importers by scheme, such as "https:", see [eval.Files.Elsewhere]. A
	// Renderer keeps those of [New].
	Imports map[string]eval.Importer
	// Cache is about how many bytes of compiled code the Renderer keeps, of the files that
	// were used last; 0 is 256 MiB.
	Cache int64
	// Interpreter runs the Jsonnet.
	Interpreter eval.Interpreter
	// Trace receives the output of std.trace; nil discards it. It must be
	// safe for concurrent use if the Renderer is used concurrently.
	Trace io.Writer
	// Warn receives warnings about the evaluations, which stop nothing; nil discards them.
	// It must be safe for concurrent use.
	Warn func(diag.Diagnostic)
}

// Renderer renders the environments of one project. It is safe for concurrent
// use.
type Renderer struct {
	project *project.Project
	files   *eval.Files
	// frozen says that files is for all calls, and not for one.
	frozen  bool
	options Options
}

// New returns a Renderer for p. It copies the maps and slices of the options.
func New(p *project.Project, o Options) *Renderer {
	o = o.copied()
	return &Renderer{project: p, files: eval.NewFiles(p, o.Cache).Elsewhere(o.Imports), options: o}
}

func (o Options) copied() Options {
	o.ExtVars, o.TLAs, o.Natives, o.Imports = maps.Clone(o.ExtVars), maps.Clone(o.TLAs), slices.Clone(o.Natives), maps.Clone(o.Imports)
	return o
}

// Freeze returns a Renderer with one look at the project's files for all calls: each file is
// read once, and later changes do not matter.
func (r *Renderer) Freeze() *Renderer { return r.look() }

// With returns a Renderer for the same project with other options. It shares the code of
// files, and the files of a frozen Renderer: a service has one Renderer, and calls With for
// the arguments of each request.
func (r *Renderer) With(o Options) *Renderer {
	return &Renderer{project: r.project, files: r.files, frozen: r.frozen, options: o.copied()}
}

// look returns a frozen Renderer, with one look at the files.
func (r *Renderer) look() *Renderer {
	if r.frozen {
		return r
	}
	out := *r
	out.files, out.frozen = r.files.Again(), true
	return &out
}

// Entry returns the environment of an exact name, see [project.Project.Exact], with the files
// of r if it is frozen.
func (r *Renderer) Entry(ctx context.Context, name string) (project.Environment, error) {
	return r.project.Exact(ctx, name, r.look().files.ReadFile)
}

// ReadFile returns the contents of a file, which must not be changed. If r is frozen, it is
// one of the files that r sees.
func (r *Renderer) ReadFile(ctx context.Context, name string) ([]byte, error) {
	return r.look().files.ReadFile(ctx, name)
}

// Recipe has all that a Renderer needs to render an environment again in the same way, when
// the files have changed. It keeps their texts alive, and not their code.
type Recipe struct {
	project *project.Project
	options Options
	files   *eval.Snapshot
}

// Recipe returns the recipe of r, which is frozen, with the files that it has seen until now.
func (r *Renderer) Recipe() Recipe {
	o := r.options
	o.Trace, o.Warn = nil, nil
	// To find origins is to keep more of what the evaluation makes.
	o.Interpreter.MaxMade *= 4
	return Recipe{r.project, o, r.files.Snapshot()}
}

// Renderer returns a frozen Renderer for the recipe. It traces and warns nobody.
func (m Recipe) Renderer() *Renderer {
	return &Renderer{project: m.project, files: m.files.Files(), frozen: true, options: m.options}
}

// Project returns the project whose environments r renders.
func (r *Renderer) Project() *project.Project { return r.project }

// Options returns the options of r, whose maps and slices must not be changed.
func (r *Renderer) Options() Options { return r.options }

// Result is a rendered environment.
type Result struct {
	Environment Environment
	// Objects are sorted as [manifest.Sort] does.
	Objects []manifest.Object
	// Read has the files that were read.
	Read eval.Result
	// Warnings are faults that stop nothing.
	Warnings diag.List
}

// Eval evaluates an entrypoint without looking for environments or objects in
// the result. expr selects a part of it as [eval.Input] describes; "" is
// everything.
//
// The error is a [*diag.List] if the Jsonnet is wrong, or the context's error if ctx was
// cancelled (see [eval.Eval] for how soon).
func (r *Renderer) Eval(ctx context.Context, entry project.Environment, expr string) (eval.Result, error) {
	in := r.input(entry)
	in.Expr = expr
	return eval.Eval(ctx, r.look().files, in)
}

// Apply is [Renderer.Eval] with the result of a function in Jsonnet for the value.
func (r *Renderer) Apply(ctx context.Context, entry project.Environment, function string) (eval.Result, error) {
	in := r.input(entry)
	in.Apply = function
	return eval.Eval(ctx, r.look().files, in)
}

// Imports returns the files that the entrypoint could import; see
// [eval.Imports].
func (r *Renderer) Imports(ctx context.Context, entry project.Environment) (eval.Result, error) {
	return eval.Imports(ctx, r.look().files, r.input(entry))
}

// Graph returns the files that entrypoints could import; see [eval.NewGraph].
func (r *Renderer) Graph(ctx context.Context, entries []project.Environment, mark func(text string) bool) (*eval.Graph, error) {
	inputs := make([]eval.Input, len(entries))
	for i, entry := range entries {
		// The environment's own variable is data and imports nothing.
		inputs[i] = r.sources(entry)
	}
	return eval.NewGraph(ctx, r.look().files, inputs, mark)
}

func (r *Renderer) input(entry project.Environment) eval.Input {
	in := r.sources(entry)
	in.ExtVars = r.extVars(entry)
	in.Natives, in.NativesBy = r.options.Natives, r.options.NativesBy
	in.Interpreter = r.options.Interpreter
	in.Trace, in.Warn = r.options.Trace, r.options.Warn
	return in
}

// sources returns the code of an evaluation of entry, without the environment's own
// variable.
func (r *Renderer) sources(entry project.Environment) eval.Input {
	return eval.Input{
		File:       entry.Entrypoint,
		Dir:        r.options.Dir,
		SearchPath: r.project.SearchPath(entry.Dir),
		ExtVars:    r.options.ExtVars,
		TLAs:       r.options.TLAs,
		Builtins:   Builtins(),
	}
}

// Builtins returns the Jsonnet that every environment can import, by import
// path: tk is Tanka's library.
func Builtins() map[string]string {
	return map[string]string{"tk": "{ env: std.extVar('" + environmentVariable + "') }"}
}

// environmentVariable is the external variable that holds a static environment's own
// resource; import 'tk' is short for it.
const environmentVariable = "tanka.dev/environment"

// extVars returns the external variables for entry: those of the options and
// the environment's resource.
func (r *Renderer) extVars(entry project.Environment) map[string]eval.Variable {
	vars := maps.Clone(r.options.ExtVars)
	if vars == nil {
		vars = map[string]eval.Variable{}
	}
	if _, ok := vars[environmentVariable]; ok {
		return vars
	}
	vars[environmentVariable] = eval.Code(`error "tk.env and std.extVar('` + environmentVariable + `') are only set where there is a spec.json"`)
	if entry.Resource != nil {
		code := static(entry).JSON()
		vars[environmentVariable] = eval.Code(string(code)).GivenAt(func(offset int) diag.Position {
			return entry.SpecPosition(document.PathAt(code, offset)...)
		})
	}
	return vars
}

// Render returns the objects of the only environment of an entrypoint. It returns all of
// them or an error, never a part. The error is a [*diag.List] with all faults of the
// Jsonnet, the environment or the objects, or with the names of the environments if there
// are several. For several use [Renderer.Load], [One] and [Renderer.Objects].
//
// The result is of the files as they are at one moment during the call, unless the Renderer
// is frozen: if one changes meanwhile, Render begins again. If they do not come to rest, the
// error says so.
func (r *Renderer) Render(ctx context.Context, entry project.Environment) (Result, error) {
	for m := r.Begin(entry.Entrypoint); ; {
		result, err := m.Look().render(ctx, entry)
		switch still, err := m.Still(ctx, err); {
		case err != nil:
			return Result{}, err
		case still:
			return result, nil
		}
	}
}

func (r *Renderer) render(ctx context.Context, entry project.Environment) (Result, error) {
	f, err := r.Load(ctx, entry)
	if err != nil {
		return Result{}, err
	}
	env, err := One(f.Environments, entry.Entrypoint, "")
	if err != nil {
		return Result{}, err
	}
	objects, err := r.Objects(ctx, env)
	if err != nil {
		return Result{}, err
	}
	return Result{Environment: env, Objects: objects, Read: env.Read(), Warnings: f.Warnings}, nil
}
