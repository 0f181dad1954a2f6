package eval

import (
	"context"
	"errors"
	"sync"

	"github.com/mop-platform/mop/internal/budget"
	"github.com/mop-platform/mop/internal/jsonnet"
)

// answers are the answers of a source or an importer, which is asked for each file once. It
// is safe for concurrent use. The zero answers are none.
type answers[K comparable] struct {
	mu sync.Mutex
	by map[K]*answer
}

// answer is a file, or the reason why there is none. All but done is set when done is closed.
type answer struct {
	done     chan struct{}
	name     string
	contents jsonnet.Contents
	err      error
}

// errUnread is the answer of a source that panicked.
var errUnread = errors.New("the source of files panicked")

// kept reports whether the answer is for all: a file, or none. Other errors may be those of
// a context, and do not concern an evaluation with another one.
func (a *answer) kept() bool { return a.err == nil || isMissing(a.err) || isRefused(a.err) }

// of returns the answer for a key. If there is none, it calls ask, whose results it keeps if
// they are for all. It waits for another goroutine that asks the same, but not longer than
// ctx lasts.
func (a *answers[K]) of(ctx context.Context, key K, ask func() (name string, contents jsonnet.Contents, err error)) *answer {
	for {
		a.mu.Lock()
		entry, ok := a.by[key]
		if !ok {
			entry = &answer{done: make(chan struct{}), err: errUnread}
			if a.by == nil {
				a.by = map[K]*answer{}
			}
			a.by[key] = entry
		}
		a.mu.Unlock()
		if !ok {
			func() {
				// If ask panics, others must not take nothing for the contents.
				defer close(entry.done)
				entry.name, entry.contents, entry.err = ask()
			}()
		}
		select {
		case <-entry.done:
		default:
			select {
			case <-entry.done:
			case <-ctx.Done():
				return &answer{err: budget.Of(ctx).Err()}
			}
		}
		if entry.kept() {
			return entry
		}
		a.mu.Lock()
		if a.by[key] == entry {
			delete(a.by, key)
		}
		a.mu.Unlock()
		if !ok {
			return entry
		}
	}
}

// keys returns the keys of all questions.
func (a *answers[K]) keys() []K {
	a.mu.Lock()
	defer a.mu.Unlock()
	keys := make([]K, 0, len(a.by))
	for key := range a.by {
		keys = append(keys, key)
	}
	return keys
}

// found returns the answers that are files.
func (a *answers[K]) found() map[K]*answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	found := map[K]*answer{}
	for key, entry := range a.by {
		select {
		case <-entry.done:
			if entry.err == nil {
				found[key] = entry
			}
		default:
			// It is being read ahead, for nobody yet.
		}
	}
	return found
}
