package machine

import (
	"os"

	"golang.org/x/sys/unix"
)

// Left returns how much memory the process can still have.
func Left() Memory {
	return read(os.DirFS("/"), limits{limitOf(unix.RLIMIT_AS), limitOf(unix.RLIMIT_DATA)})
}

// limitOf returns a limit of the process. RLIM_INFINITY is the largest number.
func limitOf(resource int) uint64 {
	l := unix.Rlimit{Cur: unix.RLIM_INFINITY}
	_ = unix.Getrlimit(resource, &l) // it fails for a resource that does not exist
	return l.Cur
}
