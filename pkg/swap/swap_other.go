//go:build !linux

package swap

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Exchange is not offered by the system.
func Exchange(_, _ string) error { return errors.ErrUnsupported }

// Flush writes what is in and below dir to disk.
func Flush(dir string) error {
	if runtime.GOOS == "windows" {
		// It flushes no directories, and files only for who writes them.
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

// Mounts returns the paths of the mount points at a path without symbolic links;
// those below are not known.
func Mounts(dir string) ([]string, error) { return mountsByDevice(dir) }
