package project

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/mop-platform/mop/internal/budget"
)

// packageFile is the file in which a package declares its dependencies for jsonnet-bundler.
const packageFile = "jsonnetfile.json"

// lockFile is the file with the dependencies of all packages, in the versions that were
// installed.
const lockFile = "jsonnetfile.lock.json"

// maxPackageFile is the size limit of both files, in bytes. No real file reaches it.
const maxPackageFile = 16 << 20

// localPackages returns the real directories of the local packages that the project in the
// directory root declares, and of those that these declare in turn.
//
// A directory counts only if it holds a jsonnetfile.json. Otherwise a project could open
// any directory to itself.
func localPackages(root string) []string {
	var found []string
	for queue := []string{root}; len(queue) > 0; queue = queue[1:] {
		for _, directory := range localDependencies(queue[0]) {
			dir, err := filepath.EvalSymlinks(filepath.Join(queue[0], filepath.FromSlash(directory)))
			if err != nil || dir == root || isGits(dir) || slices.Contains(found, dir) {
				continue
			}
			if info, err := os.Lstat(filepath.Join(dir, packageFile)); err != nil || !info.Mode().IsRegular() {
				continue
			}
			found = append(found, dir)
			queue = append(queue, dir)
		}
	}
	return found
}

// localDependencies returns the directories of the local packages that the file in dir
// declares, relative to dir. A wrong file declares none; package bundler reports its
// faults.
func localDependencies(dir string) []string {
	text, err := budget.ReadAtMost(filepath.Join(dir, packageFile), maxPackageFile)
	if err != nil {
		return nil
	}
	var file declarations
	if err := json.Unmarshal(text, &file); err != nil {
		return nil
	}
	var directories []string
	for _, d := range file.Dependencies {
		if local := d.Source.Local.Directory; local != "" {
			directories = append(directories, local)
		}
	}
	return directories
}

// declarations are what a file of packages declares, in each version of the format.
type declarations struct {
	Dependencies []declaration
	// LegacyImports is false where packages have their whole names only.
	LegacyImports *bool
}

// declaration is that of one package. Name is its short name, where that is declared.
type declaration struct {
	Name   string
	Source struct {
		Git   struct{ Remote, Subdir string }
		Local struct{ Directory string }
	}
}

// names returns the names by which a package is imported, none if it has none. The first is
// its own.
func (d declaration) names(legacy bool) []string {
	if local := d.Source.Local.Directory; local != "" {
		if name := path.Base(local); fs.ValidPath(name) && name != "." {
			return []string{name}
		}
	}
	if d.Source.Git.Remote == "" {
		return nil
	}
	remote := strings.TrimSuffix(d.Source.Git.Remote, ".git")
	if at, ok := strings.CutPrefix(remote, "git@"); ok {
		remote = strings.Replace(at, ":", "/", 1)
	}
	for _, scheme := range []string{"https://", "ssh://git@"} {
		remote = strings.TrimPrefix(remote, scheme)
	}
	names := []string{path.Join(remote, d.Source.Git.Subdir)}
	if legacy {
		names = append(names, cmp.Or(d.Name, path.Base(names[0])))
	}
	return names
}

// parsedSize is how many bytes decoding takes for each byte of a file of packages.
const parsedSize = 12

// Uninstalled returns the name of a declared package that has importPath, by its whole or
// its short name, and that is not installed. jsonnetfile.json or its lock must name the
// package, and no directory for the libraries of others may have it. Uninstalled returns ""
// if there is no such package, or if the budget of ctx does not suffice.
func (p *Project) Uninstalled(ctx context.Context, importPath string) string {
	legacy, found, longest := true, "", ""
	for _, name := range []string{packageFile, lockFile} {
		file := p.declarations(ctx, name)
		if name == packageFile && file.LegacyImports != nil {
			legacy = *file.LegacyImports
		}
		for _, d := range file.Dependencies {
			names := d.names(legacy)
			for _, name := range names {
				if strings.HasPrefix(importPath, name+"/") && len(name) > len(longest) {
					found, longest = names[0], name
				}
			}
		}
	}
	if found == "" || !p.lacks(ctx, path.Join("vendor", longest)) || !p.lacks(ctx, path.Join("vendor-jsonnet", longest)) {
		return ""
	}
	return found
}

// lacks reports whether there is no file or directory of that name.
func (p *Project) lacks(ctx context.Context, name string) bool {
	_, err := p.source.stat(ctx, name)
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// declarations returns the declarations in the named file, none if it cannot be read.
func (p *Project) declarations(ctx context.Context, name string) (file declarations) {
	text, err := p.ReadFile(ctx, name)
	if err != nil || len(text) > maxPackageFile || budget.Of(ctx).Reserve(parsedSize*uint64(len(text))) != nil {
		return declarations{}
	}
	var decoded declarations
	ended := budget.Away(ctx, func() { err = json.Unmarshal(text, &decoded) })
	if ended != nil || err != nil {
		return declarations{}
	}
	return decoded
}
