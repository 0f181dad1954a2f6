package eval

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet"
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
	// importers are those of other files, by scheme.
	importers map[string]Importer
	// finder finds all files if there is no source.
	finder    *Finder
	files     answers[string]
	elsewhere *elsewhere

	mu sync.Mutex
	// generated has the code that is in no file.
	generated map[generated]jsonnet.Contents
	globs     map[string][]string
	// parsed has the imports of each text.
	parsed map[jsonnet.Contents]*importList
	// compiled has the code of each text for [Compiled].
	compiled *jsonnet.Cache
}

// generated is code that is in no file.
type generated struct{ name, text string }

// NewFiles returns a Files that reads from source. It keeps about that many bytes of
// compiled code at most; 0 stands for [jsonnet.DefaultCache].
func NewFiles(source Source, code int64) *Files {
	return newFiles(source, nil, jsonnet.NewCache(code))
}

// Elsewhere returns a Files like f, which has seen nothing, with importers for paths that
// begin with their schemes, such as "https:". An importer is also asked first for the paths
// in a file that it has found, and then the search path counts. The map must not be changed.
func (f *Files) Elsewhere(importers map[string]Importer) *Files {
	return newFiles(f.source, importers, f.compiled)
}

func newFiles(source Source, importers map[string]Importer, code *jsonnet.Cache) *Files {
	return &Files{
		source: source, importers: importers, elsewhere: &elsewhere{}, generated: map[generated]jsonnet.Contents{}, globs: map[string][]string{},
		parsed: map[jsonnet.Contents]*importList{}, compiled: code,
	}
}

// Again returns another look at the same source. It has the code of f for the texts that
// have not changed.
func (f *Files) Again() *Files { return newFiles(f.source, f.importers, f.compiled) }

// Moved looks again at all that f has seen of the source, and returns the first file that is
// different, such as one in place of none, or else the first pattern with other names; "" is
// none. later is the other look, which has seen as much as f, and has the same files
// elsewhere. The error is the end of the budget of ctx.
func (f *Files) Moved(ctx context.Context) (later *Files, moved string, err error) {
	later = f.Again()
	later.elsewhere = f.elsewhere
	f.mu.Lock()
	globs := maps.Clone(f.globs)
	f.mu.Unlock()
	for _, name := range slices.Sorted(slices.Values(f.files.keys())) {
		// A file that is being read ahead counts too.
		before, failed := f.get(ctx, name)
		after, err := later.read(ctx, name, func(_ string, data []byte) (jsonnet.Contents, bool) {
			return before, failed == nil && before.String() == string(data)
		})
		if ended := budget.Of(ctx).Err(); ended != nil {
			return nil, "", ended
		}
		if (failed == nil) != (err == nil) || err == nil && before.String() != after.String() {
			moved = cmp.Or(moved, name)
		}
	}
	for _, pattern := range slices.Sorted(maps.Keys(globs)) {
		names, err := later.glob(ctx, pattern)
		if ended := budget.Of(ctx).Err(); ended != nil {
			return nil, "", ended
		}
		if err != nil || !slices.Equal(names, globs[pattern]) {
			moved = cmp.Or(moved, pattern)
		}
	}
	return later, moved, nil
}

// Seen returns the number of files and patterns that f has been asked for.
func (f *Files) Seen() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.files.keys()) + len(f.globs)
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
	key := generated{name, text}
	contents, ok := f.generated[key]
	if !ok {
		contents = jsonnet.MakeContents(text)
		f.generated[key] = contents
	}
	return contents
}

// ReadFile returns the contents of the named file of the source, which the caller must not
// change. The error is that of the source.
func (f *Files) ReadFile(ctx context.Context, name string) ([]byte, error) {
	contents, err := f.get(ctx, name)
	if err != nil {
		return nil, err
	}
	return contents.Data(), nil
}

// get returns the contents of the named file of the source.
func (f *Files) get(ctx context.Context, name string) (jsonnet.Contents, error) {
	if f.finder != nil {
		contents, _, err := f.find(ctx, "", name)
		return contents, err
	}
	return f.read(ctx, name, f.known)
}

// known returns the contents of a file with this text, if an evaluation has imported it
// before.
func (f *Files) known(name string, data []byte) (jsonnet.Contents, bool) {
	return f.compiled.Contents(name, data)
}

// read is get. known returns contents with a text of the file that was read before: that
// need not be checked and kept again.
func (f *Files) read(ctx context.Context, name string, known func(name string, data []byte) (jsonnet.Contents, bool)) (jsonnet.Contents, error) {
	found := f.files.of(ctx, name, func() (string, jsonnet.Contents, error) {
		data, err := f.source.ReadFile(ctx, name)
		if err != nil {
			return name, jsonnet.Contents{}, err
		}
		if contents, ok := known(name, data); ok {
			return name, contents, nil
		}
		return name, jsonnet.MakeContentsRaw(data), checkNesting(name, data)
	})
	return found.contents, found.err
}
