//go:build unix

package swap

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// noFollow refuses to open a symbolic link.
const noFollow = syscall.O_NOFOLLOW

// mountsByDevice returns dir if it exists and is on another file system than its parent.
func mountsByDevice(dir string) ([]string, error) {
	var device [2]uint64
	for i, name := range []string{dir, filepath.Dir(dir)} {
		info, err := os.Stat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		device[i] = uint64(info.Sys().(*syscall.Stat_t).Dev)
	}
	if device[0] == device[1] {
		return nil, nil
	}
	return []string{dir}, nil
}
