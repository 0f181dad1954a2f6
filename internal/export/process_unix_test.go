//go:build unix

package export

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/ramdisk"
	"github.com/mop-platform/mop/internal/swap"
	"github.com/mop-platform/mop/pkg/manifest"
)

// The test binary runs itself as the process that is killed, limited or locked out. The
// variable child says which.
const child = "MOP_EXPORT_CHILD"

func TestMain(m *testing.M) {
	roles := map[string]func(dir string, sys system){"loop": loop, "limited": limited, "hold": hold}
	role, ok := roles[os.Getenv(child)]
	if !ok {
		flag.Parse()
		if *killed <= ordinaryKills {
			defer ramdisk.Use()()
		}
		m.Run()
		return
	}
	sys, ok := systems[os.Args[2]]
	if !ok {
		sys = system{swap.Exchange, swap.Mounts}
	}
	role(os.Args[1], sys)
}

// start runs a child and returns its output.
func start(t *testing.T, role, dir, sys string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, dir, sys)
	cmd.Env = append(os.Environ(), child+"="+role)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return cmd, bufio.NewReader(out)
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // the process was killed
}

// perTree is the number of bytes that loop prints for a tree: 33 for files, one for the
// swap.
const perTree = 34

// loop exports the trees a and b in turn until it is killed. It prints a byte for each file
// that it writes and one before it swaps: perTree bytes for a tree.
func loop(dir string, sys system) {
	t := new(testing.T)
	exchange := sys.exchange
	sys.exchange = func(a, b string) error {
		fmt.Print("!")
		return exchange(a, b)
	}
	o := Options{Write: func(w io.Writer, o manifest.Object) error {
		fmt.Print(".")
		return writeYAML(w, o)
	}}
	for {
		for _, letter := range []string{"b", "a"} {
			if err := exportTree(context.Background(), t, dir, letter, o, sys); err != nil {
				panic(err)
			}
		}
	}
}

// ordinaryKills is the number of kills of each system in the ordinary tests. More of them,
// as in "make check", write to the disk.
const ordinaryKills = 16

// killed is how often TestKill kills exports of each system; "make check" says 100.
var killed = flag.Int("kills", ordinaryKills, "kill the exports of each system this often")

// After any kill the directory is one tree or the other, never a mixture. If files are
// replaced one by one, this is true after the next run has begun.
func TestKill(t *testing.T) {
	for name, sys := range systems {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			killExports(t, filepath.Join(parent, "out"), name, sys, *killed, name == "exchange")
			entries, err := os.ReadDir(parent)
			require.NoError(t, err)
			assert.Len(t, entries, 1, "what killed runs left must go")
		})
	}
}

// killExports kills exports into dir by a system, at evenly spread moments. atOnce says
// that no next run is needed.
func killExports(t *testing.T, dir, name string, sys system, kills int, atOnce bool) {
	a, b := trees(t)
	require.NoError(t, exportTree(t.Context(), t, dir, "a", Options{}, sys))
	seen := map[string]int{}
	for i := range int64(kills) {
		cmd, out := start(t, "loop", dir, name)
		// Half of the kills come during the swap, half at any time.
		share := float64(i) / float64(kills)
		n, delay := 1+int64(2*perTree*share), int64(6000*math.Mod(share*7, 1))
		if i%2 == 0 {
			n, delay = perTree*(1+i/2%2), int64(300*share)
		}
		_, err := io.CopyN(io.Discard, out, n)
		require.NoError(t, err)
		<-time.After(time.Duration(delay) * time.Microsecond)
		kill(t, cmd)
		for _, work := range []string{filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".mop-export"), filepath.Join(dir, insideWork)} {
			if _, err := os.Stat(work); err == nil {
				seen["left over"]++
			}
			if _, err := os.Stat(filepath.Join(work, journalFile)); err == nil {
				seen["journal"]++
			}
		}
		if !atOnce {
			next, err := begin(t.Context(), dir, Options{}, sys)
			require.NoError(t, err)
			require.NoError(t, next.end())
		}
		switch got := files(t, dir); {
		case assert.ObjectsAreEqual(a, got):
			seen["a"]++
		case assert.ObjectsAreEqual(b, got):
			seen["b"]++
		default:
			require.Failf(t, "neither a nor b", "kill %d: %v", i, got)
		}
	}
	// The machine's load decides how often each is seen.
	t.Log(seen)

	require.NoError(t, exportTree(t.Context(), t, dir, "a", Options{}, sys))
	assert.Equal(t, a, files(t, dir))
}

// limited exports into dir with a limit on the size of files, and prints the
// error.
func limited(dir string, sys system) {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 1 << 16, Max: 1 << 16}); err != nil {
		panic(err)
	}
	err := exportTree(context.Background(), new(testing.T), dir, "b", Options{Write: func(w io.Writer, o manifest.Object) error {
		if o.ID().Name != "b7" {
			return writeYAML(w, o)
		}
		_, err := io.WriteString(w, strings.Repeat("x", 1<<17))
		return err
	}}, sys)
	fmt.Println(errors.Is(err, syscall.EFBIG), err)
}

// If the disk refuses to write, the old tree stays.
func TestWriteThatFails(t *testing.T) {
	a, _ := trees(t)
	for name := range systems {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "out")
			require.NoError(t, exportTree(t.Context(), t, dir, "a", Options{}, systems[name]))
			cmd, out := start(t, "limited", dir, name)
			line, err := out.ReadString('\n')
			require.NoError(t, err)
			require.NoError(t, cmd.Wait())
			assert.Contains(t, line, "true export into "+dir)
			assert.Contains(t, line, "file too large")
			assert.Equal(t, a, files(t, dir))
			entries, err := os.ReadDir(parent)
			require.NoError(t, err)
			assert.Len(t, entries, 1)
		})
	}
}

// hold exports into dir, prints a line at the first file and goes no further.
func hold(dir string, sys system) {
	_ = exportTree(context.Background(), new(testing.T), dir, "b", Options{Parallel: 1, Write: func(io.Writer, manifest.Object) error {
		fmt.Println("held")
		select {}
	}}, sys)
}

// Two processes do not export into one directory at the same time, and a killed one does
// not block others.
func TestLockBetweenProcesses(t *testing.T) {
	a, _ := trees(t)
	for name, sys := range systems {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "out")
			require.NoError(t, exportTree(t.Context(), t, dir, "a", Options{}, sys))
			cmd, out := start(t, "hold", dir, name)
			_, err := out.ReadString('\n')
			require.NoError(t, err)

			err = exportTree(t.Context(), t, dir, "a", Options{}, sys)
			assert.EqualError(t, err, dir+": another export into this directory is running")
			require.NoError(t, exportTree(t.Context(), t, filepath.Join(parent, "other"), "a", Options{}, systems["exchange"]))

			kill(t, cmd)
			require.NoError(t, exportTree(t.Context(), t, dir, "a", Options{}, sys))
			assert.Equal(t, a, files(t, dir))
			entries, err := os.ReadDir(parent)
			require.NoError(t, err)
			assert.Len(t, entries, 2)
		})
	}
}
