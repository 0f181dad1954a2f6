// Command mop drives Jsonnet for Kubernetes; "mop help" is its manual.
//
// This package is the only one of the module that prints, exits, and reads
// flags, the environment or the working directory. Its rules: standard output
// carries the product and nothing else, and nothing at all where a command
// fails, but for what a command that checks or lists has found; everything else
// goes to standard error, in lower case and without a final period.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	ends "github.com/mop-platform/mop/internal/ending"
	"github.com/mop-platform/mop/internal/heap"
	"github.com/mop-platform/mop/internal/option"
	"github.com/mop-platform/mop/internal/stream"
	"github.com/mop-platform/mop/internal/workspace"
	"github.com/mop-platform/mop/pkg/budget"
	"github.com/mop-platform/mop/pkg/diag"
	"github.com/mop-platform/mop/pkg/message"
	"github.com/mop-platform/mop/pkg/program"
)

// The exit statuses of every command. Findings, in input that could be read,
// are what commands that check have.
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
	os.Exit(run())
}

// gcPercent is how far the heap grows between two collections, unless GOGC says
// otherwise: most of what an evaluation makes is soon garbage. With twice Go's
// usual percentage an export of 200 environments takes a fifth less of the
// processor, outside of the system, and 88 MB instead of 68.
const gcPercent = 200

// sharedGCPercent is gcPercent for files with several environments. Little of such
// an evaluation lives long: with 64 environments of 300 objects it takes 69 MB in
// the place of 98, and an eighth more of the processor.
const sharedGCPercent = 100

func run() int {
	heap.Grow(gcPercent)
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintf(os.Stderr, "mop: working directory: %v\n", err)
		return statusFailure
	}
	// Who has no home directory has none to protect.
	home, _ := os.UserHomeDir()
	ctx, end := context.WithCancelCause(context.Background())
	broken := func() { end(ends.Signalled{Signal: syscall.SIGPIPE}) }
	a := &app{
		output: newOutput(stream.Pipe(os.Stdout, broken), stream.Pipe(os.Stderr, broken)),
		dir:    dir, home: home, lookupEnv: os.LookupEnv, environ: os.Environ(),
		guard:  program.NewGuard("mop", guardArgument),
		ending: ending{end: end, done: make(chan struct{})}, stop: func() {},
	}
	a.ending.signals()
	go a.watch(ctx)
	root := newRootCommand(a)
	root.SetIn(stream.Until(ctx, os.Stdin))
	status := a.conclude(ctx, root.ExecuteContext(ctx))
	a.stop()
	a.guard.Close()
	close(a.ending.done)
	a.ending.temporary.Tidy()
	return status
}

// conclude says what is to be said at the end of a command, which err ended, and
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
			// Something else, which could matter.
			a.report(err)
		}
		err = signalled
	default:
		a.warn(a.warnings.list.Distinct())
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

// app is what the commands share.
type app struct {
	output
	// dir is the working directory, home the user's home directory or "".
	dir, home string
	lookupEnv func(string) (string, bool)
	// environ is the process's environment, for the programs that it starts.
	environ []string
	// guard starts the programs that a project's Jsonnet wants; programs are the flags
	// about them, and forbidden is what forbids them, "" for nothing.
	guard     *program.Guard
	programs  programFlags
	forbidden string
	// level says what else goes to stderr.
	level option.Level
	// traced receives the output of std.trace; see [app.traces].
	traced *stream.Traces
	// warnings are those of evaluations, which are told at the end: in an order that
	// does not depend on which evaluation was first, and none twice.
	warnings collected
	// budget are the flags that limit the command, and limits what they say with what
	// the machine has. spent is what is spent of them, nil before the command begins;
	// stop ends what looks at it.
	budget budgetFlags
	limits budget.Limits
	spent  *budget.Budget
	stop   func()
	// ending sees to it that the process ends.
	ending ending
	// recording is that of a profile, nil for none.
	recording *recording
}

// wrongCall is the error of a call that cannot be understood, and a hint or "".
func wrongCall(problem, hint string) error { return option.Error{Problem: problem, Hint: hint} }

// report writes err to standard error.
func (a *app) report(err error) {
	if l, ok := diag.From(err); ok {
		// Nothing is left to tell a failure of standard error to.
		_ = diag.Write(a.stderr, l, diag.Options{Path: a.displayPath, Most: mostReported, MostBytes: mostReportedBytes})
		return
	}
	fmt.Fprintf(a.stderr, "mop: %s\n", message.CutLines(err.Error(), message.Screen))
	var usage option.Error
	if errors.As(err, &usage) && usage.Hint != "" {
		fmt.Fprintf(a.stderr, "mop: hint: %s\n", message.CutLines(usage.Hint, message.Screen/4))
	}
}

// What is told of a failure at most: diagnostics, and their bytes.
const (
	mostReported      = 100
	mostReportedBytes = 7 << 10
)

// displayPath returns the absolute name of a file relative to the working directory,
// so that a terminal or an editor finds it. Others stay as they are.
func (a *app) displayPath(name string) string { return workspace.Relative(a.dir, name) }

// abs returns path, which is relative to the working directory, as absolute.
func (a *app) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(a.dir, path)
}
