package project

import (
	"io/fs"
	"os"
	"path/filepath"
)

// openBeneath opens the path real in the area in a way that every operating system has:
// directory by directory. So links that were made since real was found do not lead out of
// the area.
func (a area) openBeneath(real string) (*os.File, error) {
	rel, err := filepath.Rel(a.dir, real)
	if err != nil {
		return nil, err
	}
	return os.OpenInRoot(a.dir, rel)
}

// statBeneath describes the file at real as openBeneath opens it.
func (a area) statBeneath(real string) (fs.FileInfo, error) {
	rel, err := filepath.Rel(a.dir, real)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(a.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.Stat(rel)
}
