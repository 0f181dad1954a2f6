// Package namespace lets a test mount file systems, in a process of its own whose
// mounts nobody else sees.
package namespace

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// entered is set where a test runs in a mount namespace of its own.
const entered = "MOP_TEST_NAMESPACE"

// Enter runs the rest of a test in a process that may mount what it likes. It reports
// whether this is that process; the other one has nothing left to do. Where the system
// forbids it, the test is skipped, with the reason.
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

// Mount mounts a file system of its own at dir, which is made if absent, of a size as
// tmpfs(5) has it, or "", until the test ends.
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

// Bind makes from appear at dir too, until the test ends.
func Bind(t *testing.T, from, dir string) {
	t.Helper()
	require.NoError(t, unix.Mount(from, dir, "", unix.MS_BIND|unix.MS_REC, ""))
	Unmount(t, dir)
}

// Unmount takes away what is mounted at dir when the test ends.
func Unmount(t *testing.T, dir string) {
	t.Cleanup(func() { assert.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
}
