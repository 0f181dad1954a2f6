package render

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"github.com/mop-platform/mop/internal/eval"
	"github.com/mop-platform/mop/internal/imports"
	renderer "github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Result is a rendered environment. Its methods are safe for concurrent use. It keeps the
// texts of the files, but neither their code nor the evaluation. The zero Result depends on
// nothing.
type Result struct {
	Environment Environment
	// Objects are in the order in which they can be applied, see [manifest.Sort].
	Objects []manifest.Object
	// Warnings are faults that stop nothing, those of the spec first.
	Warnings []diag.Diagnostic

	// read returns what the result depends on, and named the name of a file.
	read  func() imports.Entry
	named func(name string) string
	again *eval.Repeated[renderer.Environment]
}

// result returns the rendered environment. recipe is that of look after the evaluation.
func (c *running) result(look *renderer.Renderer, env renderer.Environment, warnings diag.List) (*Result, error) {
	objects, err := look.Objects(c.ctx, env)
	if err != nil {
		return nil, err
	}
	files, disk, entry, name, read, recipe := c.project.files, c.project.disk, env.Entry, env.Name(), env.Read().Names(), look.Recipe()
	return &Result{
		Environment: environment(env),
		Objects:     objects,
		Warnings:    slices.Concat(warnings, c.warned()),
		read:        sync.OnceValue(func() imports.Entry { return imports.Read(files, entry, read) }),
		named:       func(name string) string { return named(disk, name) },
		again: eval.Repeat(context.Background(), c.project.limits.Time, func(ctx context.Context) (renderer.Environment, error) {
			file, err := only(ctx, recipe.Renderer(), entry, name)
			if err != nil {
				return renderer.Environment{}, err
			}
			return file.Chosen[0], nil
		}),
	}, nil
}

// DependsOn reports whether a change of the named file may change the result: one that was
// read, also through a symbolic link, the spec.json, or one that does not exist and would be
// found by an import. name is relative to the project's root, or an absolute path. It can be
// that of a directory that holds such a file, too.
func (r *Result) DependsOn(name string) bool {
	if r == nil || r.read == nil {
		return false
	}
	// To clean the name that an importer gave would change it.
	if r.read().DependsOn(name) {
		return true
	}
	name = path.Clean(r.named(name))
	if name == "." || path.Base(name) == ".." {
		return slices.ContainsFunc(r.read().Files, func(file string) bool {
			below, err := filepath.Rel(name, file)
			// There is an error if the directory is higher than the file needs.
			return err != nil || filepath.IsLocal(below)
		})
	}
	return r.read().DependsOn(name)
}

// Origins returns the places that made a field of an object of the Result, such as
// spec.replicas, first the one that a user would edit; a nil field is the whole object. A
// missing field has the origins of what is around it. For a field that the environment's
// spec sets, it is the place in the spec.
//
// The first call evaluates the environment again, with the files and the arguments of the
// Result, and the Result keeps this evaluation. If that fails, because a native function does
// not give the same result again, there are no origins.
func (r *Result) Origins(o manifest.Object, field manifest.Path) []diag.Position {
	if r == nil || r.again == nil {
		return nil
	}
	return r.again.Origins(func(env renderer.Environment) []eval.Origin { return env.ObjectOrigins(o, field) })
}
