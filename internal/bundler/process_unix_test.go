//go:build unix

package bundler_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/bundler"
	"github.com/mop-platform/mop/internal/ramdisk"
)

// child in the environment makes the test binary the process whose disk is full.
const child = "MOP_BUNDLER_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(child) == "" {
		defer ramdisk.Use()()
		// Libraries are generated, which makes much garbage.
		debug.SetGCPercent(400)
		m.Run()
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 16, Max: 1 << 16}); err != nil {
		panic(err)
	}
	_, err := bundler.New(os.Args[1], bundler.Options{Vendor: "vendor-jsonnet", Env: os.Environ()}).Install(context.Background())
	fmt.Println(err != nil && strings.Contains(err.Error(), syscall.EFBIG.Error()), err)
}

// A disk that refuses to write leaves everything as it was.
func TestWriteThatFails(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.repository("org/lib", map[string]string{"a": "1", "big": strings.Repeat("x", 1<<17)})
	root := newProject(t, on("org/lib", "", "main"), map[string]string{"vendor-jsonnet/old/x": "1"})
	before := tree(t, root)
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, root)
	cmd.Env = append(s.env, child+"=limited")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Regexp(t, "^true git.example.com/org/lib: ", string(out))
	assert.Equal(t, before, tree(t, root))
}

// Two installations exclude each other, and the second one says so.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.repository("org/lib", map[string]string{"a": "1"})
	root := newProject(t, on("org/lib", "", "main"), nil)
	var inner error
	b := bundler.New(root, bundler.Options{Vendor: "vendor-jsonnet", Env: s.env, Progress: func(int, int) {
		_, inner = s.open(root).Install(context.Background())
	}})
	_, err := b.Install(t.Context())
	require.NoError(t, err)
	require.Error(t, inner)
	assert.Contains(t, written(t, inner), "vendor-jsonnet: another mop installs packages here\n")
}
