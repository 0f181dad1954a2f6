// Package namespace lets a test mount file systems. The test runs in its own process, whose
// mounts no other process sees.
package namespace

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// entered is an environment variable that is set in the process with its own mount
// namespace.
const entered = "MOP_TEST_NAMESPACE"

// Enter runs the test again in a process with its own mount namespace, and fails the test
// if that fails. It returns true in the new process and false in the old one, where the
// test has nothing left to do. If the system forbids such a process, Enter skips the test.
func Enter(t *testing.T) bool {
	t.Helper()
	if os.Getenv(entered) != "" {
		require.NoError(t, unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
		return true
	}
	attributes := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if uid, gid := os.Getuid(), os.Getgid(); uid != 0 {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: gid, Size: 1}}
	}
	able := exec.Command("true")
	able.SysProcAttr = attributes
	if err := able.Run(); err != nil {
		t.Skipf("NO REAL MOUNTS TESTED: the system gives no mount namespace: %v", err)
	}
	self, err := os.Executable()
	require.NoError(t, err)
	again := exec.Command(self, "-test.run=^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), entered+"=1")
	again.SysProcAttr = attributes
	out, err := again.CombinedOutput()
	t.Logf("%s", out)
	require.NoError(t, err)
	require.Contains(t, string(out), "--- PASS: "+t.Name())
	return false
}

// Mount mounts a new tmpfs at dir until the test ends. It makes dir if absent. size is the
// option of tmpfs(5), "" for its default.
func Mount(t *testing.T, dir, size string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	options := ""
	if size != "" {
		options = "size=" + size
	}
	require.NoError(t, unix.Mount("none", dir, "tmpfs", 0, options))
	Unmount(t, dir)
}

// Leave sets the size of a file system that Mount has made, so that room bytes are left in
// it, and one block at least if it is empty.
func Leave(t *testing.T, dir string, room uint64) {
	t.Helper()
	var s unix.Statfs_t
	require.NoError(t, unix.Statfs(dir, &s))
	// A size of 0 would be no limit.
	size := max((s.Blocks-s.Bfree)*uint64(s.Bsize)+room, uint64(s.Bsize))
	require.NoError(t, unix.Mount("none", dir, "tmpfs", unix.MS_REMOUNT, fmt.Sprintf("size=%d", size)))
}

// Bind mounts the directory from at dir too, until the test ends.
func Bind(t *testing.T, from, dir string) {
	t.Helper()
	require.NoError(t, unix.Mount(from, dir, "", unix.MS_BIND|unix.MS_REC, ""))
	Unmount(t, dir)
}

// Unmount unmounts dir when the test ends.
func Unmount(t *testing.T, dir string) {
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
}
