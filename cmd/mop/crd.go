package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/stream"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/schema"
)

// crdObject is a CustomResourceDefinition and where its document begins, which has a
// size in bytes.
type crdObject struct {
	manifest.Object
	at   diag.Position
	size int
}

// largest returns where the largest document of definitions stands, which takes most of
// what a library takes.
func (a *app) largest(crds []crdObject) diag.Position {
	if len(crds) == 0 {
		return diag.Position{}
	}
	return a.displayedAt(slices.MaxFunc(crds, func(a, b crdObject) int { return cmp.Compare(a.size, b.size) }).at)
}

// displayedAt returns a position with the name of the file as the user sees it.
func (a *app) displayedAt(at diag.Position) diag.Position {
	at.File = a.displayPath(at.File)
	return at
}

// crds returns the CustomResourceDefinitions of files, of directories and,
// where a path is "-", of stdin, in the order of paths. Of a directory it takes
// the files called *.yaml, *.yml and *.json, at any depth and by name, but none
// that is hidden. A file that several paths mean is read once. Other objects
// are passed over; lists are searched.
//
// found tells what is wrong in the files: what does not parse, and definitions
// that lack what every object has. The error tells of what cannot be read, and
// of paths without any definition.
func (a *app) crds(ctx context.Context, stdin io.Reader, paths []string) (all []crdObject, found diag.List, err error) {
	read := map[string]bool{} // whether there is something in a file, by its path
	for _, p := range paths {
		files, err := a.manifestFiles(ctx, p)
		if err != nil {
			return nil, nil, workspace.Unreadable(p, err)
		}
		some := false
		for _, file := range files {
			if _, ok := read[file.path]; !ok {
				objects, l, err := a.readCRDs(ctx, stdin, file)
				if err != nil {
					return nil, nil, err
				}
				read[file.path] = len(objects)+len(l) > 0
				all, found = append(all, objects...), append(found, l...)
			}
			some = some || read[file.path]
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

// stdinName is what messages call standard input.
const stdinName = "<stdin>"

// manifestFile is a file with manifests.
type manifestFile struct {
	// path is absolute, or stdinName.
	path string
	// named says that the user names the file itself, not a directory that it is in.
	named bool
}

// manifestFiles returns the files with manifests that an argument means.
func (a *app) manifestFiles(ctx context.Context, arg string) ([]manifestFile, error) {
	if arg == "-" {
		return []manifestFile{{stdinName, true}}, nil
	}
	root := a.abs(arg)
	info, err := os.Stat(root)
	if err != nil || !info.IsDir() {
		return []manifestFile{{root, true}}, err
	}
	var files []manifestFile
	err = fs.WalkDir(os.DirFS(root), ".", budget.Walk(ctx, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)):
			files = append(files, manifestFile{path: filepath.Join(root, name)})
		}
		return nil
	}))
	return files, err
}

// openManifest opens a file with manifests. To open and to read it ends with ctx.
func openManifest(ctx context.Context, stdin io.Reader, file manifestFile) (io.ReadCloser, error) {
	switch {
	case file.path == stdinName:
		return io.NopCloser(stream.Until(ctx, stdin)), nil
	case file.named:
		return stream.Open(ctx, file.path)
	}
	return budget.Open(file.path)
}

// readCRDs returns the CustomResourceDefinitions of one of manifestFiles.
func (a *app) readCRDs(ctx context.Context, stdin io.Reader, file manifestFile) (objects []crdObject, found diag.List, err error) {
	r, err := openManifest(ctx, stdin, file)
	if err != nil {
		return nil, nil, a.unread(ctx, file.path, err)
	}
	defer r.Close()
	return a.parseCRDs(ctx, file.path, r)
}

// parseCRDs returns the CustomResourceDefinitions in the text of a file.
func (a *app) parseCRDs(ctx context.Context, file string, text io.Reader) (objects []crdObject, found diag.List, err error) {
	defer budget.Of(ctx).During(a.displayPath(filepath.ToSlash(file)))()
	for d, err := range manifest.Read(ctx, filepath.ToSlash(file), text) {
		if l, wrong := diag.From(err); wrong {
			found = append(found, l...)
			continue
		}
		if err != nil {
			return nil, nil, a.unread(ctx, file, err)
		}
		eachCRD(nil, d.Value, func(at manifest.Path, value map[string]any) {
			o, l := manifest.New(at, value)
			for i := range l {
				l[i].Origins = append(l[i].Origins, d.At)
			}
			found = append(found, l...)
			if l.Err() == nil {
				objects = append(objects, crdObject{o, d.At, d.Size})
			}
		})
	}
	return objects, found, nil
}

// unread returns an error of [manifest.Read] with the name of the file as the user
// sees it, nil for nil.
func (a *app) unread(ctx context.Context, file string, err error) error {
	if err == nil {
		return nil
	}
	name := a.displayPath(filepath.ToSlash(file))
	if stopped := (*manifest.Interrupted)(nil); errors.As(err, &stopped) {
		name, err = diag.Position{File: name, Line: stopped.At.Line}.String(), stopped.Err
	} else if errors.As(err, new(*budget.Exceeded)) {
		return budget.At(name, 1, err)
	}
	if budget.Of(ctx).Err() != nil || errors.As(err, new(*budget.Exceeded)) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return workspace.Unreadable(name, err)
}

// eachCRD calls f for the value at a path if it is a CustomResourceDefinition,
// and for those in it if it is a list. Anything else is none of our business,
// even if it is no object at all: a directory may hold a kustomization.yaml.
func eachCRD(at manifest.Path, value any, f func(manifest.Path, map[string]any)) {
	object, _ := value.(map[string]any)
	kind, _ := object["kind"].(string)
	apiVersion, _ := object["apiVersion"].(string)
	if group, _ := manifest.SplitAPIVersion(apiVersion); schema.IsCRD(group, kind) {
		f(at, object)
	}
	if items, _, ok := manifest.ListItems(object); ok && manifest.TooNested(at) == "" {
		for i, item := range items {
			eachCRD(at.Field("items").Index(i), item, f)
		}
	}
}
