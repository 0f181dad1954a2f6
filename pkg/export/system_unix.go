//go:build unix

package export

import (
	"io/fs"
	"os"
	"syscall"
)

// onOtherDevice reports whether a and b are on different file systems.
func onOtherDevice(a, b string) (bool, error) {
	var device [2]uint64
	for i, name := range []string{a, b} {
		info, err := os.Stat(name)
		if err != nil {
			return false, err
		}
		device[i] = uint64(info.Sys().(*syscall.Stat_t).Dev)
	}
	return device[0] != device[1], nil
}

// copyOwner gives path the owner that info tells, where the process may.
func copyOwner(info fs.FileInfo, path string) {
	stat := info.Sys().(*syscall.Stat_t)
	_ = os.Lchown(path, int(stat.Uid), int(stat.Gid))
}
