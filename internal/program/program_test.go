//go:build unix

package program_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/program"
)

// With one of these as first argument, the test binary runs as another program.
const (
	guardArgument   = "guard"
	starterArgument = "starter"
	leaverArgument  = "leaver"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case guardArgument:
			if err := program.Serve(); err != nil {
				os.Exit(1)
			}
			return
		case starterArgument:
			// starter WITH SCRIPT: runs a script.
			c := command(os.Args[3])
			c.Guard = newGuard(os.Args[2])
			_, _ = c.Output(context.Background())
			return
		case leaverArgument:
			// leaver SCRIPT: starts a script in a session of its own, and leaves it alone.
			cmd := exec.Command("/bin/sh", "-c", os.Args[2])
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
			cmd.ExtraFiles = []*os.File{nil, nil, nil, nil, nil, nil, os.NewFile(9, "life")}
			if err := cmd.Start(); err != nil {
				os.Exit(1)
			}
			return
		}
	}
	// Most tests wait for processes, and take no processor time meanwhile.
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func newGuard(with string) *program.Guard {
	if with != guarded {
		return nil
	}
	return program.NewGuard("test", guardArgument)
}

const (
	alone   = "alone"
	guarded = "guarded"
)

// both runs a test with a guard and without.
func both(t *testing.T, test func(t *testing.T, command func(script string) program.Command)) {
	for _, with := range []string{alone, guarded} {
		t.Run(with, func(t *testing.T) {
			guard := newGuard(with)
			if guard != nil {
				t.Cleanup(guard.Close)
			}
			test(t, func(script string) program.Command {
				c := command(script)
				c.Guard = guard
				return c
			})
		})
	}
}

// command returns a command that runs a shell script. In it, leave runs another script in a
// session of its own.
func command(script string) program.Command {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	script = fmt.Sprintf("leave() { %s %s \"$1\"; }\n", self, leaverArgument) + script
	return program.Command{Path: "/bin/sh", Args: []string{"-c", script}, Env: []string{"PATH=/usr/bin:/bin"}}
}

// life detects the end of the last process of a script: all of them hold its pipe open.
type life struct {
	t    *testing.T
	file string
	r    *bufio.Reader
}

func newLife(t *testing.T) *life {
	l := &life{t: t, file: filepath.Join(t.TempDir(), "life")}
	require.NoError(t, syscall.Mkfifo(l.file, 0o600))
	return l
}

// script returns a script whose processes hold the life open.
func (l *life) script(script string) string {
	return fmt.Sprintf("exec 9>%s\n%s", l.file, script)
}

// begun waits until the script says that it has begun.
func (l *life) begun() {
	f, err := os.Open(l.file)
	require.NoError(l.t, err)
	l.t.Cleanup(func() { f.Close() })
	l.r = bufio.NewReader(f)
	line, err := l.r.ReadString('\n')
	require.NoError(l.t, err)
	assert.Equal(l.t, "begun\n", line)
}

// gone waits until no process is left.
func (l *life) gone() {
	_, err := io.Copy(io.Discard, l.r)
	require.NoError(l.t, err)
}

// Each of these scripts hangs, or would hang for ever if nothing ended it.
var hanging = map[string]string{
	"hangs":               "echo begun >&9; sleep 600",
	"is one process":      "echo begun >&9; exec sleep 600",
	"ignores to be asked": "trap '' TERM; echo begun >&9; while :; do sleep 600; done",
	"has children": `
sh -c 'trap "" TERM; sh -c "trap \"\" TERM; echo begun >&9; sleep 600; :"; :' &
wait`,
	"is stopped": "echo begun >&9; kill -STOP $$",
	"leaves children": `
sh -c 'sh -c "echo begun >&9; sleep 600; :" & sleep 600' &
kill -STOP $$`,
}

// Only a guard can end these scripts.
var leaving = map[string]string{
	"leaves the session": "leave 'echo begun >&9; sleep 600'; sleep 600",
	"leaves it twice and ignores to be asked": `
leave "trap '' TERM HUP; sh -c 'echo begun >&9; sleep 600; :' & wait"; sleep 600`,
}

func TestCancel(t *testing.T) {
	t.Parallel()
	why := errors.New("enough")
	test := func(t *testing.T, command func(string) program.Command, script string) {
		l := newLife(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() {
			_, err := command(l.script(script)).Output(ctx)
			done <- err
		}()
		l.begun()
		cancel(why)
		assert.Equal(t, why, <-done)
		l.gone()
	}
	both(t, func(t *testing.T, command func(string) program.Command) {
		for name, script := range hanging {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				test(t, command, script)
			})
		}
	})
	if runtime.GOOS != "linux" {
		return
	}
	for name, script := range leaving {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			guard := newGuard(guarded)
			defer guard.Close()
			test(t, func(script string) program.Command {
				c := command(script)
				c.Guard = guard
				return c
			}, script)
		})
	}
}

func TestTimeLimit(t *testing.T) {
	both(t, func(t *testing.T, command func(string) program.Command) {
		ctx, stop := budget.New(t.Context(), budget.Limits{Timeout: 50 * time.Millisecond})
		defer stop()
		_, err := command("sleep 600").Output(ctx)
		assert.EqualError(t, err, "time limit exceeded: 50ms")
	})
}

// Processes that hold the output open end with the program or soon after it.
func TestLeftBehind(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, command func(string) program.Command) {
		for name, test := range map[string]struct{ script, err string }{
			"holds the output":           {"sleep 600 & echo begun >&9", "has ended, but not what it started, which keeps its output open"},
			"holds standard error":       {"sleep 600 >/dev/null & echo begun >&9", ""},
			"holds nothing":              {"sleep 600 >/dev/null 2>&1 & echo begun >&9", ""},
			"holds the output of a fail": {"sleep 600 & echo begun >&9; exit 3", "exit status 3"},
			"dies":                       {"sleep 600 & echo begun >&9; kill -KILL $$", "signal: killed"},
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				testLeft(t, command, test.script, test.err)
			})
		}
	})
}

func testLeft(t *testing.T, command func(string) program.Command, script, want string) {
	l := newLife(t)
	done := make(chan error)
	go func() {
		_, err := command(l.script(script)).Output(t.Context())
		done <- err
	}()
	l.begun()
	err := <-done
	l.gone()
	if want == "" {
		assert.NoError(t, err)
	} else {
		assert.EqualError(t, err, want)
	}
}

// A program has the output that is written soon after its end.
func TestLateOutput(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, command func(string) program.Command) {
		out, err := command("(sleep 0.1; echo late) & echo soon").Output(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "soon\nlate\n", string(out))
	})
}

func TestEndlessOutput(t *testing.T) {
	for name, test := range map[string]struct{ script, err string }{
		"output":                 {"yes", "memory limit exceeded: "},
		"output without signals": {"trap '' PIPE TERM; while :; do head -c 100000 /dev/zero; done", "memory limit exceeded: "},
		"error":                  {"yes >&2", "writes more than 64 MiB to standard error"},
	} {
		t.Run(name, func(t *testing.T) {
			both(t, func(t *testing.T, command func(string) program.Command) {
				ctx, stop := budget.New(t.Context(), budget.Limits{Memory: budget.Held() + 32<<20})
				defer stop()
				l := newLife(t)
				done := make(chan error)
				go func() {
					_, err := command(l.script("echo begun >&9\n" + test.script)).Output(ctx)
					done <- err
				}()
				l.begun()
				assert.ErrorContains(t, <-done, test.err)
				l.gone()
			})
		})
	}
}

// If the process that started programs ends in any way, the programs end too.
func TestStarterDies(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("there are no guards on this system")
	}
	self, err := os.Executable()
	require.NoError(t, err)
	test := func(with, script string) func(*testing.T) {
		return func(t *testing.T) {
			t.Parallel()
			l := newLife(t)
			starter := exec.Command(self, starterArgument, with, l.script(script))
			require.NoError(t, starter.Start())
			l.begun()
			require.NoError(t, starter.Process.Kill())
			_ = starter.Wait()
			l.gone()
		}
	}
	t.Run(alone, test(alone, hanging["is one process"]))
	for _, scripts := range []map[string]string{hanging, leaving} {
		for name, script := range scripts {
			t.Run(name, test(guarded, script))
		}
	}
}

func TestOutput(t *testing.T) {
	both(t, func(t *testing.T, command func(string) program.Command) {
		c := command("cat")
		c.Stdin = []byte(strings.Repeat("text\n", 100_000))
		out, err := c.Output(t.Context())
		require.NoError(t, err)
		assert.Equal(t, string(c.Stdin), string(out))

		c = command("exit 0")
		c.Stdin = make([]byte, 1<<20)
		_, err = c.Output(t.Context())
		assert.NoError(t, err, "that does not read")

		_, err = command("echo no >&2; exit 2").Output(t.Context())
		var failed *program.ExitError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, program.ExitError{Status: "exit status 2", Stderr: []byte("no\n")}, *failed)

		c.Path = "/nowhere"
		_, err = c.Output(t.Context())
		assert.EqualError(t, err, "fork/exec /nowhere: no such file or directory")

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = command("echo").Output(ended)
		assert.Equal(t, context.Canceled, err)
	})
}

// A program has no terminal, and none of this process's environment.
func TestSurroundings(t *testing.T) {
	t.Setenv("MOP_TEST_SECRET", "x")
	both(t, func(t *testing.T, command func(string) program.Command) {
		out, err := command(`test $$ = $(ps -o sid= $$) && echo leads; echo "$MOP_TEST_SECRET"; (: </dev/tty) 2>/dev/null || echo no terminal`).Output(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "leads\n\nno terminal\n", string(out))
	})
}

func TestStart(t *testing.T) {
	p, err := program.Command{Path: "/bin/cat"}.Start(t.Context())
	require.NoError(t, err)
	r := bufio.NewReader(p.Out)
	for range 3 {
		_, err = io.WriteString(p.In, "question\n")
		require.NoError(t, err)
		line, err := r.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, "question\n", line)
	}
	assert.NoError(t, p.Wait())

	why := errors.New("enough")
	p, err = command("echo no >&2; sleep 600").Start(t.Context())
	require.NoError(t, err)
	p.End(why)
	_, err = io.Copy(io.Discard, p.Out)
	assert.True(t, err == nil || errors.Is(err, os.ErrClosed), err)
	p.End(io.EOF)
	assert.Equal(t, why, p.Wait())
}

func TestFind(t *testing.T) {
	bin, sub := t.TempDir(), t.TempDir()
	for _, dir := range []string{bin, sub} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "tool"), nil, 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "text"), nil, 0o666))
	}
	t.Chdir(sub)
	absolute := filepath.Join(bin, "tool")
	for _, test := range []struct{ name, path, want string }{
		{"tool", bin, absolute},
		{"tool", "/nowhere:" + bin, absolute},
		{"tool", ".::./:" + bin, absolute},
		{"tool", ".", ""},
		{"tool", "", ""},
		{"text", bin, ""},
		{absolute, "", absolute},
		{"./tool", "", "./tool"},
		{"./none", bin, ""},
	} {
		got, err := program.Find(test.name, []string{"PATH=/other", "PATH=" + test.path})
		assert.Equal(t, test.want, got, test)
		assert.Equal(t, test.want == "", errors.Is(err, program.ErrNotFound), test)
	}
	got, err := program.FindIn([]string{"/nowhere", bin}, "tool")
	require.NoError(t, err)
	assert.Equal(t, absolute, got)
	_, err = program.FindIn([]string{bin}, "text")
	assert.ErrorIs(t, err, program.ErrNotFound)
}
