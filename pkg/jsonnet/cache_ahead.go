package jsonnet

import (
	"context"
	"fmt"
	"slices"
	"sync"

	gojsonnet "github.com/google/go-jsonnet"

	"github.com/mop-platform/mop/pkg/budget"
)

// ReaderAhead is what an Importer can be besides, so that files are parsed while
// the evaluation is not there yet: parsing is most of the time of a program that
// runs once.
type ReaderAhead interface {
	gojsonnet.Importer
	// ReadAhead returns what Import would for the same arguments, or false where it
	// would fail or cannot tell. The import counts for nothing: it may never be
	// evaluated. ReadAhead is called by several goroutines at a time, also while
	// Import is and when the evaluation has ended.
	ReadAhead(importedFrom, importedPath string) (contents gojsonnet.Contents, foundAt string, ok bool)
}

// ahead parses files before an evaluation imports them: those that a file is
// likely to need.
type ahead struct {
	ctx    context.Context
	cache  *Cache
	reader ReaderAhead

	mu sync.Mutex
	// queue are the imports to follow, the next one last.
	queue []wanted
	// kept is what was compiled, which the Cache does not keep, and followed what
	// was wanted of it.
	kept     []*compilation
	followed map[string]bool
}

// wanted is an import, in the file from.
type wanted struct {
	from string
	likelyImport
}

// newAhead returns nil where nothing is to be parsed ahead: in a profile each
// file's time is that of its import.
func newAhead(ctx context.Context, c *Cache, importer gojsonnet.Importer) *ahead {
	reader, ok := importer.(ReaderAhead)
	if !ok || c.profile != nil || cap(c.parsers) == 0 {
		return nil
	}
	return &ahead{ctx: ctx, cache: c, reader: reader, followed: map[string]bool{}}
}

// follow parses what the code of a file is likely to need, and so on, if a
// processor may be idle.
func (a *ahead) follow(file string, code *compilation) {
	if a == nil || len(code.outline.needs) == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.add(file, code.outline.needs)
}

// add has imports followed by as many goroutines as there is room for.
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
		contents, file, ok := a.reader.ReadAhead(next.from, next.path)
		if !ok {
			continue
		}
		code := a.cache.peek(programKey{file, contents})
		// What is wrong shows when it is imported.
		_ = code.compile(a.ctx, a.cache, file, contents, nil)
		a.mu.Lock()
		a.kept = append(a.kept, code)
		a.add(file, code.outline.of(next.fields))
		a.mu.Unlock()
	}
}

// next returns what follows, false where there is nothing.
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
