//go:build !linux

package export

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// isMountPoint reports whether dir, if it exists, is the root of a mount.
func isMountPoint(dir string) (bool, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return onOtherDevice(dir, filepath.Dir(dir))
}
