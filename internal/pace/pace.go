// Package pace limits the processor time that a fuzz target takes for one input.
package pace

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Variable is an environment variable. [Hold] measures only if it is not empty. Ordinary
// tests do not measure, because the machine may have other work.
const Variable = "MOP_FUZZ_PACE"

// An input of up to Size bytes may take the processor time Most, a longer input more in
// proportion.
const (
	Size = 64 << 10
	Most = time.Second
)

// Hold starts to measure a fuzz target for an input of so many bytes. The target calls done
// when it ends, which fails the target if it took too long. Since Hold measures the whole
// process, inputs must be tried one after another, as each process of go test -fuzz does.
func Hold(t testing.TB, size int) (done func()) { return hold(t, size, Most) }

func hold(t testing.TB, size int, most time.Duration) (done func()) {
	if os.Getenv(Variable) == "" {
		return func() {}
	}
	start := taken(t)
	return func() {
		t.Helper()
		if took, most := taken(t)-start, limit(size, most); took > most {
			t.Errorf("an input of %d bytes takes %v of processor time, more than %v", size, took, most)
		}
	}
}

func limit(size int, most time.Duration) time.Duration {
	return most * time.Duration(max(Size, size)) / Size
}

// taken returns the processor time that this process has taken.
func taken(t testing.TB) time.Duration {
	t.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
