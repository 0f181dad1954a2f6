package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	ends "github.com/mop-platform/mop/internal/ending"
	"github.com/mop-platform/mop/internal/program"
)

// signalProject is a project in which each command can hang. helm is a stand-in that hangs,
// and so is git for rows with slowGit.
const signalProject = `
-- jsonnetfile.json --
{"version": 1, "dependencies": [{"source": {"git": {"remote": "https://git.example.com/a/b.git"}}, "version": "main"}], "legacyImports": false}
-- bin/helm --
#!/bin/sh
echo x > "$BEGUN"
exec sleep 1000
-- slow/git --
#!/bin/sh
echo x > "$BEGUN"
exec sleep 1000
-- environments/loop/main.jsonnet --
local f(x) = f(x + 1) tailstrict;
if std.trace('begun', true) then f(0)
-- environments/loop/spec.json --
{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "loop"}, "spec": {"namespace": "a"}}
-- environments/chart/main.jsonnet --
{ x: std.native('helmTemplate')('a', './chart', { calledFrom: std.thisFile }) }
-- environments/chart/spec.json --
{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "chart"}, "spec": {"namespace": "a"}}
-- environments/chart/chart/Chart.yaml --
apiVersion: v2
name: chart
version: 1.0.0
-- environments/plain/main.jsonnet --
{}
-- environments/plain/spec.json --
{"apiVersion": "tanka.dev/v1alpha1", "kind": "Environment", "metadata": {"name": "plain"}, "spec": {"namespace": "a"}}
-- lib/odd.libsonnet --
local unused = 1;
{}
-- lib/loop_test.jsonnet --
local f(x) = f(x + 1) tailstrict;
{ a: { actual: if std.trace('begun', true) then f(0), expected: 1 } }
-- shown.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
`

// blockade is the sign that a command is blocked.
type blockade int

const (
	// byTrace: std.trace has written to standard error.
	byTrace blockade = iota
	// started: a program that the command started has written a sign.
	started
	// reading: the command reads standard input, to which nobody writes.
	reading
	// writing and telling: the command writes to standard output or error, which nobody
	// reads.
	writing
	telling
)

// signalRows has a row for each command of mop. With --log-level debug each writes to
// standard error.
var signalRows = map[string]struct {
	args     string
	blockade blockade
	// slowGit replaces git by a stand-in that hangs.
	slowGit bool
}{
	"affected":             {"affected HEAD", started, true},
	"completion":           {"completion bash", writing, false},
	"diff":                 {"diff --from HEAD environments/chart", started, false},
	"env add":              {"env add environments/new --log-level debug", telling, false},
	"env list":             {"env list", writing, false},
	"env remove":           {"env remove environments/plain --yes --log-level debug", telling, false},
	"env set":              {"env set environments/plain --namespace b --log-level debug", telling, false},
	"eval":                 {"eval environments/loop", byTrace, false},
	"explain":              {"explain environments/loop a/b", byTrace, false},
	"export":               {"export out environments/chart", started, false},
	"fmt":                  {"fmt -", reading, false},
	"help":                 {"help", writing, false},
	"init":                 {"init --log-level debug", telling, false},
	"k8s generate":         {"k8s generate --crd - --out generated", reading, false},
	"lint":                 {"lint lib", writing, false},
	"show":                 {"show environments/chart", started, false},
	"status":               {"status environments/loop", byTrace, false},
	"test":                 {"test lib", byTrace, false},
	"tool imports":         {"tool imports environments/plain", writing, false},
	"tool importers":       {"tool importers environments/plain/main.jsonnet", started, false},
	"tool importers-count": {"tool importers-count lib", started, false},
	"tool jpath":           {"tool jpath environments/plain", writing, false},
	"trace":                {"trace shown.yaml:1 environments/chart", started, false},
	"validate":             {"validate -f -", reading, false},
	"vendor add":           {"vendor add git.example.com/c/d@main", started, true},
	"vendor check":         {"vendor check", writing, false},
	"vendor install":       {"vendor install", started, true},
	"vendor list":          {"vendor list", writing, false},
	"vendor remove":        {"vendor remove git.example.com/a/b --log-level debug", telling, false},
	"vendor update":        {"vendor update", started, true},
	"version":              {"version", writing, false},
}

// signalled is a running mop to which a test sends signals.
type signalled struct {
	*exec.Cmd
	dir, temp      string
	stdout, stderr *received
	before         map[string]string
}

// received has the text that came through a pipe. It is safe for concurrent use.
type received struct {
	mu   sync.Mutex
	text []byte
}

func (r *received) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text = append(r.text, p...)
	return len(p), nil
}

func (r *received) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.text)
}

// fullPipe returns the writing end of a pipe that is full and that nobody reads.
func fullPipe(t *testing.T) *os.File {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = r.Close() })
	fd := int(w.Fd())
	require.NoError(t, unix.SetNonblock(fd, true))
	for err == nil {
		_, err = unix.Write(fd, make([]byte, 4096))
	}
	require.ErrorIs(t, err, unix.EAGAIN)
	require.NoError(t, unix.SetNonblock(fd, false))
	return w
}

// signalTemplate makes the project that block copies. Its files are committed.
func signalTemplate(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(signalProject)).Files {
		name := filepath.Join(dir, f.Name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o777))
		require.NoError(t, os.WriteFile(name, f.Data, 0o777))
	}
	commit(t, dir)
	return dir
}

// block starts a command in a copy of a project and returns when the command is blocked.
func block(t *testing.T, template, args string, by blockade, slowGit bool, wrap ...string) *signalled {
	t.Helper()
	home := t.TempDir()
	s := &signalled{dir: filepath.Join(home, "project"), temp: filepath.Join(home, "temp"), stdout: &received{}, stderr: &received{}}
	require.NoError(t, os.Mkdir(s.temp, 0o777))
	require.NoError(t, os.CopyFS(s.dir, os.DirFS(template)))
	s.before = contents(t, s.dir)

	bin, begun := filepath.Join(s.dir, "bin"), filepath.Join(home, "begun")
	if slowGit {
		bin += ":" + filepath.Join(s.dir, "slow")
	}
	command := append(append(wrap, "mop"), strings.Fields(args)...)
	s.Cmd = exec.Command(command[0], command[1:]...)
	s.Dir = s.dir
	s.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "TMPDIR="+s.temp, "BEGUN="+begun, "HOME="+home, "MOP_CACHE="+filepath.Join(home, "cache"))
	stdin, silent, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = stdin.Close(), silent.Close() })
	s.Stdin, s.Stdout, s.Stderr = stdin, s.stdout, s.stderr
	switch by {
	case writing:
		s.Stdout = fullPipe(t)
	case telling:
		s.Stderr = fullPipe(t)
	}
	require.NoError(t, s.Start())
	t.Cleanup(func() { _ = s.Process.Kill() })
	blocked := map[blockade]func() bool{
		byTrace: func() bool { return strings.Contains(s.stderr.String(), "begun\n") },
		started: func() bool { text, _ := os.ReadFile(begun); return len(text) > 0 },
		reading: func() bool { return s.waits("pipe_read") },
		writing: func() bool { return s.waits("pipe_write") },
		telling: func() bool { return s.waits("pipe_write") },
	}[by]
	require.Eventually(t, blocked, time.Minute, 2*time.Millisecond, "not blocked: %s", s.stderr)
	return s
}

// waits reports whether a thread of the process waits in a function of the kernel.
func (s *signalled) waits(where string) bool {
	names, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/wchan", s.Process.Pid))
	return slices.ContainsFunc(names, func(name string) bool {
		text, _ := os.ReadFile(name)
		return strings.Contains(string(text), where)
	})
}

// end sends signals to the process and returns its exit status.
func (s *signalled) end(t *testing.T, signals ...syscall.Signal) int {
	t.Helper()
	for _, sig := range signals {
		require.NoError(t, s.Process.Signal(sig))
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Wait() }()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		require.NoError(t, s.Process.Kill())
		t.Fatal("does not end")
	}
	return s.ProcessState.ExitCode()
}

// A signal ends every command, whatever it waits for, with the status of the signal. No
// temporary file is left.
func TestSignals(t *testing.T) {
	t.Parallel()
	template := signalTemplate(t)
	for _, name := range commands() {
		row, ok := signalRows[name]
		if !assert.True(t, ok, "%s: the command has no row; give it one", name) {
			continue
		}
		for sig, want := range map[syscall.Signal]struct {
			status int
			says   string
		}{syscall.SIGINT: {130, "interrupted"}, syscall.SIGTERM: {143, "terminated"}} {
			t.Run(name+"/"+want.says, func(t *testing.T) {
				t.Parallel()
				s := block(t, template, row.args, row.blockade, row.slowGit)
				assert.Equal(t, want.status, s.end(t, sig))
				if row.blockade != telling {
					assert.Equal(t, "mop: "+want.says, lastLine(s.stderr.String()), s.stderr)
				}
				assert.Empty(t, s.stdout.String())
				entries, err := os.ReadDir(s.temp)
				require.NoError(t, err)
				assert.Empty(t, entries)
				if row.blockade != telling {
					assert.Equal(t, s.before, contents(t, s.dir))
				}
			})
		}
	}
}

func lastLine(text string) string {
	text = strings.TrimSuffix(text, "\n")
	return text[strings.LastIndexByte(text, '\n')+1:]
}

func TestSecondSignal(t *testing.T) {
	t.Parallel()
	s := block(t, signalTemplate(t), "version", writing, false)
	assert.Equal(t, 130, s.end(t, syscall.SIGINT, syscall.SIGTERM))
	assert.Empty(t, s.stderr.String(), "the first signal ended it, after a while")
}

func TestHangup(t *testing.T) {
	t.Parallel()
	template := signalTemplate(t)
	s := block(t, template, "eval environments/loop", byTrace, false)
	assert.Equal(t, 129, s.end(t, syscall.SIGHUP))
	// nohup ignores SIGHUP too.
	s = block(t, template, "eval environments/loop", byTrace, false, "sh", "-c", `trap "" HUP; exec "$@"`, "sh")
	assert.Equal(t, 143, s.end(t, syscall.SIGHUP, syscall.SIGTERM))
}

// If nobody reads the output of mop, it ends silently with the status of SIGPIPE, like
// other programs.
func TestBrokenPipe(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, r.Close())
	defer w.Close()
	var stderr bytes.Buffer
	cmd := exec.Command("mop", "help")
	cmd.Stdout, cmd.Stderr = w, &stderr
	require.Error(t, cmd.Run())
	assert.Equal(t, 128+int(syscall.SIGPIPE), cmd.ProcessState.ExitCode())
	assert.Empty(t, stderr.String())
}

func TestGraceIsShort(t *testing.T) {
	assert.Less(t, ends.Grace+ends.Tidying+ends.Speaking, time.Second)
	assert.Less(t, program.Grace, ends.Grace)
}
