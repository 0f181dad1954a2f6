package eval

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"syscall"

	"github.com/google/go-jsonnet"
)

// Source hands out files by name. A name is a slash-separated path relative to
// the source's root; it may begin with ../ or be absolute, which a source may
// refuse. A Source must be safe for concurrent use.
type Source interface {
	ReadFile(name string) ([]byte, error)
}

// Files reads from a [Source], each file once in its life. It is safe for
// concurrent use.
type Files struct {
	source Source
	mu     sync.Mutex
	read   map[string]*file
}

// file is what reading a name gave, once that is known.
type file struct {
	once     sync.Once
	contents jsonnet.Contents
	err      error
}

// NewFiles returns a Files that reads from source.
func NewFiles(source Source) *Files {
	return &Files{source: source, read: map[string]*file{}}
}

func (f *Files) get(name string) (jsonnet.Contents, error) {
	f.mu.Lock()
	entry, ok := f.read[name]
	if !ok {
		entry = &file{}
		f.read[name] = entry
	}
	f.mu.Unlock()
	entry.once.Do(func() {
		data, err := f.source.ReadFile(name)
		entry.contents, entry.err = jsonnet.MakeContentsRaw(data), err
	})
	return entry.contents, entry.err
}

// importer resolves the imports of one evaluation.
type importer struct {
	ctx   context.Context
	files *Files
	in    Input
	// read holds the names of the files that were handed out.
	read map[string]bool
	// failed is the last import that could not be resolved.
	failed *importError
}

// importError is an import that could not be resolved.
type importError struct {
	problem string
	hints   []string
}

func (e *importError) Error() string { return e.problem }

// Import implements jsonnet.Importer: the directory of the importing file
// first, then the search path.
func (i *importer) Import(importedFrom, importedPath string) (jsonnet.Contents, string, error) {
	if err := i.ctx.Err(); err != nil {
		return jsonnet.Contents{}, "", err
	}
	var tried []string
	for _, name := range i.candidates(importedFrom, importedPath) {
		contents, err := i.files.get(name)
		switch {
		case err == nil:
			i.read[name] = true
			return contents, name, nil
		case errors.Is(err, fs.ErrNotExist), isNotDir(err):
			tried = append(tried, name)
		default:
			return i.fail(importedPath, err, nil)
		}
	}
	return i.fail(importedPath, fs.ErrNotExist, tried)
}

func (i *importer) candidates(importedFrom, importedPath string) []string {
	if path.IsAbs(importedPath) {
		return []string{path.Clean(importedPath)}
	}
	dir := path.Dir(importedFrom)
	if isSnippet(importedFrom) {
		if importedFrom == byName || importedPath == i.in.File {
			return []string{importedPath}
		}
		dir = i.in.Dir
	}
	names := []string{path.Join(dir, importedPath)}
	for _, dir := range i.in.SearchPath {
		if name := path.Join(dir, importedPath); name != names[0] {
			names = append(names, name)
		}
	}
	return names
}

// isNotDir reports whether err is for a name below one that is a file.
func isNotDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }

func (i *importer) fail(importedPath string, err error, tried []string) (jsonnet.Contents, string, error) {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	i.failed = &importError{problem: fmt.Sprintf("import %q: %v", importedPath, err)}
	if len(tried) > 0 {
		i.failed.problem = fmt.Sprintf("import %q: no such file", importedPath)
		i.failed.hints = []string{"looked for " + strings.Join(tried, ", ")}
	}
	return jsonnet.Contents{}, "", i.failed
}
