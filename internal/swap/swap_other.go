//go:build !linux

package swap

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Exchange returns [errors.ErrUnsupported]: the system does not offer it.
func Exchange(_, _ string) error { return errors.ErrUnsupported }

// Flush writes dir and everything below it to disk, except on Windows.
func Flush(dir string) error {
	if runtime.GOOS == "windows" {
		// It flushes no directories, and files only for their writers.
		return nil
	}
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() && !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}

// identity is not needed: nothing is exchanged.
func identity(string) string { return "" }

// Mounts returns dir, a path without symbolic links, if it is a mount point. Mount points
// below it are not found.
func Mounts(dir string) ([]string, error) { return mountsByDevice(dir) }
