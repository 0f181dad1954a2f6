package render

import (
	"context"
	"strings"
	"sync"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Load evaluates the entrypoint of entry until its environments are known: one if there is
// a spec.json or no Environment resource in the result, else one for each such resource.
// The data of a resource are evaluated when its objects are asked for.
//
// The error is a [*diag.List] if the Jsonnet or a resource is wrong.
func (r *Renderer) Load(ctx context.Context, entry project.Environment) (File, error) {
	return r.LoadChosen(ctx, entry, nil)
}

// LoadChosen is [Renderer.Load] with only those environments Chosen that choose returns
// from all of them; a nil choose returns all. The data of the others are not evaluated,
// neither those of an environment with a spec.json nor those in the result, so that a fault
// in them does not matter.
func (r *Renderer) LoadChosen(ctx context.Context, entry project.Environment, choose func([]Environment) []Environment) (File, error) {
	r = r.look()
	selective := choose != nil
	if choose == nil {
		choose = func(all []Environment) []Environment { return all }
	}
	switch {
	case entry.Resource != nil:
		f, _ := r.List(ctx, entry)
		if len(choose(f.Environments)) == 0 {
			return f, nil
		}
		res, err := eval.Eval(ctx, r.files, r.input(entry))
		return chosen(entry, res, nil, err, choose)
	case r.options.Interpreter.Engine != eval.Compiled && selective:
		return r.loadAtOnce(ctx, entry, choose)
	case r.options.Interpreter.Engine != eval.Compiled:
		res, err := eval.Eval(ctx, r.files, r.input(entry))
		return chosen(entry, res, nil, err, choose)
	}
	from := eval.Open(ctx, r.files, r.input(entry))
	outline, err := from.Outline(cut)
	f, err := chosen(entry, outline, from, err, choose)
	switch {
	case err != nil || len(f.Chosen) == 0:
		return f, err
	case !f.Chosen[0].Inline:
		res, err := from.Value()
		return chosen(entry, res, nil, err, choose)
	case len(f.Chosen) > 1:
		from.Release()
	}
	return f, nil
}

// loadAtOnce is LoadChosen with an engine that cannot evaluate in parts. After the choice
// it evaluates the entrypoint again.
func (r *Renderer) loadAtOnce(ctx context.Context, entry project.Environment, choose func([]Environment) []Environment) (File, error) {
	f, err := r.List(ctx, entry)
	if err != nil {
		return f, err
	}
	envs := choose(f.Environments)
	if len(envs) == 0 {
		return f, nil
	}
	in := r.input(entry)
	if envs[0].Inline {
		names := make([]string, len(envs))
		for i, e := range envs {
			names[i] = eval.Literal(e.Name())
		}
		in.Apply = selection + "select([" + strings.Join(names, ", ") + "])"
	}
	res, err := eval.Eval(ctx, r.files, in)
	return chosen(entry, res, nil, err, choose)
}

// chosen returns the environments in res, the value of entry, with err.
func chosen(entry project.Environment, res eval.Result, from *eval.Opened, err error, choose func([]Environment) []Environment) (File, error) {
	if err != nil {
		return File{}, err
	}
	f, outside, err := environments(entry, res, from)
	if err != nil {
		return f, err
	}
	if f.Chosen = choose(f.Environments); len(f.Chosen) > 0 {
		f.Warnings = append(f.Warnings, outside...)
	}
	return f, nil
}

// List is [Renderer.Load] of the environments' resources alone: none is Chosen.
// One with a spec.json is not evaluated.
func (r *Renderer) List(ctx context.Context, entry project.Environment) (File, error) {
	r = r.look()
	if entry.Resource != nil {
		return File{Environments: []Environment{static(entry)}, Warnings: entry.Warnings}, nil
	}
	var res eval.Result
	var err error
	if r.options.Interpreter.Engine == eval.Compiled {
		res, err = eval.Open(ctx, r.files, r.input(entry)).Outline(cut)
	} else {
		in := r.input(entry)
		in.Apply = selection + "select([])"
		res, err = eval.Eval(ctx, r.files, in)
	}
	return chosen(entry, res, nil, err, func([]Environment) []Environment { return nil })
}

// Again returns f for another goroutine, with an evaluation of its own. The objects of its
// Chosen environments can be computed in parallel with those of f. Code that the
// environments share runs once in each evaluation.
func (f File) Again(ctx context.Context) File {
	var from *eval.Opened
	envs := make([]Environment, len(f.Chosen))
	for i, e := range f.Chosen {
		if e.data.from != nil {
			if from == nil {
				from = e.data.from.Again(ctx)
			}
			e.data, e.read = &data{from: from, path: e.data.path}, from.Result(e.read.Value)
		}
		envs[i] = e
	}
	f.Chosen = envs
	return f
}

// data holds an environment's objects.
type data struct {
	mu    sync.Mutex
	value any
	// from computes the value, which is the field data of the object at path. It is nil if
	// the value is there from the start.
	from  *eval.Opened
	path  manifest.Path
	known bool
}

func (d *data) get() (any, error) {
	if d == nil {
		return nil, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.from == nil || d.known {
		return d.value, nil
	}
	var err error
	d.value, err = d.from.Part(d.path, "data")
	d.known = err == nil
	return d.value, err
}

// Read returns the result with the files that were read for the environment so far.
func (e Environment) Read() eval.Result {
	if e.data.from == nil {
		return e.read
	}
	return e.data.from.Result(e.read.Value)
}

// Release frees the computed parts of the environment, except its resource. Afterwards
// [Environment.Origins] must not be asked about its objects.
//
// For a file with many environments it limits memory to those at work.
func (e Environment) Release() {
	if e.data == nil || e.data.from == nil {
		e.read.Release()
		return
	}
	e.data.mu.Lock()
	defer e.data.mu.Unlock()
	e.data.value, e.data.known = nil, false
	e.data.from.Release()
}

// selection is Jsonnet with a function select(names). The function keeps the Environment
// resources of a value, and the objects and arrays that hold them. It leaves out the data
// of resources with other names. Of other objects it keeps the fields that show that they
// are objects.
const selection = `
local says(x, name) = std.objectHas(x, name) && std.member(['string', 'number', 'boolean'], std.type(x[name]));
local isEnvironment(x) = says(x, 'apiVersion') && std.startsWith('' + x.apiVersion, 'tanka.dev/') && says(x, 'kind') && x.kind == 'Environment';
local isList(x) = says(x, 'kind') && std.endsWith('' + x.kind, 'List') && std.objectHas(x, 'items') && std.isArray(x.items);
local nameOf(x) = local metadata = std.get(x, 'metadata'); if std.isObject(metadata) then std.get(metadata, 'name');
local select(names) =
  local prune(x) =
    if std.isArray(x) then [prune(element) for element in x]
    else if !std.isObject(x) then {}
    else if isEnvironment(x) then if std.member(names, nameOf(x)) then x else x { data:: null }
    else if says(x, 'apiVersion') || says(x, 'kind') then
      { [name]: x[name] for name in ['apiVersion', 'kind'] if says(x, name) } + (if isList(x) then { items: prune(x.items) } else {})
    else { [name]: prune(x[name]) for name in std.objectFields(x) };
  prune;
`
