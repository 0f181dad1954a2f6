package eval

import (
	"context"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/spelling"
)

// Guide is a [Source] that also has the facts for hints about an import of a missing file.
// It is asked only about failed imports, within the budget of ctx.
type Guide interface {
	Source
	// Uninstalled returns the name of the package that has importPath, and that a project
	// declares but has not installed, or "".
	Uninstalled(ctx context.Context, importPath string) string
	// ReadDir returns the entries of the named directory, sorted. The error is like that of
	// ReadFile.
	ReadDir(ctx context.Context, name string) ([]fs.DirEntry, error)
}

// The limits of the search for a name that was meant: more directories than search paths
// have, and more files than people keep in them.
const (
	mostDirs    = 16
	mostEntries = 2_000
)

// advice returns what would mend an import that leads to none of the files tried: a package
// to install, or else the path of an import that was meant.
func (i *importer) advice(importedFrom, importedPath string, tried []string) map[string]any {
	guide, ok := i.files.source.(Guide)
	if !ok {
		return nil
	}
	if name := guide.Uninstalled(i.ctx, importedPath); name != "" {
		return map[string]any{"package": name}
	}
	_, base := path.Split(importedPath)
	files := i.beside(guide, importedFrom, tried)
	delete(files, base) // It cannot be read.
	near := nearest(base, slices.Sorted(maps.Keys(files)))
	if near == "" {
		return nil
	}
	if _, err := i.files.get(i.ctx, files[near]); err != nil {
		return nil
	}
	return map[string]any{"near": strings.TrimSuffix(importedPath, base) + near}
}

// beside returns the files in the directories of the tried files by their base names,
// without the importing one. If files have the same base name, it returns the first.
func (i *importer) beside(guide Guide, importedFrom string, tried []string) map[string]string {
	files, left := map[string]string{}, mostEntries
	for _, name := range tried[:min(len(tried), mostDirs)] {
		entries, err := guide.ReadDir(i.ctx, path.Dir(name))
		if err != nil || len(entries) > left {
			continue
		}
		left -= len(entries)
		for _, e := range entries {
			file := path.Join(path.Dir(name), e.Name())
			if !e.IsDir() && file != importedFrom && files[e.Name()] == "" {
				files[e.Name()] = file
			}
		}
	}
	return files
}

// nearest returns the name that another one most likely means, or "" if that is not clear.
// A difference in case is likelier than another ending, and that is likelier than a
// misspelt name.
func nearest(base string, names []string) string {
	stem, ending := cutEnding(base)
	var folded, ended, stems []string
	for _, name := range names {
		s, e := cutEnding(name)
		switch {
		case strings.EqualFold(name, base):
			folded = append(folded, name)
		case s == stem && isJsonnet(e) && (ending == "" || isJsonnet(ending)):
			ended = append(ended, name)
		case e == ending:
			stems = append(stems, s)
		}
	}
	spelt := spelling.Nearest(stem, stems)
	for k, s := range spelt {
		spelt[k] = s + ending
	}
	for _, likely := range [][]string{folded, ended, spelt} {
		if len(likely) == 1 {
			return likely[0]
		}
		if len(likely) > 1 {
			break
		}
	}
	return ""
}

func cutEnding(name string) (stem, ending string) {
	ending = path.Ext(name)
	return strings.TrimSuffix(name, ending), ending
}

func isJsonnet(ending string) bool { return ending == ".jsonnet" || ending == ".libsonnet" }
