package git

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
)

// ErrOutside is in the chain of the error for a symbolic link that leads out of the tree.
var ErrOutside error = outsideError{}

type outsideError struct{}

func (outsideError) Error() string { return "symbolic link leads out of the repository" }

// Outside marks the error of a file that the search for imports passes over; see
// eval.Source.
func (outsideError) Outside() bool { return true }

// maxLinks is the limit of symbolic links in one name, as in Linux (path_resolution(7)).
const maxLinks = 40

// Tree is the files of a revision. It implements [fs.ReadFileFS],
// [fs.ReadDirFS], [fs.StatFS] and [fs.ReadLinkFS], and is safe for concurrent
// use.
//
// Files have the contents that the repository stores: line endings are not converted,
// filters are not run. Symbolic links are followed if they stay in the tree. A submodule is
// an empty directory. Times are zero. Files whose names are not valid UTF-8 are left out,
// because [fs.ValidPath] does not allow them.
type Tree struct {
	// root is the directory that links cannot leave.
	root  *node
	batch *batch
}

// Tree returns the files of the revision rev, for example a commit, a branch or HEAD~1. It
// must be closed. A file is read when it is asked for, which fails after Close and after
// the end of ctx.
//
// The error is a [diag.Diagnostic] if rev is unknown.
func (r *Repository) Tree(ctx context.Context, rev string) (*Tree, error) {
	id, err := r.resolve(ctx, rev)
	if err != nil {
		return nil, err
	}
	lines, err := r.names(ctx, "ls-tree", "-r", "-z", "--full-tree", id)
	if err != nil {
		return nil, err
	}
	root := &node{name: ".", mode: fs.ModeDir | 0o555}
	for _, line := range lines {
		// <mode> SP <type> SP <object> TAB <file>, see git-ls-tree(1).
		meta, name, ok := strings.Cut(line, "\t")
		fields := strings.Fields(meta)
		if !ok || len(fields) != 3 {
			return nil, fmt.Errorf("git ls-tree: want a mode, type, object and name, got %q", line)
		}
		if fs.ValidPath(name) {
			root.add(name, fileMode(fields[0]), fields[2])
		}
	}
	root.sort()
	b, err := newBatch(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	return &Tree{root, b}, nil
}

// Sub returns the files below the named directory, with names relative to it. Symbolic
// links are followed if they stay below it. It has no files if the revision has no such
// directory. It is open as long as t is.
func (t *Tree) Sub(dir string) *Tree {
	n, err := t.find("sub", dir, true)
	if err != nil || !n.mode.IsDir() {
		n = &node{name: ".", mode: fs.ModeDir | 0o555}
	}
	return &Tree{n, t.batch}
}

// Close ends the process that reads files.
func (t *Tree) Close() error { return t.batch.Close() }

// Open opens the named file or directory. It reads the whole contents.
func (t *Tree) Open(name string) (fs.File, error) {
	n, err := t.find("open", name, true)
	if err != nil {
		return nil, err
	}
	if n.mode.IsDir() {
		return &dir{info: info{node: n}, entries: t.entries(n)}, nil
	}
	data, err := t.batch.blob(n.id)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return &file{info{n, int64(len(data))}, bytes.NewReader(data)}, nil
}

// ReadFile returns the contents of the named file.
func (t *Tree) ReadFile(name string) ([]byte, error) {
	n, err := t.find("read", name, true)
	if err != nil {
		return nil, err
	}
	if n.mode.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	}
	data, err := t.batch.blob(n.id)
	if err != nil {
		return nil, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return data, nil
}

// ReadDir returns the entries of the named directory, sorted by name. It lists symbolic
// links as such.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.find("readdir", name, true)
	if err != nil {
		return nil, err
	}
	if !n.mode.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: syscall.ENOTDIR}
	}
	return t.entries(n), nil
}

// Stat describes the named file, or the one that it links to.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	n, err := t.find("stat", name, true)
	if err != nil {
		return nil, err
	}
	return t.info(n)
}

// Lstat describes the named file, which may be a symbolic link.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	n, err := t.find("lstat", name, false)
	if err != nil {
		return nil, err
	}
	return t.info(n)
}

// ReadLink returns the target of the named symbolic link as it is written, which may be out
// of the tree.
func (t *Tree) ReadLink(name string) (string, error) {
	n, err := t.find("readlink", name, false)
	if err != nil {
		return "", err
	}
	if n.mode.Type() != fs.ModeSymlink {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	target, err := t.batch.blob(n.id)
	if err != nil {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: err}
	}
	return string(target), nil
}

// Resolved returns the name of the file to which the named one leads through symbolic
// links, or name itself if there is no such file.
func (t *Tree) Resolved(name string) string {
	n, err := t.find("resolve", name, true)
	if err != nil || n == t.root {
		return name
	}
	resolved := n.name
	for n = n.parent; n != t.root; n = n.parent {
		resolved = n.name + "/" + resolved
	}
	return resolved
}

// find returns the node of a name. It follows a symbolic link at the end only if follow is
// set.
func (t *Tree) find(op, name string, follow bool) (*node, error) {
	fail := func(err error) (*node, error) { return nil, &fs.PathError{Op: op, Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return fail(fs.ErrInvalid)
	}
	at, links := t.root, 0
	rest := strings.Split(name, "/")
	for len(rest) > 0 {
		step := rest[0]
		rest = rest[1:]
		if !at.mode.IsDir() {
			return fail(fs.ErrNotExist)
		}
		switch step {
		case "", ".":
			continue
		case "..":
			if at == t.root {
				return fail(ErrOutside)
			}
			at = at.parent
			continue
		}
		child := at.child(step)
		if child == nil {
			return fail(fs.ErrNotExist)
		}
		if child.mode.Type() != fs.ModeSymlink || len(rest) == 0 && !follow {
			at = child
			continue
		}
		if links++; links > maxLinks {
			return fail(syscall.ELOOP)
		}
		target, err := t.batch.blob(child.id)
		if err != nil {
			return fail(err)
		}
		if path.IsAbs(string(target)) {
			return fail(ErrOutside)
		}
		rest = slices.Concat(strings.Split(string(target), "/"), rest)
	}
	return at, nil
}

func (t *Tree) entries(n *node) []fs.DirEntry {
	entries := make([]fs.DirEntry, len(n.children))
	for i, child := range n.children {
		entries[i] = entry{t, child}
	}
	return entries
}

// info describes n. The size of a file is known only by reading it: asking git
// for all sizes beforehand would make a partial clone fetch every file.
func (t *Tree) info(n *node) (fs.FileInfo, error) {
	if n.mode.IsDir() {
		return info{node: n}, nil
	}
	data, err := t.batch.blob(n.id)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: n.name, Err: err}
	}
	return info{n, int64(len(data))}, nil
}
