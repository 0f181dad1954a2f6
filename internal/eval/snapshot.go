package eval

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"weak"

	"github.com/mop-platform/mop/internal/jsonnet"
)

// Snapshot is what a [Files] has seen until now. It keeps the texts, and neither their code
// nor the source. It is immutable.
type Snapshot struct {
	files, elsewhere map[string]jsonnet.Contents
	// paths are the names that importers gave for their questions.
	paths    map[asked]string
	schemes  []string
	globs    map[string][]string
	compiled weak.Pointer[jsonnet.Cache]
}

// Snapshot returns what f has seen until now.
func (f *Files) Snapshot() *Snapshot {
	s := &Snapshot{files: map[string]jsonnet.Contents{}, paths: map[asked]string{}, schemes: slices.Collect(maps.Keys(f.importers)), compiled: weak.Make(f.compiled)}
	for name, a := range f.files.found() {
		s.files[name] = a.contents
	}
	for question, a := range f.elsewhere.asked.found() {
		s.paths[question] = a.name
	}
	f.elsewhere.mu.Lock()
	s.elsewhere = maps.Clone(f.elsewhere.contents)
	f.elsewhere.mu.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	s.globs = maps.Clone(f.globs)
	return s
}

// Files returns a Files with the files of the snapshot, and no others.
func (s *Snapshot) Files() *Files {
	importers := map[string]Importer{}
	for _, scheme := range s.schemes {
		importers[scheme] = s
	}
	return newFiles(s, importers, codeOf(s.compiled))
}

// codeOf returns a cache of compiled code, or a new one if it is gone.
func codeOf(cache weak.Pointer[jsonnet.Cache]) *jsonnet.Cache {
	if code := cache.Value(); code != nil {
		return code
	}
	return jsonnet.NewCache(0)
}

// ReadFile implements [Source].
func (s *Snapshot) ReadFile(_ context.Context, name string) ([]byte, error) {
	contents, ok := s.files[name]
	if !ok {
		return nil, &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
	}
	return contents.Data(), nil
}

// Glob implements [Source].
func (s *Snapshot) Glob(_ context.Context, pattern string) ([]string, error) {
	names, ok := s.globs[pattern]
	if !ok {
		return nil, fmt.Errorf("glob %s: %w", pattern, fs.ErrNotExist)
	}
	return names, nil
}

// Import implements [Importer].
func (s *Snapshot) Import(_ context.Context, from, path string) (name string, content []byte, err error) {
	name, ok := s.paths[asked{"", path}]
	if !ok {
		name, ok = s.paths[asked{from, path}]
	}
	if !ok {
		return "", nil, fs.ErrNotExist
	}
	return name, s.elsewhere[name].Data(), nil
}
