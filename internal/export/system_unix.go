//go:build unix

package export

import (
	"io/fs"
	"os"
	"syscall"
)

// copyOwner gives path the owner in info, if the process may.
func copyOwner(info fs.FileInfo, path string) {
	stat := info.Sys().(*syscall.Stat_t)
	_ = os.Lchown(path, int(stat.Uid), int(stat.Gid))
}
