// Package git reads the files of a repository's revisions, and finds those that changed,
// without touching the work tree.
//
// [Open] finds the repository around a directory. [Repository.Tree] gives the files of a
// revision as an [io/fs.FS]. [Repository.Changed] gives the names of the files that differ
// between two revisions, or between a revision and the work tree. [Repository.List] gives
// the names of the files of the work tree that are not ignored. Files have slash-separated
// names relative to the top of the work tree.
//
// The package runs the git program. An implementation in Go would bring tens of modules. It
// would differ from the program that everybody uses in ignored files, line endings, linked
// work trees, partial clones and newer formats of repositories. Every call is one of git's
// plumbing commands or has the options that make it independent of the user's
// configuration, except for those of [Fetch] and [ResolveRemote]. The package writes only
// what Fetch gets, and takes no lock.
//
// Git itself may run programs that the configuration of the user and of .git names: helpers
// for credentials, ssh, and filters when the work tree is compared. The files of a revision
// can choose among these filters, but cannot add any.
package git

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/program"
	"github.com/mop-platform/mop/pkg/diag"
)

// Options are what the git program gets from the calling process.
type Options struct {
	// Program is the path of the program, "" for the one called git on the PATH of Env.
	Program string
	// Env is the process's environment as [os.Environ] gives it. Its PATH locates the
	// program, its HOME the user's configuration, which may be needed to read a repository
	// of somebody else. The variables of git itself and of the locale are dropped, because
	// those set in a hook would lead to another repository. [Fetch] and [ResolveRemote]
	// keep git's variables without such an effect.
	Env []string
}

// Repository is a repository with a work tree. It is immutable and safe for
// concurrent use.
type Repository struct {
	program string
	env     []string
	top     string
}

// Open returns the repository whose work tree holds the directory dir. The work tree must
// have a .git at its top, which no commit can bring.
//
// The error is a [diag.Diagnostic] if there is none; its chain holds
// [program.ErrNotFound] if there is no git program.
func Open(ctx context.Context, dir string, o Options) (*Repository, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	file, err := program.Find(cmp.Or(o.Program, "git"), o.Env)
	if err != nil {
		return nil, err
	}
	r := &Repository{program: file, env: cleanEnv(o.Env), top: abs}
	out, err := r.run(ctx, "rev-parse", "--show-toplevel")
	none := diag.Diagnostic{
		Subject: filepath.ToSlash(dir),
		Problem: "no git repository here: neither this directory nor a parent is a work tree",
	}
	var failed *commandError
	if errors.As(err, &failed) && strings.HasPrefix(failed.stderr, "fatal: not a git repository") {
		return nil, none
	}
	if err != nil {
		return nil, err
	}
	r.top = filepath.FromSlash(strings.TrimSuffix(string(out), "\n"))
	if _, err := os.Lstat(filepath.Join(r.top, ".git")); err != nil {
		// git takes a directory with the files of a bare repository for one, with its
		// configuration, which can name programs to run. Unlike a .git, such files can be
		// committed by anybody.
		return nil, none
	}
	return r, nil
}

// Name returns the name in the repository of an existing file or directory of the operating
// system; "." is the top. ok is false if it lies elsewhere or does not exist.
func (r *Repository) Name(osPath string) (name string, ok bool) {
	real, err := filepath.EvalSymlinks(osPath)
	if err != nil {
		return "", false
	}
	if real, err = filepath.Abs(real); err != nil {
		return "", false
	}
	rel, err := filepath.Rel(r.top, real)
	if err != nil || !filepath.IsLocal(rel) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}

// command returns the git command with the given arguments, to be run at the
// work tree's top.
func (r *Repository) command(args ...string) program.Command {
	// The monitor would leave a process behind, and names are no patterns.
	args = append([]string{"-c", "core.fsmonitor=false", "--literal-pathspecs"}, args...)
	return program.Command{Path: r.program, Args: args, Env: r.env, Dir: r.top}
}

// run returns the output of a git command. The error is ctx's if that has
// ended, a *commandError if the command failed.
func (r *Repository) run(ctx context.Context, args ...string) ([]byte, error) {
	out, err := r.command(args...).Output(ctx)
	if err := budget.Of(ctx).Err(); err != nil {
		return nil, err
	}
	var failed *program.ExitError
	if errors.As(err, &failed) {
		return nil, &commandError{args[0], failed.Status, strings.TrimSpace(string(failed.Stderr))}
	}
	if err != nil {
		return nil, fmt.Errorf("git %s: %w", args[0], err)
	}
	return out, nil
}

// names returns the NUL-terminated names that a git command prints.
func (r *Repository) names(ctx context.Context, args ...string) ([]string, error) {
	out, err := r.run(ctx, args...)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), nil
}

// commandError is a git command that ended with a status other than 0.
type commandError struct {
	command string
	status  string
	stderr  string
}

func (e *commandError) Error() string {
	first, _, _ := strings.Cut(e.stderr, "\n")
	if first == "" {
		first = e.status
	}
	return fmt.Sprintf("git %s: %s", e.command, strings.TrimPrefix(first, "fatal: "))
}

// cleanEnv returns env without the variables of git and the locale, and with
// those that make git's output and effects the same everywhere.
func cleanEnv(env []string) []string {
	out := slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		return strings.HasPrefix(entry, "GIT_") || strings.HasPrefix(entry, "LC_") || strings.HasPrefix(entry, "LANG")
	})
	return append(out, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
}
