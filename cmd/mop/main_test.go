package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ends "github.com/mop-platform/mop/internal/ending"
	"github.com/mop-platform/mop/internal/heap"
	"github.com/mop-platform/mop/internal/ramdisk"
)

var update = flag.Bool("update", false, "rewrite the expected output in scripts")

// killsVariable is an environment variable with the number of kills of each writer, which
// "make kills" sets.
const killsVariable = "MOP_KILLS"

// TestMain puts this program into PATH as mop. testscript.Main would do so too, but the
// scripts have a command of their own that is called mop.
func TestMain(m *testing.M) {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "mop" {
		main()
	}
	os.Exit(testWithMop(m))
}

func testWithMop(m *testing.M) int {
	dir, err := os.MkdirTemp("", "mop")
	must(err)
	defer os.RemoveAll(dir)
	self, err := os.Executable()
	must(err)
	mop := filepath.Join(dir, "mop")
	if runtime.GOOS == "windows" {
		mop += ".exe"
	}
	if os.Link(self, mop) != nil {
		// The directory is on another file system.
		program, err := os.ReadFile(self)
		must(err)
		must(os.WriteFile(mop, program, 0o777))
	}
	// "make kills" writes to the disk.
	if os.Getenv(killsVariable) == "" {
		defer ramdisk.Use()()
	}
	heap.Grow(testGCPercent)
	must(os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH")))
	return m.Run()
}

// testGCPercent is how far the heap of the tests grows between two collections.
const testGCPercent = 400

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// TestScripts runs the command as a user would. $REPO is this repository in scripts.
func TestScripts(t *testing.T) {
	repo, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	runScripts(t, "testdata/script", map[string]string{"REPO": repo}, map[string]scriptCommand{
		// profile FILE: prints the stacks of a profile.
		"profile": printProfile,
	})
}

// Some script runs each command in a process of its own, and some script ends it there with
// each of its exit statuses. A command that reads standard input has a process.
func TestCommandsRunAsProcesses(t *testing.T) {
	names := commands()
	// "tool importers" is the beginning of another name.
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	call := regexp.MustCompile(`(?m)^((?:\[.*\] )*(?:stdin|ttyin) .*\n)?(?:\[.*\] )*(?:status (\d+) )?(exec )?mop (` + strings.Join(names, "|") + `)\b`)
	scripts, err := filepath.Glob("testdata/*/*.txtar")
	require.NoError(t, err)
	inProcess, asProcess := map[string]string{}, map[string]bool{}
	for _, script := range scripts {
		archive, err := txtar.ParseFile(script)
		require.NoError(t, err)
		for _, c := range call.FindAllStringSubmatch(string(archive.Comment), -1) {
			does := c[4] + " with status " + cmp.Or(c[2], "0")
			if c[3] != "" {
				asProcess[does] = true
				continue
			}
			inProcess[does] = script
			assert.Empty(t, c[1], "%s: only a process reads standard input: %s", script, c[0])
		}
	}
	for _, name := range names {
		assert.True(t, asProcess[name+" with status 0"], "%s: no script runs it as a process", name)
	}
	for does, script := range inProcess {
		assert.True(t, asProcess[does], "%s: mop %s: no script runs it as a process", script, does)
	}
}

type scriptCommand = func(ts *testscript.TestScript, neg bool, args []string)

// runScripts runs the scripts of a directory. They have these commands:
//
//   - mop ARG...: runs mop in the process of the test, which costs a hundredth of what
//     "exec mop ARG..." does. Its standard input is empty.
//   - status N mop ARG... and status N exec PROGRAM ARG...: the program exits with the
//     status N. testscript's own exec distinguishes only success and failure.
func runScripts(t *testing.T, dir string, variables map[string]string, commands map[string]scriptCommand) {
	commands["mop"] = func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("say which: status N mop [arg...]")
		}
		if got := runMop(ts, args); got != statusDone {
			ts.Fatalf("unexpected exit status %d", got)
		}
	}
	commands["status"] = status
	testscript.Run(t, testscript.Params{
		Dir:                 dir,
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			for name, value := range variables {
				env.Setenv(name, value)
			}
			var names []string
			for _, variable := range env.Vars {
				name, _, _ := strings.Cut(variable, "=")
				names = append(names, name)
			}
			script, err := os.ReadFile(filepath.Join(dir, filepath.Base(env.T().(testing.TB).Name())+".txtar"))
			for _, set := range assignment.FindAllSubmatch(script, -1) {
				names = append(names, string(set[1]))
			}
			env.Values[variableNames{}] = names
			return err
		},
		Cmds: commands,
	})
}

// assignment matches a command of a script that sets a variable.
var assignment = regexp.MustCompile(`(?m)^env (\w+)=`)

// variableNames is the key of a script's value that has the names of its variables.
type variableNames struct{}

// runMop runs mop in this process, with the directory and the variables of a script, and
// returns its exit status. A variable without a text is not set. A panic fails the script,
// unless it is in another goroutine.
func runMop(ts *testscript.TestScript, args []string) (status int) {
	defer func() {
		if p := recover(); p != nil {
			ts.Fatalf("mop panics: %v\n%s", p, debug.Stack())
		}
	}()
	var environ []string
	for _, name := range ts.Value(variableNames{}).([]string) {
		if value := ts.Getenv(name); value != "" {
			environ = append(environ, name+"="+value)
		}
	}
	return run(ts.MkAbs("."), environ, ts.Stdout(), ts.Stderr(), args...)
}

// run runs mop in this process, with a directory and an environment of its own, and returns
// its exit status. Its standard input is empty.
func run(dir string, environ []string, stdout, stderr io.Writer, args ...string) int {
	// An earlier command may have asked for less garbage.
	heap.Grow(testGCPercent)
	environ = append(slices.Clone(environ), "PWD="+dir)
	variables := map[string]string{}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		variables[name] = value
	}
	home := variables["HOME"]
	a := &app{
		output: newOutput(&shared{w: stdout}, &shared{w: stderr}),
		dir:    dir, home: home, cache: filepath.Join(home, ".cache", "mop"), environ: environ,
		lookupEnv: func(name string) (string, bool) { value, set := variables[name]; return value, set },
		ending:    ending{temporary: ends.Temporary{Dir: variables["TMPDIR"]}},
	}
	return a.run(context.Background(), args, strings.NewReader(""))
}

// commit makes a repository of a directory and commits all files. The repository has no
// hooks and is not maintained.
func commit(t *testing.T, dir string) {
	t.Helper()
	for _, args := range []string{"init -q --template=", "add .", "-c maintenance.auto=false -c user.name=a -c user.email=a@example.com commit -qm a"} {
		out, err := exec.Command("git", append([]string{"-C", dir}, strings.Fields(args)...)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

// shared is a writer that several goroutines may use, as they may use a file.
type shared struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *shared) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || args[1] != "mop" && args[1] != "exec" {
		ts.Fatalf("usage: status N mop [arg...], or status N exec program [arg...]")
	}
	got := 0
	if args[1] == "mop" {
		got = runMop(ts, args[2:])
	} else {
		err := ts.Exec(args[2], args[3:]...)
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			got = exit.ExitCode()
		} else {
			ts.Check(err)
		}
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("want exit status %s, got %d", args[0], got)
	}
}
