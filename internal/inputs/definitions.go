package inputs

import (
	"cmp"
	"context"
	"io"
	"path/filepath"
	"slices"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/plain"
	"github.com/mop-platform/mop/internal/schema"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
)

// Definition is a CustomResourceDefinition, with the place and the size in bytes of its
// document.
type Definition struct {
	manifest.Object
	At   diag.Position
	Size int
}

// Largest returns the place of the largest document of definitions, which needs most of the
// work for a library. It is the zero position if there are none.
func (in Inputs) Largest(definitions []Definition) diag.Position {
	if len(definitions) == 0 {
		return diag.Position{}
	}
	return in.ShownAt(slices.MaxFunc(definitions, func(a, b Definition) int { return cmp.Compare(a.Size, b.Size) }).At)
}

// Definitions returns the CustomResourceDefinitions in the files that paths name, in their
// order. It reads a file once, even if several paths name it. It ignores other objects, and
// searches lists.
//
// found are the faults in the files: text that does not parse, and definitions without the
// fields that every object has. The error reports files that cannot be read, and paths
// without any definition.
func (in Inputs) Definitions(ctx context.Context, paths []string) (all []Definition, found diag.List, err error) {
	read := map[string]bool{} // whether a file has definitions or faults, by its path
	for _, p := range paths {
		files, err := in.Files(ctx, p)
		if err != nil {
			return nil, nil, workspace.Unreadable(p, err)
		}
		some := false
		for _, file := range files {
			if _, ok := read[file.Path]; !ok {
				objects, l, err := in.readDefinitions(ctx, file)
				if err != nil {
					return nil, nil, err
				}
				read[file.Path] = len(objects)+len(l) > 0
				all, found = append(all, objects...), append(found, l...)
			}
			some = some || read[file.Path]
		}
		if !some {
			return nil, nil, diag.Diagnostic{
				Subject: filepath.ToSlash(p),
				Problem: "want a CustomResourceDefinition or several, got none",
			}
		}
	}
	return all, found, nil
}

// readDefinitions returns the CustomResourceDefinitions of a file.
func (in Inputs) readDefinitions(ctx context.Context, file File) (objects []Definition, found diag.List, err error) {
	r, err := in.Open(ctx, file)
	if err != nil {
		return nil, nil, in.Unread(ctx, file.Path, err)
	}
	defer r.Close()
	return in.ParseDefinitions(ctx, file.Path, r)
}

// ParseDefinitions returns the CustomResourceDefinitions in the text of the file at a path.
// found and err are those of [Inputs.Definitions].
func (in Inputs) ParseDefinitions(ctx context.Context, file string, text io.Reader) (objects []Definition, found diag.List, err error) {
	defer budget.Of(ctx).During(in.Shown(file))()
	for d, err := range manifest.Read(ctx, filepath.ToSlash(file), text) {
		if l, wrong := diag.From(err); wrong {
			found = append(found, l...)
			continue
		}
		if err != nil {
			return nil, nil, in.Unread(ctx, file, err)
		}
		eachDefinition(nil, d.Value, func(at manifest.Path, value map[string]any) {
			o, l := manifest.New(at, value)
			for i := range l {
				l[i].Origins = append(l[i].Origins, d.At)
			}
			found = append(found, l...)
			if l.Err() == nil {
				objects = append(objects, Definition{o, d.At, d.Size})
			}
		})
	}
	return objects, found, nil
}

// eachDefinition calls f for the value at a path if it is a CustomResourceDefinition, and
// for those in it if it is a list. It ignores anything else, even if it is no object: a
// directory may hold a kustomization.yaml.
func eachDefinition(at manifest.Path, value any, f func(manifest.Path, map[string]any)) {
	object, _ := value.(map[string]any)
	kind, _ := object["kind"].(string)
	apiVersion, _ := object["apiVersion"].(string)
	if group, _ := plain.APIVersion(apiVersion); schema.IsCRD(group, kind) {
		f(at, object)
	}
	if items, _, ok := plain.Items(object); ok && plain.TooNested(at) == "" {
		for i, item := range items {
			eachDefinition(at.Field("items").Index(i), item, f)
		}
	}
}

// ShownAt returns a position with the user's name of the file.
func (in Inputs) ShownAt(at diag.Position) diag.Position {
	at.File = in.Shown(at.File)
	return at
}
