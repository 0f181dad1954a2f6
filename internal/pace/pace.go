// Package pace bounds the processor time that a fuzz target takes for one input.
package pace

import (
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Variable is the environment variable that has [Hold] measure, where it is not
// empty. Ordinary tests measure nothing: the machine may have other work.
const Variable = "MOP_FUZZ_PACE"

// An input of Size bytes may take Most of processor time, a longer one more in
// proportion.
const (
	Size = 64 << 10
	Most = time.Second
)

// Hold is called where a fuzz target begins with an input of so many bytes, what
// it returns where the target ends: that fails the target if it took too long.
// Inputs must be tried one after another, as go test -fuzz does in each of its
// processes.
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

// taken returns the processor time of this process.
func taken(t testing.TB) time.Duration {
	t.Helper()
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
