package swap

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Exchange makes two directories change places in one step: whoever looks sees
// one or the other, also where the process is killed. The error is an
// [errors.ErrUnsupported] where that cannot be.
func Exchange(a, b string) error {
	err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) {
		// What file systems without the flag answer, see rename(2).
		err = errors.ErrUnsupported
	}
	if err != nil {
		return fmt.Errorf("exchange %s and %s: %w", a, b, err)
	}
	return nil
}

// Flush writes what is in and below dir to disk. It flushes the whole file
// system: one call instead of one for each file, which is many times faster.
func Flush(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = unix.Syncfs(int(d.Fd()))
	return errors.Join(err, d.Close())
}
