package project

import (
	"io/fs"
	"os"
	"path/filepath"
)

// openBeneath opens the path real, which lies in the area, as every operating
// system can: directory by directory, so that links that have come since real was
// found do not lead out of the area.
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
