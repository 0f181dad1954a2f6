package swap

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// Exchange makes two directories change places in one step: an observer sees one or the
// other, even if the process is killed. The chain of the error holds
// [errors.ErrUnsupported] if the file system cannot do so.
func Exchange(a, b string) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) {
		// File systems without the flag answer this, see rename(2).
		err = errors.ErrUnsupported
	}
	if err != nil {
		return fmt.Errorf("exchange %s and %s: %w", a, b, err)
	}
	return nil
}

// Flush writes dir and everything below it to disk. It flushes the whole file system: one
// call is many times faster than one for each file.
func Flush(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = unix.Syncfs(int(d.Fd()))
	return errors.Join(err, d.Close())
}

// identity identifies a directory wherever it is moved on its file system, "" if it is
// unknown.
func identity(dir string) string {
	info, err := os.Lstat(dir)
	if err != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino)
}

// Mounts returns the paths of the mount points at and below dir, a path without symbolic
// links, the outer ones first.
func Mounts(dir string) ([]string, error) {
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		// Some sandboxes lack the file.
		return mountsByDevice(dir)
	}
	return mountsIn(data, dir), nil
}

// unescape decodes the characters that separate the fields of mountinfo, see proc(5).
var unescape = strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)

// mountsIn is [Mounts] for the contents of a mountinfo.
func mountsIn(data []byte, dir string) []string {
	var found []string
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if len(fields) < 5 {
			continue
		}
		point := unescape.Replace(fields[4])
		if point == dir || strings.HasPrefix(point, strings.TrimSuffix(dir, "/")+"/") {
			found = append(found, point)
		}
	}
	return found
}
