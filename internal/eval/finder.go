package eval

import (
	"context"
	"fmt"
	"io/fs"
	"weak"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet"
	"github.com/mop-platform/mop/internal/message"
)

// Finder finds all files of a [Files] that has no [Source]. Paths have no schemes then, and
// [Input.SearchPath], [Input.Dir] and patterns have no effect.
type Finder struct {
	// Importer finds the files; nil finds none. It is asked for each path once. The name of
	// a file may be anything but "".
	Importer Importer
	// Ahead says that files may be read ahead that the program does not need in the end.
	Ahead bool
	// Name and Code are a program that the Importer does not find, if Given is set.
	Name, Code string
	Given      bool

	// program has the Code.
	program jsonnet.Contents
}

// NewFound returns a Files whose files f finds, for evaluations that look at them once. It
// takes code from cache.
func NewFound(f Finder, cache *jsonnet.Cache) *Files {
	files := newFiles(nil, nil, cache)
	f.program = jsonnet.MakeContents(f.Code)
	files.finder = &f
	return files
}

// Known has the files that a [Finder] has found, and keeps nothing else of its Files.
type Known struct {
	finder    Finder
	elsewhere *elsewhere
	compiled  weak.Pointer[jsonnet.Cache]
}

// Known returns the files that the Finder has found until now, and those that it finds
// later.
func (f *Files) Known() *Known {
	finder := *f.finder
	finder.Importer = nil
	return &Known{finder, f.elsewhere, weak.Make(f.compiled)}
}

// Files returns a Files of k alone. It has a cache of its own if the other one is gone.
func (k *Known) Files() *Files {
	files := NewFound(k.finder, codeOf(k.compiled))
	files.elsewhere = k.elsewhere
	return files
}

// find returns the contents and the name of the file to which path leads in the file from,
// which is "" for the program and for a file that a native function reads.
func (f *Files) find(ctx context.Context, from, path string) (jsonnet.Contents, string, error) {
	finder := f.finder
	if from == "" && path == finder.Name && finder.Given {
		return finder.program, finder.Name, nil
	}
	found := f.elsewhere.asked.of(ctx, asked{from, path}, func() (string, jsonnet.Contents, error) {
		if finder.Importer == nil {
			return "", jsonnet.Contents{}, fmt.Errorf("there is no importer: %w", fs.ErrNotExist)
		}
		name, content, err := ask(ctx, finder.Importer, from, path)
		if err == nil && name == "" {
			err = fmt.Errorf("the importer: no name for %s", message.Quote(path))
		}
		if err != nil {
			return "", jsonnet.Contents{}, err
		}
		contents, ok := f.known(name, content)
		if !ok {
			contents = jsonnet.MakeContents(string(content))
		}
		contents, err = f.elsewhere.keep(name, contents)
		return name, contents, err
	})
	return found.contents, found.name, found.err
}

// ask asks an importer, which may panic and may be slow.
func ask(ctx context.Context, i Importer, from, path string) (name string, content []byte, err error) {
	var answer struct {
		name    string
		content []byte
		err     error
	}
	if ended := budget.Away(ctx, func() {
		if panicked := budget.Guarded(func() { answer.name, answer.content, answer.err = i.Import(ctx, from, path) }); panicked != nil {
			answer.err = fmt.Errorf("the importer %w", panicked)
		}
	}); ended != nil {
		return "", nil, ended
	}
	return answer.name, answer.content, answer.err
}
