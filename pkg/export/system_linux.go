package export

import (
	"errors"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// isMountPoint reports whether dir, if it exists, is the root of a mount.
func isMountPoint(dir string) (bool, error) {
	var stat unix.Statx_t
	err := unix.Statx(unix.AT_FDCWD, dir, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS, &stat)
	if errors.Is(err, unix.ENOENT) {
		return false, nil
	}
	if err == nil && stat.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return stat.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0, nil
	}
	// Linux before 5.8, or a sandbox without statx.
	return onOtherDevice(dir, filepath.Dir(dir))
}
