package jsonnet

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
)

// ReaderAhead is an optional interface of an Importer. With it, files are parsed before the
// evaluation imports them: parsing is most of the time of a program that runs once.
type ReaderAhead interface {
	Importer
	// ReadAhead returns what Import would return for the same arguments, or false if Import
	// would fail or ReadAhead cannot tell. The import does not count: the file may never be
	// evaluated. Several goroutines call ReadAhead at a time, also during Import and after
	// the evaluation has ended.
	ReadAhead(importedFrom, importedPath string) (contents Contents, foundAt string, ok bool)
}

// ahead parses files that another file is likely to need, before an evaluation imports
// them.
type ahead struct {
	ctx    context.Context
	cache  *Cache
	reader ReaderAhead

	mu sync.Mutex
	// queue has the imports to follow; the last one is next.
	queue []wanted
	// kept keeps the compilations alive, because the Cache does not. followed has the imports
	// that were followed.
	kept     []*compilation
	followed map[string]bool
}

// wanted is an import in the file from.
type wanted struct {
	from string
	likelyImport
}

// newAhead returns nil if nothing is parsed ahead. A profile is such a case: it counts the
// time of each file at its import.
func newAhead(ctx context.Context, c *Cache, importer Importer) *ahead {
	reader, ok := importer.(ReaderAhead)
	if !ok || c.profile != nil || cap(c.parsers) == 0 {
		return nil
	}
	return &ahead{ctx: ctx, cache: c, reader: reader, followed: map[string]bool{}}
}

// follow parses the files that the code is likely to need, and the files that those are
// likely to need, if a processor may be idle.
func (a *ahead) follow(file string, code *compilation) {
	if a == nil || len(code.outline.needs) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.add(file, code.outline.needs)
}

// add queues imports and starts as many goroutines as there is room for.
func (a *ahead) add(file string, imports []likelyImport) {
	for _, i := range slices.Backward(imports) {
		a.queue = append(a.queue, wanted{file, i})
		select {
		case a.cache.parsers <- struct{}{}:
			go a.run()
		default:
		}
	}
}

func (a *ahead) run() {
	defer func() { <-a.cache.parsers }()
	for {
		next, ok := a.next()
		if !ok {
			return
		}
		contents, file, ok := a.read(next)
		if !ok {
			continue
		}
		key := programKey{file, contents.String()}
		code := a.cache.peek(key)
		// An error appears when the file is imported.
		_ = code.compile(a.ctx, a.cache, key, nil)
		a.mu.Lock()
		a.kept = append(a.kept, code)
		a.add(file, code.outline.of(next.fields))
		a.mu.Unlock()
	}
}

// read reads a file for which the evaluation has not asked. If the importer panics, there is
// none: it will panic again when the evaluation asks, which is an error then.
func (a *ahead) read(w wanted) (contents Contents, file string, ok bool) {
	panicked := budget.Guarded(func() { contents, file, ok = a.reader.ReadAhead(w.from, w.path) })
	return contents, file, ok && panicked == nil
}

// next returns the next import, false if there is none.
func (a *ahead) next() (wanted, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.queue) > 0 && budget.Of(a.ctx).Err() == nil {
		last := len(a.queue) - 1
		next := a.queue[last]
		a.queue = a.queue[:last]
		key := fmt.Sprintf("%q %q %q", next.from, next.path, next.fields)
		if !a.followed[key] {
			a.followed[key] = true
			return next, true
		}
	}
	a.queue = nil
	return wanted{}, false
}
