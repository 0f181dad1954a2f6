package compare

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/edit"
	"github.com/mop-platform/mop/internal/export"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/patch"
	"github.com/mop-platform/mop/internal/project"
	"github.com/mop-platform/mop/internal/render"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Pair is two environments, or directories of rendered manifests, to compare.
type Pair struct {
	Inputs    inputs.Inputs
	Workspace *workspace.Workspace
	// Environment evaluates the environment that an argument names.
	Environment func(ctx context.Context, arg string) (batch.Environment, error)
	// Targets select the objects of directories. The workspace has selected those of
	// environments.
	Targets render.Targets
	// Namespaces maps namespaces of the first to namespaces of the second. Objects in one
	// are compared with objects in the other. By default the namespace in the first
	// environment's spec is mapped to that in the second's.
	Namespaces map[string]string
}

// Compare compares the environments or directories that two arguments name.
func (p Pair) Compare(ctx context.Context, first, second string) (Result, error) {
	sides := [2]operand{{arg: first, places: map[manifest.ID]diag.Position{}}, {arg: second, places: map[manifest.ID]diag.Position{}}}
	for i := range sides {
		if err := p.render(ctx, &sides[i]); err != nil {
			return Result{}, err
		}
	}
	for i := range sides {
		if sides[i].env == nil {
			if err := p.read(ctx, &sides[i], sides[1-i]); err != nil {
				return Result{}, err
			}
		}
	}
	for i, object := range sides[0].objects {
		namespace, ok := p.Namespaces[object.ID().Namespace]
		if from, to := sides[0].env, sides[1].env; !ok && from != nil && to != nil && from.Namespace() != "" && object.ID().Namespace == from.Namespace() {
			namespace, ok = to.Namespace(), to.Namespace() != ""
		}
		if ok {
			mapped := edit.Namespace(object, namespace)
			sides[0].objects[i], sides[0].places[mapped.ID()] = mapped, sides[0].places[object.ID()]
		}
	}
	var found Result
	found.add(Comparison{first, second, patch.Compare(sides[0].objects, sides[1].objects), [2]map[manifest.ID]diag.Position{sides[0].places, sides[1].places}})
	return found, nil
}

// operand is one of two things to compare.
type operand struct {
	arg string
	// env is the environment, nil for a directory of manifests.
	env     *batch.Environment
	objects []manifest.Object
	// places are the places of objects in files.
	places map[manifest.ID]diag.Position
}

// render renders the operand if it is an environment.
func (p Pair) render(ctx context.Context, side *operand) error {
	if isPlainDirectory(ctx, p.Workspace, side.arg) {
		return nil
	}
	env, err := p.Environment(ctx, side.arg)
	if err != nil {
		return err
	}
	side.env = &env
	side.objects, err = env.Objects(ctx)
	return err
}

// isPlainDirectory reports whether arg is a directory that is in no environment and has
// none below it.
func isPlainDirectory(ctx context.Context, w *workspace.Workspace, arg string) bool {
	info, err := os.Stat(w.Abs(arg))
	if err != nil || !info.IsDir() {
		return false
	}
	root := w.Abs(arg)
	if s, name, err := w.Around(arg); err == nil {
		root = s.Root()
		if below, err := s.Project.Environments(ctx, name); err != nil || len(below) > 0 {
			return false
		}
	}
	for dir := w.Abs(arg); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, project.Entrypoint)); err == nil {
			return false
		}
		if dir == root || dir == filepath.Dir(dir) {
			return true
		}
	}
}

// read reads the objects of a directory that targets select. If the directory is compared
// with an environment and has an index of "mop export", read leaves out files that come
// from other environments.
func (p Pair) read(ctx context.Context, side *operand, other operand) error {
	root := p.Inputs.Abs(side.arg)
	index, isIndex := export.ReadIndex(ctx, root)
	var source export.Source
	if isIndex && other.env != nil {
		source = export.Source{Project: other.env.State.Identity(ctx, side.arg), Entrypoint: other.env.Entry.Entrypoint}
		if other.env.Inline {
			source.Environment = other.env.Name()
		}
	}
	files, err := p.Inputs.Files(ctx, root)
	if ended := budget.Of(ctx).Err(); ended != nil {
		return ended
	}
	if err != nil {
		return fmt.Errorf("%s: %w", side.arg, err)
	}
	if len(files) == 0 {
		return diag.Diagnostic{
			Subject: filepath.ToSlash(side.arg),
			Problem: "neither an environment nor rendered manifests: no main.jsonnet here or in a parent directory, and no .yaml, .yml or .json file below",
		}
	}
	var found diag.List
	for _, file := range files {
		rel, err := filepath.Rel(root, file.Path)
		if err != nil {
			return err
		}
		from, known := index[filepath.ToSlash(rel)]
		if isIndex && rel == "manifest.json" || known && other.env != nil && !from.MayBe(source) {
			continue
		}
		l, err := p.readFile(ctx, side, file)
		if err != nil {
			return p.Inputs.Unread(ctx, file.Path, err)
		}
		found = append(found, l...)
	}
	side.objects = slices.DeleteFunc(side.objects, func(o manifest.Object) bool { return !p.Targets.Match(o) })
	return found.Err()
}

// readFile reads the objects of a file.
func (p Pair) readFile(ctx context.Context, side *operand, file inputs.File) (diag.List, error) {
	r, err := p.Inputs.Open(ctx, file)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	defer budget.Of(ctx).During(p.Inputs.Shown(file.Path) + ":1")()
	return render.Read(ctx, filepath.ToSlash(file.Path), r, func(o manifest.Object, at diag.Position) {
		side.objects, side.places[o.ID()] = append(side.objects, o), p.Inputs.ShownAt(at)
	})
}
