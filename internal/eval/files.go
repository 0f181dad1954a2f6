package eval

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/google/go-jsonnet"

	"github.com/mop-platform/mop/internal/budget"
	mopjsonnet "github.com/mop-platform/mop/internal/jsonnet"
)

// Source has files by name. A name is a slash-separated path relative to the source's root;
// it may begin with ../ or be absolute. A source may refuse a name with an error whose
// chain has one with a method Outside() bool that returns true: an import then goes on to
// the next place. A file that is larger than the budget of ctx (see package budget) is an
// error. A Source must be safe for concurrent use. If it is a [Guide], it is also asked
// what would mend a failed import.
type Source interface {
	ReadFile(ctx context.Context, name string) ([]byte, error)
	// Glob returns the names of the files that match pattern, sorted. In an element of the
	// path, * stands for any characters, ? for one, and {a,b} for either. ** stands for any
	// number of elements, and \ makes the next character stand for itself.
	Glob(ctx context.Context, pattern string) ([]string, error)
}

// Files is one look at a [Source]: it reads each file once, and expands each pattern once.
// It is safe for concurrent use.
type Files struct {
	source Source
	mu     sync.Mutex
	files  map[string]*file
	// generated has the code that is in no file, by its name and its text.
	generated map[string]jsonnet.Contents
	globs     map[string][]string
	// parsed has the imports of each text.
	parsed map[jsonnet.Contents]*importList
	// compiled has the code of each text for [Compiled].
	compiled *mopjsonnet.Cache
}

// file is the result for a name. contents and err are known when once is done.
type file struct {
	once     sync.Once
	contents jsonnet.Contents
	err      error
}

// NewFiles returns a Files that reads from source. It keeps about that many bytes of
// compiled code at most; 0 stands for [mopjsonnet.DefaultCache].
func NewFiles(source Source, code int64) *Files {
	return newFiles(source, mopjsonnet.NewCache(code))
}

func newFiles(source Source, code *mopjsonnet.Cache) *Files {
	return &Files{
		source: source, files: map[string]*file{}, generated: map[string]jsonnet.Contents{}, globs: map[string][]string{},
		parsed: map[jsonnet.Contents]*importList{}, compiled: code,
	}
}

// Again returns another look at the same source. It has the code of f for the texts that
// have not changed.
func (f *Files) Again() *Files { return newFiles(f.source, f.compiled) }

// Moved looks again at all that f has seen, and reports whether something is different: the
// text of a file, a file in place of none, the names for a pattern. later is the other look,
// which has seen as much as f. The error is the end of the budget of ctx.
func (f *Files) Moved(ctx context.Context) (later *Files, moved bool, err error) {
	later = f.Again()
	f.mu.Lock()
	names, globs := slices.Sorted(maps.Keys(f.files)), maps.Clone(f.globs)
	f.mu.Unlock()
	for _, name := range names {
		// A file that is being read ahead counts too.
		before, failed := f.get(ctx, name)
		after, err := later.read(ctx, name, func(text string) bool { return failed == nil && text == before.String() })
		if ended := budget.Of(ctx).Err(); ended != nil {
			return nil, false, ended
		}
		if (failed == nil) != (err == nil) || err == nil && before.String() != after.String() {
			moved = true
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(globs)) {
		names, err := later.glob(ctx, pattern)
		if ended := budget.Of(ctx).Err(); ended != nil {
			return nil, false, ended
		}
		if err != nil || !slices.Equal(names, globs[pattern]) {
			moved = true
		}
	}
	return later, moved, nil
}

// Seen returns the number of files and patterns that f has been asked for.
func (f *Files) Seen() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.files) + len(f.globs)
}

// glob returns the names of the files that match a pattern.
func (f *Files) glob(ctx context.Context, pattern string) ([]string, error) {
	f.mu.Lock()
	names, ok := f.globs[pattern]
	f.mu.Unlock()
	if ok {
		return names, nil
	}
	names, err := f.source.Glob(ctx, pattern)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if known, ok := f.globs[pattern]; ok {
		return known, nil
	}
	f.globs[pattern] = names
	return names, nil
}

// code returns code that is in no file, as the same contents each time.
func (f *Files) code(name, text string) jsonnet.Contents {
	f.mu.Lock()
	defer f.mu.Unlock()
	contents, ok := f.generated[name+text]
	if !ok {
		contents = jsonnet.MakeContents(text)
		f.generated[name+text] = contents
	}
	return contents
}

// errUnread is the error of a file whose source panicked.
var errUnread = errors.New("the source of files panicked")

// get returns the contents of the named file of the source. It keeps an error only if this
// says that there is nothing to read: other errors may be those of a context, and do not
// concern an evaluation with another one.
func (f *Files) get(ctx context.Context, name string) (jsonnet.Contents, error) {
	return f.read(ctx, name, func(text string) bool { return f.compiled.Has(name, text) })
}

// read is get. known reports whether a text of the file has been read before, so that it
// need not be checked again.
func (f *Files) read(ctx context.Context, name string, known func(text string) bool) (jsonnet.Contents, error) {
	for {
		f.mu.Lock()
		entry, ok := f.files[name]
		if !ok {
			entry = &file{}
			f.files[name] = entry
		}
		f.mu.Unlock()
		called := false
		entry.once.Do(func() {
			called = true
			// If the source panics, others must not take nothing for the contents.
			entry.err = errUnread
			data, err := f.source.ReadFile(ctx, name)
			entry.contents = jsonnet.MakeContentsRaw(data)
			if err == nil && !known(entry.contents.String()) {
				err = checkNesting(name, data)
			}
			entry.err = err
		})
		if entry.err == nil || isMissing(entry.err) || isRefused(entry.err) {
			return entry.contents, entry.err
		}
		f.mu.Lock()
		if f.files[name] == entry {
			delete(f.files, name)
		}
		f.mu.Unlock()
		if called {
			return jsonnet.Contents{}, entry.err
		}
	}
}
