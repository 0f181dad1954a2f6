package ending

import (
	"context"
	"os"
	"sync"
)

// Temporary holds the temporary directories of a process. It is safe for concurrent use.
type Temporary struct {
	// Dir is the directory in which they are made.
	Dir string

	mu   sync.Mutex
	dirs map[string]bool
	// over says that the end of the process has begun.
	over bool
}

// Make makes a temporary directory. Remove removes it, or Tidy at the end of the process.
// After Tidy it fails with [context.Canceled].
func (t *Temporary) Make(pattern string) (dir string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over {
		return "", context.Canceled
	}
	if dir, err = os.MkdirTemp(t.Dir, pattern); err != nil {
		return "", err
	}
	if t.dirs == nil {
		t.dirs = map[string]bool{}
	}
	t.dirs[dir] = true
	return dir, nil
}

// Remove removes a temporary directory.
func (t *Temporary) Remove(dir string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.dirs, dir)
	return os.RemoveAll(dir)
}

// Tidy removes the remaining directories at the end of the process, within [Tidying].
func (t *Temporary) Tidy() {
	Within(Tidying, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		for dir := range t.dirs {
			// A failure cannot be reported anywhere.
			_ = os.RemoveAll(dir)
		}
		t.over = true
	})
}
