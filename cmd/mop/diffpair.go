package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/batch"
	"github.com/mop-platform/mop/internal/inputs"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/diff"
	"github.com/mop-platform/mop/pkg/export"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/project"
	"github.com/mop-platform/mop/pkg/render"
)

// diffPair compares what two arguments mean, environments or directories of
// manifests.
func (a *app) diffPair(ctx context.Context, first, second string, o diffOptions) (comparisons, error) {
	matches, err := o.namespaceMatches()
	if err != nil {
		return comparisons{}, err
	}
	targets, err := render.ParseTargets(o.objects.targets)
	if err != nil {
		return comparisons{}, err
	}
	w, err := a.workspace(&o.jsonnet, &o.objects)
	if err != nil {
		return comparisons{}, err
	}
	sides := [2]operand{{arg: first, places: map[manifest.ID]diag.Position{}}, {arg: second, places: map[manifest.ID]diag.Position{}}}
	for i := range sides {
		if err := a.renderOperand(ctx, w, &sides[i], o); err != nil {
			return comparisons{}, err
		}
	}
	for i := range sides {
		if sides[i].env == nil {
			if err := a.readOperand(ctx, &sides[i], sides[1-i], targets); err != nil {
				return comparisons{}, err
			}
		}
	}
	if from, to := sides[0].env, sides[1].env; from != nil && to != nil && from.Namespace() != "" && to.Namespace() != "" {
		if _, ok := matches[from.Namespace()]; !ok {
			matches[from.Namespace()] = to.Namespace()
		}
	}
	for i, object := range sides[0].objects {
		if namespace, ok := matches[object.ID().Namespace]; ok {
			mapped := object.WithNamespace(namespace)
			sides[0].objects[i], sides[0].places[mapped.ID()] = mapped, sides[0].places[object.ID()]
		}
	}
	var found comparisons
	found.add(comparison{first, second, diff.Compare(sides[0].objects, sides[1].objects), [2]map[manifest.ID]diag.Position{sides[0].places, sides[1].places}})
	return found, nil
}

// operand is one of two things to compare.
type operand struct {
	arg string
	// env is the environment, nil for a directory of manifests.
	env     *batch.Environment
	objects []manifest.Object
	// places are where those of files stand.
	places map[manifest.ID]diag.Position
}

// renderOperand renders the operand if it is an environment.
func (a *app) renderOperand(ctx context.Context, w *workspace.Workspace, side *operand, o diffOptions) error {
	if isPlainDirectory(ctx, w, side.arg) {
		return nil
	}
	env, err := a.environmentIn(ctx, w, side.arg, &o.objects)
	if err != nil {
		return err
	}
	side.env = &env
	side.objects, err = env.Objects()
	return err
}

// isPlainDirectory reports whether arg is a directory that has nothing to do
// with environments: it is in none and has none below it.
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

// readOperand reads the objects of a directory that targets select: if it is
// compared with an environment and has an index of "mop export", without those
// files that come from others.
func (a *app) readOperand(ctx context.Context, side *operand, other operand, targets render.Targets) error {
	fsys := os.DirFS(a.abs(side.arg))
	index, isIndex := export.ReadIndex(ctx, a.abs(side.arg))
	var source export.Source
	if isIndex && other.env != nil {
		source = export.Source{Project: other.env.State.Identity(ctx, side.arg), Entrypoint: other.env.Entry.Entrypoint}
		if other.env.Inline {
			source.Environment = other.env.Name()
		}
	}
	files := 0
	var found diag.List
	err := fs.WalkDir(fsys, ".", budget.Walk(ctx, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", side.arg, err)
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir(), !slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)):
			return nil
		}
		files++
		file := filepath.ToSlash(a.abs(filepath.Join(side.arg, name)))
		from, known := index[name]
		if isIndex && name == "manifest.json" || known && other.env != nil && !from.MayBe(source) {
			return nil
		}
		r, err := budget.Open(a.abs(filepath.Join(side.arg, filepath.FromSlash(name))))
		if err != nil {
			return inputs.Inputs{Dir: a.dir}.Unread(ctx, file, err)
		}
		defer r.Close()
		defer budget.Of(ctx).During(a.displayPath(file) + ":1")()
		l, err := render.Read(ctx, file, r, func(o manifest.Object, at diag.Position) {
			side.objects, side.places[o.ID()] = append(side.objects, o), inputs.Inputs{Dir: a.dir}.ShownAt(at)
		})
		if err != nil {
			return inputs.Inputs{Dir: a.dir}.Unread(ctx, file, err)
		}
		found = append(found, l...)
		return nil
	}))
	if err != nil {
		return err
	}
	if files == 0 {
		return diag.Diagnostic{
			Subject: filepath.ToSlash(side.arg),
			Problem: "neither an environment nor rendered manifests: no main.jsonnet here or in a parent directory, and no .yaml, .yml or .json file below",
		}
	}
	side.objects = slices.DeleteFunc(side.objects, func(o manifest.Object) bool { return !targets.Match(o) })
	return found.Err()
}
