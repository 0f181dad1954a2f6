package jsonnet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/message"
)

// FS returns an [Importer] of the files in fsys. It looks for an import beside the importing
// file, then in the directories of the search path, in their order. Names are those of fsys.
//
// A call of a [VM] reads each file once. If fsys panics or fails, that is an error of the
// import, with the error of fsys in its chain.
func FS(fsys fs.FS, searchPath ...string) Importer {
	return files{fsys, slices.Clone(searchPath)}
}

// files is the Importer of [FS].
type files struct {
	fsys       fs.FS
	searchPath []string
}

var errNoFS = errors.New("jsonnet.FS: want a file system, got nil")

// Import implements [Importer].
func (f files) Import(ctx context.Context, from, importPath string) (name string, content []byte, err error) {
	return f.find(from, importPath, func(name string) ([]byte, error) { return budget.ReadFS(ctx, f.fsys, name) })
}

// find returns the first file to which an import may lead. read reads a file.
func (f files) find(from, importPath string, read func(name string) ([]byte, error)) (name string, content []byte, err error) {
	if f.fsys == nil {
		return "", nil, errNoFS
	}
	var tried []string
	for _, dir := range append([]string{path.Dir(from)}, f.searchPath...) {
		name := path.Join(dir, importPath)
		if path.IsAbs(importPath) {
			name = path.Clean(importPath)
		}
		if slices.Contains(tried, name) {
			continue
		}
		tried = append(tried, name)
		if !fs.ValidPath(name) {
			// It is outside of the file system.
			continue
		}
		content, err := read(name)
		if err == nil || !f.isMissing(name, err) {
			return name, content, err
		}
	}
	return "", nil, missing{tried}
}

// isMissing reports whether err says that there is no file of this name: nothing, a name
// below a file, or a directory.
func (f files) isMissing(name string, err error) bool {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return true
	}
	info, failed := fs.Stat(f.fsys, name)
	return failed == nil && info.IsDir()
}

// missing is the error of an import that leads to no file.
type missing struct{ tried []string }

func (e missing) Error() string {
	const most = 8
	shown := make([]string, 0, most)
	for _, name := range e.tried[:min(most, len(e.tried))] {
		shown = append(shown, message.Quote(name))
	}
	text := "no such file: tried " + strings.Join(shown, ", ")
	if more := len(e.tried) - len(shown); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// Is reports whether target is [fs.ErrNotExist].
func (e missing) Is(target error) bool { return target == fs.ErrNotExist }

// look returns an Importer for one call, which reads each file once.
func (f files) look() *look { return &look{files: f, read: map[string]*content{}} }

// look is one look at files.
type look struct {
	files
	mu   sync.Mutex
	read map[string]*content
}

// content is a file that is read once.
type content struct {
	once sync.Once
	data []byte
	err  error
}

// errUnread is the error of a file while reading it has not ended, as when fsys panics.
var errUnread = errors.New("the file system panicked")

// Import implements [Importer].
func (l *look) Import(ctx context.Context, from, importPath string) (name string, data []byte, err error) {
	return l.find(from, importPath, func(name string) ([]byte, error) {
		l.mu.Lock()
		c := l.read[name]
		if c == nil {
			c = &content{err: errUnread}
			l.read[name] = c
		}
		l.mu.Unlock()
		c.once.Do(func() { c.data, c.err = budget.ReadFS(ctx, l.fsys, name) })
		return c.data, c.err
	})
}
