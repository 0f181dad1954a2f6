package git

import (
	"bytes"
	"io"
	"io/fs"
	"slices"
	"strings"
	"syscall"
	"time"
)

// node is a file, directory or symbolic link of a tree.
type node struct {
	name string
	mode fs.FileMode
	// id is the ID of the object with the contents; directories have none.
	id       string
	parent   *node
	children []*node
}

// add puts a file below n. Files of one directory must be added one after
// another, as git lists them.
func (n *node) add(name string, mode fs.FileMode, id string) {
	first, rest, below := strings.Cut(name, "/")
	if !below {
		n.children = append(n.children, &node{name: first, mode: mode, id: id, parent: n})
		return
	}
	if len(n.children) == 0 || n.children[len(n.children)-1].name != first {
		n.children = append(n.children, &node{name: first, mode: fs.ModeDir | 0o555, parent: n})
	}
	n.children[len(n.children)-1].add(rest, mode, id)
}

// sort sorts the children of n and everything below by name. Git sorts a directory by its
// name with a slash after it.
func (n *node) sort() {
	slices.SortFunc(n.children, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	for _, child := range n.children {
		child.sort()
	}
}

// child returns the child with the given name, or nil.
func (n *node) child(name string) *node {
	i, ok := slices.BinarySearchFunc(n.children, name, func(c *node, name string) int { return strings.Compare(c.name, name) })
	if !ok {
		return nil
	}
	return n.children[i]
}

// fileMode translates a mode of git's tree objects (gitformat-index(5)).
func fileMode(mode string) fs.FileMode {
	switch mode {
	case "120000":
		return fs.ModeSymlink | 0o777
	case "160000":
		return fs.ModeDir | 0o555
	case "100755":
		return 0o555
	}
	return 0o444
}

// info is a node with the size of its contents.
type info struct {
	*node
	size int64
}

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }

// entry is a node in the list of its directory.
type entry struct {
	tree *Tree
	node *node
}

func (e entry) Name() string               { return e.node.name }
func (e entry) IsDir() bool                { return e.node.mode.IsDir() }
func (e entry) Type() fs.FileMode          { return e.node.mode.Type() }
func (e entry) Info() (fs.FileInfo, error) { return e.tree.info(e.node) }
func (e entry) String() string             { return fs.FormatDirEntry(e) }

// file is an open file. Its contents need no closing.
type file struct {
	info info
	*bytes.Reader
}

func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

// dir is an open directory.
type dir struct {
	info    info
	entries []fs.DirEntry
}

func (d *dir) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *dir) Close() error               { return nil }

func (d *dir) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.info.name, Err: syscall.EISDIR}
}

// ReadDir implements [fs.ReadDirFile].
func (d *dir) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(d.entries) {
		if n > 0 && len(d.entries) == 0 {
			return nil, io.EOF
		}
		n = len(d.entries)
	}
	out := d.entries[:n:n]
	d.entries = d.entries[n:]
	return out, nil
}
