//go:build !linux

package export

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// exchange is not offered by the system.
func exchange(_, _ string) error { return errors.ErrUnsupported }

// isMountPoint reports whether dir, if it exists, is the root of a mount.
func isMountPoint(dir string) (bool, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return onOtherDevice(dir, filepath.Dir(dir))
}

// flush writes what is in and below dir to disk.
func flush(dir string) error {
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
