package specimen

import (
	"io/fs"
	"testing/fstest"
)

// Stranger is a file system of another program, which calls Do at one place: when Op is done
// to the file or directory called Name, or with an entry called so. Op is open, stat or
// readdir of the file system, read, fstat or close of a file, name or isdir of an entry.
type Stranger struct {
	fstest.MapFS
	Op, Name string
	Do       func()
}

func (s Stranger) at(op, name string) {
	if op == s.Op && name == s.Name {
		s.Do()
	}
}

// Open implements [fs.FS].
func (s Stranger) Open(name string) (fs.File, error) {
	s.at("open", name)
	f, err := s.MapFS.Open(name)
	return strangeFile{f, s, name}, err
}

// Stat implements [fs.StatFS].
func (s Stranger) Stat(name string) (fs.FileInfo, error) {
	s.at("stat", name)
	return s.MapFS.Stat(name)
}

// ReadDir implements [fs.ReadDirFS].
func (s Stranger) ReadDir(name string) ([]fs.DirEntry, error) {
	s.at("readdir", name)
	entries, err := s.MapFS.ReadDir(name)
	for i, e := range entries {
		entries[i] = strangeEntry{e, s}
	}
	return entries, err
}

type strangeEntry struct {
	fs.DirEntry
	fsys Stranger
}

func (e strangeEntry) Name() string {
	e.fsys.at("name", e.DirEntry.Name())
	return e.DirEntry.Name()
}

func (e strangeEntry) IsDir() bool {
	e.fsys.at("isdir", e.DirEntry.Name())
	return e.DirEntry.IsDir()
}

type strangeFile struct {
	fs.File
	fsys Stranger
	name string
}

func (f strangeFile) Read(b []byte) (int, error) { f.fsys.at("read", f.name); return f.File.Read(b) }

func (f strangeFile) Stat() (fs.FileInfo, error) { f.fsys.at("fstat", f.name); return f.File.Stat() }

func (f strangeFile) Close() error { f.fsys.at("close", f.name); return f.File.Close() }

// Writer is a writer of another program, which calls the function.
type Writer func()

func (w Writer) Write(b []byte) (int, error) { w(); return len(b), nil }
