// Package render turns an environment of a Jsonnet project into Kubernetes
// objects. It is the door for other Go programs: open a project with
// [project.Find] or [project.New], make a [Renderer], call [Renderer.Render].
//
// A Renderer evaluates the environment's Jsonnet, finds the objects in the
// nested result and sorts them into the order in which they can be applied.
// Each file of the project is read once in a Renderer's life. Equal files and
// options give equal objects; nothing else has an influence.
//
// The package does not know the kinds' schemas, talks to no cluster and prints
// nothing.
package render

import (
	"context"
	"io"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/eval"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/project"
)

// Options are the inputs of a rendering besides the project's files. The zero
// value is none.
type Options struct {
	// ExtVars are the values of std.extVar.
	ExtVars map[string]eval.Variable
	// TLAs are the top-level arguments of entrypoints that are functions.
	TLAs map[string]eval.Variable
	// Dir is the name of the directory in the project that the files of the
	// variables are relative to, before the environment's search path. "" is
	// the root.
	Dir string
	// MaxStack limits the depth of calls; 0 is [eval.DefaultMaxStack].
	MaxStack int
	// Trace receives the output of std.trace; nil discards it. It must be
	// safe for concurrent use if the Renderer is used concurrently.
	Trace io.Writer
}

// Renderer renders the environments of one project. It is safe for concurrent
// use.
type Renderer struct {
	project *project.Project
	files   *eval.Files
	options Options
}

// New returns a Renderer for p.
func New(p *project.Project, o Options) *Renderer {
	return &Renderer{project: p, files: eval.NewFiles(p), options: o}
}

// Result is a rendered environment.
type Result struct {
	// Objects are sorted as [manifest.Sort] does.
	Objects []manifest.Object
	// Files are the names of the files that had an influence, sorted.
	Files []string
}

// Eval evaluates env without looking for objects in the result. expr selects a
// part of it as [eval.Input] describes; "" is everything.
//
// The error is a [diag.List] if the Jsonnet is at fault, the context's error if
// ctx was cancelled (see [eval.Eval] for how soon).
func (r *Renderer) Eval(ctx context.Context, env project.Environment, expr string) (eval.Result, error) {
	return eval.Eval(ctx, r.files, eval.Input{
		File:       env.Entrypoint,
		Dir:        r.options.Dir,
		SearchPath: r.project.SearchPath(env.Dir),
		Expr:       expr,
		ExtVars:    r.options.ExtVars,
		TLAs:       r.options.TLAs,
		MaxStack:   r.options.MaxStack,
		Trace:      r.options.Trace,
	})
}

// Render returns the objects of env. It returns all of them or an error, never
// a part: the error is a [diag.List] with everything that is wrong with the
// Jsonnet or the objects.
func (r *Renderer) Render(ctx context.Context, env project.Environment) (Result, error) {
	res, err := r.Eval(ctx, env, "")
	if err != nil {
		return Result{}, err
	}
	objects, found := Flatten(res.Value)
	for i := range found {
		found[i].Origins = append(found[i].Origins, diag.Position{File: env.Entrypoint})
	}
	if err := found.Err(); err != nil {
		return Result{}, err
	}
	manifest.Sort(objects)
	return Result{Objects: objects, Files: res.Files}, nil
}
