package project

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"github.com/mop-platform/mop/pkg/budget"
)

// packageFile is the file in which a package declares its dependencies for jsonnet-bundler.
const packageFile = "jsonnetfile.json"

// maxPackageFile is a size in bytes that no such file reaches.
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
	var file struct {
		Dependencies []struct {
			Source struct{ Local struct{ Directory string } }
		}
	}
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
