package git

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/mop-platform/mop/internal/failure"
	"github.com/mop-platform/mop/internal/spelling"
	"github.com/mop-platform/mop/pkg/diag"
)

// resolve returns the object ID of the tree of a revision: a commit, tag,
// branch, tree or any other expression of gitrevisions(7) that means one. The
// error is a [diag.Diagnostic] if there is none.
func (r *Repository) resolve(ctx context.Context, rev string) (string, error) {
	out, err := r.run(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{tree}")
	var failed *commandError
	if errors.As(err, &failed) {
		return "", r.unknown(ctx, rev)
	}
	return strings.TrimSpace(string(out)), err
}

// unknown returns the diagnostic for an unknown revision, or the error that stopped the
// search for a hint.
func (r *Repository) unknown(ctx context.Context, rev string) error {
	d := diag.Diagnostic{Code: failure.NoRevision, Subject: rev, Problem: "unknown revision: want a commit, branch or tag of the repository"}
	if rev == "" {
		d.Subject, d.Problem = "revision", `want a commit, branch or tag of the repository, got ""`
	}
	out, err := r.run(ctx, "for-each-ref", "--format=%(refname:short)")
	if err != nil {
		return err
	}
	refs := strings.Fields(string(out))
	shallow, err := r.run(ctx, "rev-parse", "--is-shallow-repository")
	if err != nil {
		return err
	}
	remote := slices.IndexFunc(refs, func(ref string) bool { return rev != "" && strings.HasSuffix(ref, "/"+rev) })
	near := spelling.Suggest(rev, refs)
	switch {
	case remote >= 0:
		d.Values = map[string]any{"near": refs[remote]}
	case near != "":
		d.Values = map[string]any{"near": near}
	case strings.TrimSpace(string(shallow)) == "true":
		d.Code = failure.ShallowClone
	case len(refs) == 0:
		// A repository without a branch can have a commit all the same.
		if _, err := r.run(ctx, "rev-parse", "--quiet", "--verify", "HEAD"); err != nil {
			d.Code = failure.NoCommit
		}
	}
	return d
}

// MergeBase returns the ID of the best common ancestor of two revisions, from which they
// have parted.
//
// The error is a [diag.Diagnostic] if a revision is unknown or they have no
// common ancestor.
func (r *Repository) MergeBase(ctx context.Context, a, b string) (string, error) {
	for _, rev := range []string{a, b} {
		if _, err := r.resolve(ctx, rev); err != nil {
			return "", err
		}
	}
	out, err := r.run(ctx, "merge-base", a, b)
	var failed *commandError
	if errors.As(err, &failed) && failed.stderr == "" {
		return "", diag.Diagnostic{
			Code:    failure.NoAncestor,
			Subject: "revisions " + a + " and " + b, Problem: "have no common ancestor",
		}
	}
	return strings.TrimSpace(string(out)), err
}

// Changed returns the names of the files that differ between two revisions, sorted: files
// that were added or deleted or whose contents or mode differ, and both names of a renamed
// file. If to is "", it compares with the work tree: with its files as they are, and with
// files that git neither tracks nor ignores. A submodule, or another repository in the work
// tree, has the name of its directory.
//
// The error is a [diag.Diagnostic] if a revision is unknown.
func (r *Repository) Changed(ctx context.Context, from, to string) ([]string, error) {
	before, err := r.resolve(ctx, from)
	if err != nil {
		return nil, err
	}
	if to == "" {
		return r.changedOnDisk(ctx, before)
	}
	after, err := r.resolve(ctx, to)
	if err != nil {
		return nil, err
	}
	names, err := r.names(ctx, "diff-tree", "-r", "-z", "--name-only", "--no-renames", before, after)
	slices.Sort(names)
	return names, err
}

func (r *Repository) changedOnDisk(ctx context.Context, tree string) ([]string, error) {
	// Unlike diff-index, diff compares the contents of files that were merely
	// touched. The options undo what the user may have configured.
	names, err := r.names(ctx, "diff", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-relative",
		"--ignore-submodules=none", tree, "--")
	if err != nil {
		return nil, err
	}
	others, err := r.names(ctx, "ls-files", "-z", "--others", "--exclude-standard")
	if err != nil {
		return nil, err
	}
	return sorted(append(names, others...)), nil
}

// List returns the names of the files below a directory of the work tree, sorted: those
// that git tracks and those that it does not ignore. A submodule, or another repository in
// the work tree, has the name of its directory. A directory that does not exist has no
// files.
func (r *Repository) List(ctx context.Context, dir string) ([]string, error) {
	names, err := r.names(ctx, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", dir)
	if err != nil {
		return nil, err
	}
	deleted, err := r.names(ctx, "ls-files", "-z", "--deleted", "--", dir)
	if err != nil {
		return nil, err
	}
	slices.Sort(deleted)
	names = slices.DeleteFunc(names, func(name string) bool {
		_, gone := slices.BinarySearch(deleted, name)
		return gone
	})
	return sorted(names), nil
}

// sorted returns names in order, each once. It removes the slash after the name of another
// repository.
func sorted(names []string) []string {
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, "/")
	}
	slices.Sort(names)
	return slices.Compact(names)
}
