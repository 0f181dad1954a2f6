package main

import (
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/manifest"
	"github.com/mop-platform/mop/pkg/schema"
)

// crdObject is a CustomResourceDefinition and where its document begins.
type crdObject struct {
	manifest.Object
	at diag.Position
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
func (a *app) crds(stdin io.Reader, paths []string) (all []crdObject, found diag.List, err error) {
	read := map[string]bool{} // whether there is something in a file
	for _, p := range paths {
		files, err := a.manifestFiles(p)
		if err != nil {
			return nil, nil, unreadable(p, err)
		}
		some := false
		for _, file := range files {
			if _, ok := read[file]; !ok {
				objects, l, err := readCRDs(stdin, file)
				if err != nil {
					return nil, nil, unreadable(a.displayPath(filepath.ToSlash(file)), err)
				}
				read[file] = len(objects)+len(l) > 0
				all, found = append(all, objects...), append(found, l...)
			}
			some = some || read[file]
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

// manifestFiles returns the files with manifests that an argument means, as
// absolute paths or as stdinName.
func (a *app) manifestFiles(arg string) ([]string, error) {
	if arg == "-" {
		return []string{stdinName}, nil
	}
	root := a.abs(arg)
	info, err := os.Stat(root)
	if err != nil || !info.IsDir() {
		return []string{root}, err
	}
	var files []string
	err = fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && slices.Contains([]string{".yaml", ".yml", ".json"}, path.Ext(name)):
			files = append(files, filepath.Join(root, name))
		}
		return nil
	})
	return files, err
}

// readManifest reads one of manifestFiles.
func readManifest(stdin io.Reader, file string) ([]byte, error) {
	if file == stdinName {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(file)
}

// readCRDs returns the CustomResourceDefinitions of a file.
func readCRDs(stdin io.Reader, file string) (objects []crdObject, found diag.List, err error) {
	data, err := readManifest(stdin, file)
	if err != nil {
		return nil, nil, err
	}
	objects, found = parseCRDs(file, data)
	return objects, found, nil
}

// parseCRDs returns the CustomResourceDefinitions in the text of a file.
func parseCRDs(file string, data []byte) (objects []crdObject, found diag.List) {
	documents, found := manifest.Parse(filepath.ToSlash(file), data)
	for _, d := range documents {
		eachCRD(nil, d.Value, func(at manifest.Path, value map[string]any) {
			o, l := manifest.New(at, value)
			for i := range l {
				l[i].Origins = append(l[i].Origins, d.At)
			}
			found = append(found, l...)
			if l.Err() == nil {
				objects = append(objects, crdObject{o, d.At})
			}
		})
	}
	return objects, found
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
	if items, _, ok := manifest.ListItems(object); ok {
		for i, item := range items {
			eachCRD(at.Field("items").Index(i), item, f)
		}
	}
}
