package hostile

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mop-platform/mop/internal/ramdisk"
)

var (
	all     = flag.Bool("all", false, "run all programs, and hold the time and memory of each to the limits")
	timeout = flag.Duration("limit", time.Second, "how long a program may take with -all")
	command = flag.String("mop", "", "the command to run, built from this module if not given")
)

const (
	// mostTime and mostMemory are the most time, and memory in bytes, that a program may
	// take with -all, when nothing else runs.
	mostTime   = 3 * time.Second
	mostMemory = 450 << 20
	// patience is the time after which a program that has not ended is killed.
	patience = 40 * time.Second
	// mostMessage is the most that a program may print to stderr, in bytes.
	mostMessage = 8 << 10
)

// run is the result of a run of a program.
type run struct {
	status         int
	stdout, stderr limited
	wall, cpu      time.Duration
	memory         int64
	killed         bool
}

// limited keeps the beginning of the text written to it, and counts all of it.
type limited struct {
	kept bytes.Buffer
	size int64
}

func (l *limited) String() string { return l.kept.String() }

func (l *limited) Write(p []byte) (int, error) {
	l.size += int64(len(p))
	if room := 1<<20 - l.kept.Len(); room > 0 {
		l.kept.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

// buildDir is the directory of TestMain into which the command is built.
var buildDir string

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	defer ramdisk.Use()()
	var err error
	if buildDir, err = os.MkdirTemp("", "hostile"); err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(buildDir) }()
	return m.Run()
}

// built is the command, made once for all tests.
var built = sync.OnceValues(func() (string, error) {
	name := filepath.Join(buildDir, "mop")
	out, err := exec.Command("go", "build", "-ldflags", "-s -w", "-o", name, "../..").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, out)
	}
	return name, nil
})

func build(t *testing.T) string {
	t.Helper()
	if *command != "" {
		return *command
	}
	name, err := built()
	require.NoError(t, err)
	return name
}

// root is the root of the repository.
const root = "../../../.."

// loaded is the graph of calls, made once for all tests: of the command, and of the packages
// for other programs.
var loaded = sync.OnceValues(func() (*Graph, error) {
	out, err := exec.Command("go", "list", module+"/pkg/...").Output()
	if err != nil {
		return nil, err
	}
	packages := []string{module + "/cmd/mop"}
	for _, name := range strings.Fields(string(out)) {
		if !strings.Contains(name, "/internal/") {
			packages = append(packages, name)
		}
	}
	return Load(root, packages...)
})

func graph(t *testing.T) *Graph {
	t.Helper()
	g, err := loaded()
	require.NoError(t, err)
	return g
}

func (p Program) run(t *testing.T, mop string, limits ...string) *run {
	t.Helper()
	home, dir := t.TempDir(), t.TempDir()
	require.NoError(t, p.Write(dir))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, mop, slices.Concat(p.Args, limits)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+home, "MOP_CACHE="+filepath.Join(home, "cache"))
	for _, v := range p.Env {
		cmd.Env = append(cmd.Env, strings.ReplaceAll(v, "$DIR", dir))
	}
	cmd.WaitDelay = time.Second
	r := &run{}
	cmd.Stdout, cmd.Stderr = &r.stdout, &r.stderr
	if p.Stdin != nil {
		in, err := cmd.StdinPipe()
		require.NoError(t, err)
		go func() {
			// The command may end before it has read all of it.
			_ = p.Stdin.writeTo(in)
			if !p.Open {
				_ = in.Close()
			}
		}()
	}
	start := time.Now()
	err := cmd.Run()
	r.wall = time.Since(start)
	r.killed = ctx.Err() != nil
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	r.status = cmd.ProcessState.ExitCode()
	r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	// The peak memory of a process begins with that of the process that started it.
	require.Less(t, held(t), int64(mostMemory/2), "this test has grown too large to measure others")
	r.memory = cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	return r
}

// held returns the peak memory of this process.
func held(t *testing.T) int64 {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return usage.Maxrss << 10
}

// faults lists the faults in the result of a program.
func (p Program) faults(r *run) []string {
	var out []string
	fault := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if r.killed {
		fault("does not end by itself within %v", patience)
	}
	exit := p.Exit
	if exit == nil {
		exit = []int{2}
	}
	if !r.killed && !slices.Contains(exit, r.status) {
		fault("exit status %d, want one of %v", r.status, exit)
	}
	message := r.stderr.String()
	for _, crash := range []string{"fatal error", "goroutine ", "panic:", "runtime:"} {
		if strings.Contains(message, crash) {
			fault("a crash: %q", crash)
		}
	}
	if r.stderr.size > mostMessage {
		fault("a message of %d bytes", r.stderr.size)
	}
	differs := p.Args[0] == "diff" && r.status == 1
	if r.status != 0 && !differs && p.Place != "-" {
		place := strings.ReplaceAll(regexp.QuoteMeta(cmp.Or(p.Place, "main.jsonnet:")), `\|`, "|")
		place = regexp.MustCompile(`:(\||$)`).ReplaceAllString(place, ":[0-9]$1")
		if !regexp.MustCompile(place).MatchString(r.stdout.String() + message) {
			fault("no place like %s", place)
		}
	}
	if *all {
		if r.wall > mostTime {
			fault("takes %v", r.wall.Round(10*time.Millisecond))
		}
		if r.memory > mostMemory {
			fault("takes %d MB of memory", r.memory>>20)
		}
	}
	return out
}

func (r *run) String() string {
	return fmt.Sprintf("exit status %2d, %6.2fs, %6.2fs of processor time, %4d MB", r.status, r.wall.Seconds(), r.cpu.Seconds(), r.memory>>20)
}

func (r *run) beginning() string {
	s := r.stdout.String() + r.stderr.String()
	return strings.ToValidUTF8(s[:min(len(s), 600)], "?")
}

// Each hostile program ends by itself, within its limits, with a message that says where.
// The ordinary tests give it more time, because the machine may have other work. Only those
// that never end get less, because they use it all.
func TestHostile(t *testing.T) {
	within(t, 3*time.Second, Table().Programs, func(_ int, p Program) bool { return slices.Contains(Ordinary(), p.Name) })
}

// Each large but honest program passes within the same limits. The ordinary tests
// give it more time, so that a machine with other work passes too.
func TestHonest(t *testing.T) {
	within(t, 10*time.Second, Honest(), func(i int, _ Program) bool { return i%4 == 0 })
}

// within runs programs within the limits: all of them with -all, else those that are
// chosen, with the limit of time more.
func within(t *testing.T, more time.Duration, programs []Program, chosen func(i int, p Program) bool) {
	mop := build(t)
	timeout := *timeout
	if !*all {
		timeout = more
	}
	for i, p := range programs {
		if !*all && !chosen(i, p) {
			continue
		}
		timeout := timeout
		if !*all && unending(p.Name) {
			timeout = 500 * time.Millisecond
		}
		t.Run(p.Name, func(t *testing.T) {
			if !*all {
				// Several programs wait until their limit of time.
				t.Parallel()
			}
			r := p.run(t, mop, "--timeout", timeout.String(), "--max-memory", "200Mi")
			t.Log(r)
			if faults := p.faults(r); len(faults) > 0 {
				t.Errorf("%s\n%s", strings.Join(faults, "\n"), r.beginning())
			}
		})
	}
}

// The table is true: the names of programs are unique, the functions exist and ask as the
// table says, and each cycle of calls contains one of them.
func TestTable(t *testing.T) {
	g := graph(t)
	table := Table()

	programs := map[string]bool{}
	for _, p := range table.Programs {
		assert.False(t, programs[p.Name], "%s: two programs have this name", p.Name)
		programs[p.Name] = true
	}
	for _, name := range Ordinary() {
		assert.True(t, programs[name], "%s: no such program", name)
	}
	known := map[string]bool{}
	for _, l := range table.Loops {
		known[l.Func] = true
		if !assert.True(t, g.Has(l.Func), "%s: no such function", l.Func) {
			continue
		}
		assert.NotEmpty(t, l.Input, "%s: what of the input drives it?", l.Func)
		assert.True(t, slices.ContainsFunc(l.Asks, func(name string) bool { return g.Mentions(l.Func, name) }),
			"%s: asks none of %q, neither do those that it calls", l.Func, l.Asks)
		assert.NotEmpty(t, l.Programs, "%s: which program meets it?", l.Func)
		for _, name := range l.Programs {
			assert.True(t, programs[name], "%s: no program %q", l.Func, name)
		}
	}
	for _, b := range table.Bounded {
		names := g.Matching(b.Func)
		assert.NotEmpty(t, names, "%s: no such function", b.Func)
		assert.NotEmpty(t, b.By, "%s: what bounds it?", b.Func)
		for _, name := range names {
			known[name] = true
		}
	}
	for _, cycle := range g.Cycles(func(name string) bool { return known[name] }) {
		t.Errorf("what bounds the depth of this recursion? Give it a row in the table.\n%s", strings.Join(cycle, "\n"))
	}
}

// A loop over one list for each part of another asks the budget, or has a reason in the
// table.
func TestProducts(t *testing.T) {
	g := graph(t)
	used := map[Repeat]bool{}
	asking := map[string]bool{}
	for _, p := range g.Products() {
		if p.Asks {
			asking[p.Func+" "+p.Over] = true
			continue
		}
		rows := slices.DeleteFunc(Repeats(), func(r Repeat) bool {
			of, _ := path.Match(r.Func, p.Func)
			over, _ := path.Match(r.Over, p.Over)
			return !of || !over
		})
		assert.NotEmpty(t, rows, "%v: for each of another; ask the budget in the loop, or give the reason in the table", p)
		for _, r := range rows {
			used[r] = true
		}
	}
	for _, name := range []string{"pkg/validate/internal/rules.distinctTolerations seen", "cmd/mop/internal/check.Clusters environments", "internal/vendored.usage.faults packages"} {
		assert.True(t, asking[name], "%s: not found, or does not ask", name)
	}
	for _, r := range Repeats() {
		assert.True(t, used[r], "%s: no such loop over %s", r.Func, r.Over)
	}
}
