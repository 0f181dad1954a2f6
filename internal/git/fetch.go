package git

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/mop-platform/mop/internal/pattern"
	"github.com/mop-platform/mop/internal/program"
)

// Fetched is a revision that [Fetch] got, with a repository that holds it.
type Fetched struct {
	*Repository
	// Commit is its object ID.
	Commit string
}

// UnknownRevisionError says that a remote repository does not have a revision.
type UnknownRevisionError struct {
	Remote, Revision string
	// Refs are the branches and tags that it has, sorted.
	Refs []string
	// Default is the name of its default branch, "" if that is unknown.
	Default string
}

func (e *UnknownRevisionError) Error() string {
	return fmt.Sprintf("%s: no branch, tag or commit %q", e.Remote, e.Revision)
}

// revision matches the names of branches and tags, and object IDs, that a remote can be
// asked for: what git-check-ref-format(1) allows, and no refspec or option.
var revision = pattern.New(`^[^-+\x00-\x20~^:?*\[\\\x7f][^\x00-\x20~^:?*\[\\\x7f]*$`)

// objectID matches an object ID or the beginning of one.
var objectID = pattern.New(`^[0-9a-f]{4,64}$`)

// Fetch fetches one revision of a remote repository, without its history: a branch, tag or
// commit. It makes a bare repository in the directory dir, which must be empty or absent.
// If the server gives away no commits by their IDs, or rev is an abbreviated ID, Fetch
// fetches all branches and tags with their history. Unlike the other functions it uses the
// user's configuration, which may hold credentials, but it never asks for them.
//
// The chain of the error holds an [UnknownRevisionError] if the remote does not have the
// revision, a [RemoteError] if the address is refused, and [program.ErrNotFound] if there
// is no git program.
func Fetch(ctx context.Context, dir, remote, rev string, o Options) (Fetched, error) {
	if err := checkRemote(remote); err != nil {
		return Fetched{}, err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Fetched{}, err
	}
	r, err := remoteUser(dir, o)
	if err != nil {
		return Fetched{}, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return Fetched{}, err
	}
	// A template could bring hooks.
	if _, err := r.run(ctx, "init", "--quiet", "--bare", "--template=", "--", dir); err != nil {
		return Fetched{}, err
	}
	r.env = append(r.env, "GIT_DIR="+dir)
	if !revision().MatchString(rev) {
		return Fetched{}, r.unknownRevision(ctx, remote, rev)
	}
	const wanted = "refs/mop/wanted"
	fetch := func(args ...string) error {
		_, err := r.run(ctx, slices.Concat([]string{"fetch", "--quiet", "--no-tags", "--no-auto-gc", "--no-recurse-submodules"}, args)...)
		return err
	}
	err = fetch("--depth=1", "--", remote, "+"+rev+":"+wanted)
	var failed *commandError
	if errors.As(err, &failed) {
		if !objectID().MatchString(rev) {
			return Fetched{}, r.missing(ctx, remote, rev, err)
		}
		// The server gives away no commits by their IDs, or the ID is abbreviated.
		if err := fetch("--", remote, "+refs/heads/*:refs/all/heads/*", "+refs/tags/*:refs/all/tags/*"); err != nil {
			return Fetched{}, err
		}
		if err := r.pin(ctx, rev, wanted); err != nil {
			return Fetched{}, r.missing(ctx, remote, rev, err)
		}
	} else if err != nil {
		return Fetched{}, err
	}
	out, err := r.run(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", wanted+"^{commit}")
	if err != nil {
		return Fetched{}, err
	}
	return Fetched{r, strings.TrimSpace(string(out))}, nil
}

// pin makes ref a name of the commit rev.
func (r *Repository) pin(ctx context.Context, rev, ref string) error {
	out, err := r.run(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		return err
	}
	_, err = r.run(ctx, "update-ref", ref, strings.TrimSpace(string(out)))
	return err
}

// missing returns an [UnknownRevisionError] if the remote answers and does not
// have rev, else err.
func (r *Repository) missing(ctx context.Context, remote, rev string, err error) error {
	unknown := r.unknownRevision(ctx, remote, rev)
	var e *UnknownRevisionError
	if errors.As(unknown, &e) && !slices.Contains(e.Refs, rev) {
		return e
	}
	return err
}

func (r *Repository) unknownRevision(ctx context.Context, remote, rev string) error {
	out, err := r.run(ctx, "ls-remote", "--symref", "--", remote)
	if err != nil {
		return err
	}
	e := &UnknownRevisionError{Remote: remote, Revision: rev}
	for line := range strings.Lines(string(out)) {
		// "ref: refs/heads/main<TAB>HEAD" or "<id><TAB>refs/...".
		value, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if branch, ok := strings.CutPrefix(value, "ref: refs/heads/"); ok && name == "HEAD" {
			e.Default = branch
		}
		for _, prefix := range []string{"refs/heads/", "refs/tags/"} {
			if short, ok := strings.CutPrefix(name, prefix); ok && !strings.HasSuffix(short, "^{}") {
				e.Refs = append(e.Refs, short)
			}
		}
	}
	slices.Sort(e.Refs)
	e.Refs = slices.Compact(e.Refs)
	return e
}

// ResolveRemote returns the object ID of a branch of a remote repository or, if there is
// none, of a tag. For an annotated tag, it is the ID of the tag itself. ok is false if
// there is neither. Credentials and errors are those of [Fetch].
func ResolveRemote(ctx context.Context, remote, ref string, o Options) (id string, ok bool, err error) {
	if err := checkRemote(remote); err != nil {
		return "", false, err
	}
	if !revision().MatchString(ref) {
		return "", false, nil
	}
	// In the root directory there is no repository whose configuration counts.
	r, err := remoteUser(string(filepath.Separator), o)
	if err != nil {
		return "", false, err
	}
	names := []string{"refs/heads/" + ref, "refs/tags/" + ref}
	out, err := r.run(ctx, "ls-remote", "--refs", "--", remote, names[0], names[1])
	if err != nil {
		return "", false, err
	}
	ids := map[string]string{}
	for line := range strings.Lines(string(out)) {
		value, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		ids[name] = value
	}
	for _, name := range names {
		if id, ok := ids[name]; ok {
			return id, true, nil
		}
	}
	return "", false, nil
}

// Size returns the number of files that a revision has at or below the directory dir, and
// the number of their bytes; "." is all.
func (r *Repository) Size(ctx context.Context, rev, dir string) (files int, bytes int64, err error) {
	lines, err := r.names(ctx, "ls-tree", "-r", "-l", "-z", "--full-tree", rev, "--", dir)
	if err != nil {
		return 0, 0, err
	}
	for _, line := range lines {
		// <mode> SP <type> SP <object> SP <size, padded> TAB <file>.
		meta, _, _ := strings.Cut(line, "\t")
		if fields := strings.Fields(meta); len(fields) == 4 && fields[1] == "blob" {
			size, err := strconv.ParseInt(fields[3], 10, 64)
			if err != nil {
				return 0, 0, fmt.Errorf("git ls-tree: want a size, got %q", line)
			}
			files++
			bytes += size
		}
	}
	return files, bytes, nil
}

// localVariables are the variables that would make git use another repository, as "git
// rev-parse --local-env-vars" lists them, without those of the configuration.
// GIT_TERMINAL_PROMPT gets another value.
var localVariables = []string{
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_OBJECT_DIRECTORY", "GIT_DIR", "GIT_WORK_TREE",
	"GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE", "GIT_NO_REPLACE_OBJECTS",
	"GIT_REPLACE_REF_BASE", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE",
	"GIT_QUARANTINE_PATH", "GIT_TERMINAL_PROMPT",
}

// remoteUser returns a repository in dir whose git has the user's configuration.
func remoteUser(dir string, o Options) (*Repository, error) {
	file, err := program.Find("git", o.Env)
	if err != nil {
		return nil, err
	}
	env := slices.DeleteFunc(slices.Clone(o.Env), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(localVariables, name) || strings.HasPrefix(name, "LC_") || strings.HasPrefix(name, "LANG")
	})
	return &Repository{program: file, env: append(env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0"), top: dir}, nil
}
