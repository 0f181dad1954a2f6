package vendored

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jsonnet-bundler/jsonnet-bundler/spec/v1/deps"

	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/internal/stream"
	"github.com/mop-platform/mop/pkg/diag"
)

// Packages returns the packages that args name in the project at root. abs makes a path
// absolute that is relative to the working directory. The error is a [*diag.List] if some
// args name no package.
func Packages(root string, args []string, abs func(string) string) ([]deps.Dependency, error) {
	var packages []deps.Dependency
	var found diag.List
	for _, arg := range args {
		uri := arg
		if info, err := os.Stat(abs(arg)); err == nil && info.IsDir() {
			rel, err := filepath.Rel(root, abs(arg))
			if err != nil {
				return nil, err
			}
			uri = rel
		}
		d, err := bundler.ParseURI(root, uri)
		if l, ok := diag.From(err); ok {
			found = append(found, l...)
		} else if err != nil {
			return nil, err
		}
		packages = append(packages, d)
	}
	return packages, found.Err()
}

// Table lists packages for people.
func Table(packages []bundler.Package) []byte {
	rows := [][]string{{"PACKAGE", "VERSION", "LOCKED", "NEEDED BY"}}
	for _, p := range packages {
		rows = append(rows, []string{p.Name, or(p.Wanted), or(p.Version), or(neededBy(p))})
	}
	return stream.Columns(rows)
}

// neededBy names the packages and files that need a package.
func neededBy(p bundler.Package) string {
	names := slices.Clone(p.NeededBy)
	for i, name := range names {
		if name == "" {
			names[i] = bundler.File
		}
	}
	return strings.Join(names, ", ")
}

// or returns text, or a dash for none.
func or(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
