package main

import (
	"bytes"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// machineMemory returns the bytes of memory that the process can have: those of
// its control group or of the machine, 0 where it cannot be known.
func machineMemory() uint64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	total := uint64(info.Totalram) * uint64(info.Unit)
	// https://docs.kernel.org/admin-guide/cgroup-v2.html, as a container sees it.
	if data, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.ParseUint(string(bytes.TrimSpace(data)), 10, 64); err == nil {
			total = min(total, limit)
		}
	}
	return total
}
