// Command mop runs Jsonnet for Kubernetes; "mop help" is its manual.
//
// Only this package of the module prints, exits, and reads flags, the environment or the
// working directory. Standard output has only the product of a command. If the command
// fails, it has nothing, except the findings of a command that checks or lists. All other
// messages go to standard error, in lower case and without a final period.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"syscall"

	"github.com/mop-platform/mop/cmd/mop/internal/option"
	"github.com/mop-platform/mop/internal/budget"
	ends "github.com/mop-platform/mop/internal/ending"
	"github.com/mop-platform/mop/internal/heap"
	"github.com/mop-platform/mop/internal/message"
	"github.com/mop-platform/mop/internal/program"
	"github.com/mop-platform/mop/internal/stream"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/diag"
)

// The exit statuses of every command. A command that checks ends with statusFindings if it
// could read its input and has findings.
const (
	statusDone     = 0
	statusFindings = 1
	statusFailure  = 2
)

// errFindings ends a command that has printed its findings.
var errFindings = errors.New("findings")

func main() {
	if len(os.Args) == 2 && os.Args[1] == guardArgument {
		os.Exit(guard())
	}
	heap.Grow(gcPercent)
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintf(os.Stderr, "mop: working directory: %v\n", err)
		os.Exit(statusFailure)
	}
	// Without a home directory there is none to protect, and no cache.
	home, _ := os.UserHomeDir()
	cache, err := os.UserCacheDir()
	if err == nil {
		cache = filepath.Join(cache, "mop")
	}
	ctx, end := context.WithCancelCause(context.Background())
	broken := func() { end(ends.Signalled{Signal: syscall.SIGPIPE}) }
	a := &app{
		output: newOutput(stream.Pipe(os.Stdout, broken), stream.Pipe(os.Stderr, broken)),
		dir:    dir, home: home, cache: cache, lookupEnv: os.LookupEnv, environ: os.Environ(),
		ending: ending{end: end, done: make(chan struct{}), temporary: ends.Temporary{Dir: os.TempDir()}},
	}
	a.ending.signals()
	go a.watch(ctx, 0)
	os.Exit(a.run(ctx, os.Args[1:], os.Stdin))
}

// gcPercent is how far the heap grows between two collections, unless GOGC is set. Most
// values of an evaluation soon become garbage. With twice Go's default an export of 200
// environments takes a fifth less user time, and 88 MB instead of 68.
const gcPercent = 200

// sharedGCPercent is gcPercent for files with several environments. Few values of such an
// evaluation live long: with 64 environments of 300 objects it takes 69 MB instead of 98,
// and an eighth more processor time.
const sharedGCPercent = 100

// run runs the command with the arguments args and returns the exit status.
func (a *app) run(ctx context.Context, args []string, stdin io.Reader) int {
	a.guard, a.stop = program.NewGuard("mop", guardArgument), func() {}
	root := newRootCommand(a)
	root.SetArgs(args)
	root.SetIn(stream.Until(ctx, stdin))
	status := a.conclude(ctx, root.ExecuteContext(ctx))
	a.guard.Close()
	if a.ending.done != nil {
		close(a.ending.done)
	}
	// The end of the context starts the time in which the command must end.
	a.stop()
	a.ending.temporary.Tidy()
	return status
}

// conclude writes the last messages of a command that ends with err, and its profile. It
// returns the exit status.
func (a *app) conclude(ctx context.Context, err error) int {
	a.ending.last.Lock()
	defer a.flush()
	var signalled ends.Signalled
	switch errors.As(budget.Of(ctx).Err(), &signalled); {
	case signalled.Signal == syscall.SIGPIPE:
		return signalled.Status()
	case signalled.Signal != 0 && err != nil:
		if _, found := diag.From(err); !found && !errors.Is(err, signalled) && !errors.Is(err, context.Canceled) && !errors.Is(err, errFindings) {
			// This is another error, which may matter.
			a.report(err)
		}
		err = signalled
	default:
		a.warn(slices.CompactFunc(a.warnings.list.Sorted(), func(x, y diag.Diagnostic) bool { return reflect.DeepEqual(x, y) }))
	}
	if failed := a.writeProfile(context.WithoutCancel(ctx)); failed != nil {
		if err != nil && !errors.Is(err, errFindings) {
			a.report(err)
		}
		err = failed
	}
	if status := statusOf(err); status <= statusFindings {
		return status
	}
	if a.spent != nil {
		err = ends.While(a.spent, err)
	}
	a.report(err)
	return statusOf(err)
}

// app has the things that all commands share.
type app struct {
	output
	// dir is the working directory. home is the user's home directory, cache the directory
	// in which mop keeps what it has fetched; "" for none.
	dir, home, cache string
	lookupEnv        func(string) (string, bool)
	// environ is the process's environment, for the programs that it starts.
	environ []string
	// guard starts the programs that a project's Jsonnet asks for. programs are the flags
	// about them. forbidden is the flag or variable that forbids them, "" for none.
	guard     *program.Guard
	programs  programFlags
	forbidden string
	// level says which messages besides errors go to stderr.
	level option.Level
	// traced receives the output of std.trace; see [app.traces].
	traced *stream.Traces
	// warnings are those of evaluations. They are written at the end, in an order that does
	// not depend on the order of evaluations, and none twice.
	warnings collected
	// budget are the flags that limit the command. spent is the budget with the limits of
	// these flags and of the machine, nil before the command begins; stop stops it.
	budget budgetFlags
	spent  *budget.Budget
	stop   func()
	// ending ensures that the process ends.
	ending ending
	// recording records a profile, nil for none.
	recording *recording
}

// wrongCall returns an error about wrong flags or arguments, with a hint or "".
func wrongCall(problem, hint string) error { return option.Error{Problem: problem, Hint: hint} }

// report writes err to standard error.
func (a *app) report(err error) {
	if l, ok := diag.From(err); ok {
		// A failure of standard error cannot be reported anywhere.
		_ = diag.Write(a.stderr, l, diag.Options{Path: a.displayPath, Most: mostReported, MostBytes: mostReportedBytes})
		return
	}
	fmt.Fprintf(a.stderr, "mop: %s\n", message.CutLines(err.Error(), message.Screen))
	var usage option.Error
	if errors.As(err, &usage) && usage.Hint != "" {
		fmt.Fprintf(a.stderr, "mop: hint: %s\n", message.CutLines(usage.Hint, message.Screen/4))
	}
}

// The most diagnostics that are written about a failure, and the most bytes of them.
const (
	mostReported      = 100
	mostReportedBytes = 7 << 10
)

// displayPath returns an absolute name of a file relative to the working directory, so that
// a terminal or an editor finds the file. Relative names stay as they are.
func (a *app) displayPath(name string) string { return workspace.Relative(a.dir, name) }

// abs returns the absolute form of path, which may be relative to the working directory.
func (a *app) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(a.dir, path)
}
