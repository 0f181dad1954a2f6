//go:build !linux

package project

import (
	"io/fs"
	"os"
)

func (a area) open(real string) (*os.File, error)    { return a.openBeneath(real) }
func (a area) stat(real string) (fs.FileInfo, error) { return a.statBeneath(real) }
